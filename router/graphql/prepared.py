"""An operation that is valid, and what its caller may be refused for.

    text ──▶ Prepared ──▶ may this caller? ──▶ plan
             ▲ you are here

Whether the document is valid, and what it exceeds, is the same for all callers, so it is found out once. Whether that
is refused is decided for each request: it may depend on the door, the route and the caller.
"""

from typing import NamedTuple

from router.graphql.limits import Excess
from supergraph.operation.model import Operation


class Prepared(NamedTuple):
    """What is known of a document; there is one for each request that comes from a template, hence a tuple.

    Attributes:
        exceeded: The limits that it exceeds.
        asks_for_schema: Whether it selects ``__schema`` or ``__type``.
    """

    operation: Operation
    exceeded: tuple[Excess, ...]
    asks_for_schema: bool
