"""What a walk of satisfiability has already seen."""

from collections.abc import Iterator
from typing import Protocol

from supergraph.compose.reachability import Nodes
from supergraph.query_graph import QueryGraph

Seen = tuple[str, Nodes, frozenset[str]]
"""An API type, the nodes in which its object can be had, and the contexts that are set above it."""


class Visits(Protocol):
    """States that need no second visit: with as much and more, all was fine, or was reported already."""

    def covers(self, seen: Seen) -> bool:
        """Was there a state with this or less?"""
        ...


class Visited:
    """The visits of one walk, and the earlier ones that it relies on."""

    def __init__(self, earlier: Visits | None = None) -> None:
        self._earlier = earlier
        self._exact: set[Seen] = set()
        self._by_type: dict[str, list[Seen]] = {}

    def covers(self, seen: Seen) -> bool:
        """Was there a state with this or less?"""
        if seen in self._exact:
            return True
        type_name, nodes, contexts = seen
        if any(had <= nodes and needed <= contexts for _, had, needed in self.of_type(type_name)):
            return True
        return self._earlier is not None and self._earlier.covers(seen)

    def of_type(self, type_name: str) -> list[Seen]:
        """The states of one API type."""
        return self._by_type.get(type_name, [])

    def add(self, seen: Seen) -> None:
        """Remember a state."""
        self._exact.add(seen)
        self._by_type.setdefault(seen[0], []).append(seen)

    def add_all(self, other: "Visited") -> None:
        """Remember the visits of another walk, but not those that it relied on."""
        for seen in other.all():
            self.add(seen)

    def all(self) -> Iterator[Seen]:
        """Every state, type by type."""
        for states in self._by_type.values():
            yield from states


class TranslatedVisits:
    """The visits of a walk in another state of the labels, in terms of this one's graph."""

    def __init__(self, visited: Visited, graph: QueryGraph) -> None:
        self._visited = visited
        self._graph = graph
        self._by_type: dict[str, Visited] = {}

    def covers(self, seen: Seen) -> bool:
        """Was there a state with this or less?"""
        type_name = seen[0]
        known = self._by_type.get(type_name)
        if known is None:
            known = self._by_type[type_name] = Visited()
            for name, nodes, contexts in self._visited.of_type(type_name):
                known.add((name, translated(nodes, self._graph), contexts))
        return known.covers(seen)


def translated(nodes: Nodes, graph: QueryGraph) -> Nodes:
    """The nodes of ``graph`` that have the same properties."""
    return frozenset(graph.node(node.graph, node.type, node.provided, node.granted) for node in nodes)
