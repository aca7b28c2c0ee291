"""A request to a subgraph, as policies see it."""

from dataclasses import dataclass, field

from multidict import CIMultiDict


@dataclass(slots=True, kw_only=True, eq=False)
class SubgraphCall:
    """What is about to be sent on behalf of a client's request.

    Attributes:
        subgraph: Its name.
        kind: ``query`` or ``mutation``.
        operation: The GraphQL text in ``body``.
        body: The whole JSON body; may be replaced.
        headers: Sent besides those that the header rules make, and instead of those of the same name.
    """

    subgraph: str
    kind: str
    operation: str
    body: bytes
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
