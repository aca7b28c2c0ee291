"""What can occur at a position, beside what its entries say.

A field that several subgraphs resolve answers alike in all of them. So an object type that one of them does not know
there cannot occur, even if the plan never asks that one. The subgraphs that could have supplied a position without
being asked are its *rivals*; they are handed down, since what one of them returns may in turn be narrower.
"""

from collections.abc import Iterable
from typing import NamedTuple

from graphql import is_abstract_type

from supergraph.operation.model import Field, SelectionSet
from supergraph.planner.decisions import NO_LOCAL, Entries, Local
from supergraph.query_graph import Node, QueryGraph


class Scope(NamedTuple):
    """What is known of a position.

    Attributes:
        allowed: The object types that can occur, if that is fewer than the entries' subgraphs know.
        rivals: Nodes that the object could have come from as well.
        paid: Fetches that are made at this place anyway, for objects of another type.
    """

    allowed: frozenset[str] | None = None
    rivals: frozenset[Node] = frozenset()
    paid: Local = NO_LOCAL

    def admits(self, type_name: str) -> bool:
        """Whether an object of the type can occur."""
        return self.allowed is None or type_name in self.allowed


ANYTHING = Scope()


class Scopes:
    """Computes scopes in one planning run."""

    def __init__(self, graph: QueryGraph) -> None:
        self._graph = graph
        self._known: dict[tuple[str, Field, tuple[Node, ...], frozenset[Node]], Scope] = {}
        self._reaches_abstract: dict[SelectionSet, bool] = {}

    def below_field(self, parent_type: str, unit: Field, entries: Entries, scope: Scope) -> Scope:
        """The scope of the position that ``unit`` leads to."""
        assert unit.selection is not None
        if not self._matters(unit.selection):
            return ANYTHING
        key = (parent_type, unit, tuple(node for node, _ in entries), scope.rivals)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._find(parent_type, unit, entries, scope)
        return known

    def below_cast(self, selection: SelectionSet, type_name: str, scope: Scope) -> Scope:
        """The scope of the same object once its type is known."""
        if not scope.rivals or not self._matters(selection):
            return ANYTHING
        casts = (self._graph.cast(rival, type_name) for rival in scope.rivals)
        return Scope(None, frozenset(cast for cast in casts if cast is not None))

    def _find(self, parent_type: str, unit: Field, entries: Entries, scope: Scope) -> Scope:
        assert unit.selection is not None
        own = {edge.tail for node, _ in entries if (edge := self._graph.edge(node, unit.name)) is not None}
        targets = [self._graph.node(target.graph, target.type) for target in self._graph.targets(parent_type)]
        tails = self._tails([*(node for node, _ in entries), *targets, *scope.rivals], unit.name)
        rivals = frozenset(tail for tail in tails if tail not in own)
        if not is_abstract_type(self._graph.schema.type_map[unit.selection.type]):
            return Scope(None, rivals)
        return Scope(self._intersect(tails), rivals)

    def _tails(self, nodes: Iterable[Node], name: str) -> list[Node]:
        found: dict[Node, None] = {}
        for node in nodes:
            edge = self._graph.edge(node, name)
            if edge is not None and edge.tail is not None:
                found[edge.tail] = None
        return list(found)

    def _intersect(self, tails: list[Node]) -> frozenset[str] | None:
        """The types that every subgraph knows there; ``None`` if there is only one to ask."""
        known: dict[int, set[str]] = {}
        for tail in tails:
            types = self._graph.runtime_types(tail)
            if types is not None:
                known.setdefault(tail.graph, set(types)).intersection_update(types)
        return frozenset(set.intersection(*known.values())) if len(known) > 1 else None

    def _matters(self, selection: SelectionSet) -> bool:
        """Whether an abstract position is reached, so that it matters which types can occur."""
        known = self._reaches_abstract.get(selection)
        if known is None:
            known = is_abstract_type(self._graph.schema.type_map[selection.type]) or any(
                self._matters(unit.selection) for unit in selection.units if unit.selection is not None
            )
            self._reaches_abstract[selection] = known
        return known
