"""What the steps of the merge share."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from supergraph.compose.composed import ComposedDirectives
from supergraph.compose.problems import Place, Problems
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.compose.usage import Usage
from supergraph.sdl.model import Applied, Element, Schema
from supergraph.sdl.values import EnumName, Plain, to_node
from supergraph.spec.link import Version

E = TypeVar("E", bound=Element)


@dataclass(frozen=True, slots=True, eq=False)
class Source(Generic[E]):
    """An element as one subgraph has it."""

    subgraph: LoadedSubgraph
    element: E

    @property
    def name(self) -> str:
        """The name of the subgraph."""
        return self.subgraph.name

    @property
    def place(self) -> Place:
        """Where the element stands."""
        return self.subgraph.place(self.element)


@dataclass(slots=True)
class Merge:
    """The state of one merge: subgraphs in, supergraph schema out.

    Attributes:
        subgraphs: Sorted by name.
        graphs: Subgraph name to its value in ``join__Graph``.
        join: The version of the join specification to print.
    """

    subgraphs: Sequence[LoadedSubgraph]
    usage: dict[str, Usage]
    graphs: dict[str, str]
    join: Version
    composed: ComposedDirectives
    problems: Problems
    schema: Schema = field(default_factory=Schema)

    def usage_of(self, source: Source[E]) -> Usage:
        """The facts about the subgraph that ``source`` is from."""
        return self.usage[source.name]

    def join_directive(self, directive: str, subgraph: LoadedSubgraph | None, **arguments: Plain) -> Applied:
        """An application of a join directive; arguments that are ``None`` are left out."""
        values: dict[str, Plain] = {}
        if subgraph is not None:
            values["graph"] = EnumName(self.graphs[subgraph.name])
        values |= {name: value for name, value in arguments.items() if value is not None}
        return Applied(f"join__{directive}", {name: to_node(value) for name, value in values.items()})


class Placed(Protocol):
    """What knows where it stands."""

    @property
    def place(self) -> Place:
        """The subgraph and the node."""


def places(sources: Iterable[Placed]) -> list[Place]:
    """Where all the sources stand."""
    return [source.place for source in sources]
