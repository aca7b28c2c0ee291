"""What a walk of satisfiability has already seen."""

from supergraph.compose.reachability import Nodes

Seen = tuple[str, Nodes, frozenset[str]]
"""An API type, the nodes in which its object can be had, and the contexts that are set above it."""


class Visited:
    """The states that need no second visit: with as much and more, all was fine, or was reported already."""

    def __init__(self, earlier: "Visited | None" = None) -> None:
        self._earlier = earlier
        self._exact: set[Seen] = set()
        self._by_type: dict[str, list[Seen]] = {}

    def covers(self, seen: Seen) -> bool:
        """Was an earlier state satisfied with this or less?"""
        if seen in self._exact:
            return True
        type_name, nodes, contexts = seen
        if any(had <= nodes and needed <= contexts for _, had, needed in self._by_type.get(type_name, ())):
            return True
        return self._earlier is not None and self._earlier.covers(seen)

    def add(self, seen: Seen) -> None:
        """Remember a state."""
        self._exact.add(seen)
        self._by_type.setdefault(seen[0], []).append(seen)

    def keep(self) -> None:
        """Hand everything to the earlier visits that this one began with."""
        if self._earlier is not None:
            for seen in self._exact:
                self._earlier.add(seen)
