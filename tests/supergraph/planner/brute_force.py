"""The price of the best plan, found by trying everything: what the search is compared with.

Nothing of the search is used here but the query graph and the rule of which types can occur (``Scopes``). At each
position every set of nodes is opened, in every order, by every key. The result has the metric of ``Solution.cost``
without its tie-breaker: the sum of the stages of all fetches, then their number; fetches of one subgraph at one stage
and path count once.

Passing all open nodes down loses nothing: a node that is open costs nothing more, and nobody must use it.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, combinations, product
from typing import NamedTuple

from graphql import is_abstract_type

from supergraph.operation.model import Cast, Field, SelectionSet, Unit
from supergraph.planner.decisions import Entries
from supergraph.planner.scope import ANYTHING, Scope, Scopes
from supergraph.planner.serve import as_entries
from supergraph.query_graph import FieldSet, Node, QueryGraph, Target, can_be_sent_together

Fetches = frozenset[tuple[int, int]]


class Way(NamedTuple):
    """The price of one way to answer something.

    Attributes:
        stages, requests: Of all fetches but those in ``local``.
        local: The fetches at the position itself, as (subgraph, stage).
        ready: When the last answer is there.
    """

    stages: int = 0
    requests: int = 0
    local: Fetches = frozenset()
    ready: int = 0

    def price(self) -> tuple[int, int]:
        """Sum of stages, number of requests."""
        return self.stages + sum(stage for _, stage in self.local), self.requests + len(self.local)

    def beside(self, other: "Way") -> "Way":
        """Both, at one position."""
        return Way(
            self.stages + other.stages,
            self.requests + other.requests,
            self.local | other.local,
            max(self.ready, other.ready),
        )

    def closed(self) -> "Way":
        """The same, seen from another position."""
        return Way(*self.price(), frozenset(), self.ready)

    def is_never_worse_than(self, other: "Way") -> bool:
        """Whether it can stand for the other wherever that is used."""
        return self[:2] <= other[:2] and self.ready <= other.ready and self.local <= other.local


Ways = list[Way]
"""Alternatives, none of which can stand for another; empty if there is no way."""


class TooLargeError(Exception):
    """There is too much to try."""


class BruteForce:
    """Tries everything for the positions of one operation."""

    def __init__(self, graph: QueryGraph, *, limit_tries: int = 20_000) -> None:
        self._graph = graph
        self._scopes = Scopes(graph)
        self._tries_left = limit_tries
        self._known: dict[tuple[SelectionSet, Entries, Scope], Ways] = {}
        self._active: dict[tuple[SelectionSet, Entries], int] = {}
        self._lowest_reentered = 1 << 30

    def best_price(self, selection: SelectionSet) -> tuple[int, int] | None:
        """The least price of a query; ``None`` if it cannot be answered. Raises ``TooLargeError``."""
        return min((way.price() for way in self._solve(selection, (), ANYTHING)), default=None)

    def _solve(self, selection: SelectionSet, entries: Entries, scope: Scope) -> Ways:
        question = (selection, entries, scope)
        if question in self._known:
            return self._known[question]
        if question[:2] in self._active:
            # The cheapest way never contains the same question again: the inner answer would do for the outer.
            self._lowest_reentered = min(self._lowest_reentered, self._active[question[:2]])
            return []
        depth = self._active[question[:2]] = len(self._active)
        ways = _undominated(
            opened_way.beside(way)
            for opened, opened_way in self._openings(selection, entries)
            for way in self._serve(selection, opened, scope)
        )
        del self._active[question[:2]]
        if self._lowest_reentered >= depth:
            self._lowest_reentered = 1 << 30
            self._known[question] = ways
        return ways

    # --- opening ---------------------------------------------------------------------------------------------------

    def _openings(self, selection: SelectionSet, entries: Entries) -> Iterator[tuple[Entries, Way]]:
        """Every set of nodes that can be opened, with its price; earlier stages first, since later ones need them."""
        candidates = self._candidates(selection, entries)
        pending: list[tuple[Entries, Way, tuple[int, int]]] = [(entries, Way(), (-1, -1))]
        while pending:
            opened, way, last = pending.pop()
            self._tries_left -= 1
            if self._tries_left < 0:
                raise TooLargeError
            yield opened, Way(way.stages, way.requests, way.local)
            for order, (target, node) in enumerate(candidates):
                if any(node is other for other, _ in opened):
                    continue
                for stage, condition in self._open(target, node, opened, entries):
                    if (stage, order) > last:
                        fetch = Way(local=frozenset({(node.graph, stage)}))
                        following = as_entries([*opened, (node, stage)])
                        pending.append((following, way.beside(condition).beside(fetch), (stage, order)))

    def _open(self, target: Target, node: Node, opened: Entries, entries: Entries) -> Iterator[tuple[int, Way]]:
        """The stages at which a node can be opened, each with what its conditions cost."""
        granted = [self._granted[id_] for id_ in sorted(node.granted)]
        if not target.keys:
            yield (entries[0][1] + 1 if entries else 0), Way()
            return
        for key in target.keys:
            reads = [Way(ready=opened[0][1] if opened else 0)]
            for condition in (key, *granted):
                served = [way.closed() for way in self._serve(condition.selection, opened, ANYTHING)]
                reads = _undominated(a.beside(b) for a, b in product(reads, served))
            for way in reads:
                yield way.ready + 1, Way(way.stages, way.requests)

    def _candidates(self, selection: SelectionSet, entries: Entries) -> list[tuple[Target, Node]]:
        self._granted: dict[str, FieldSet] = getattr(self, "_granted", {})
        here = {node for node, _ in entries}
        targets = self._graph.targets(selection.type)
        conditions = [key.selection for target in targets for key in target.keys]
        asked: set[str] = set()
        pending = [selection, *conditions]
        while pending:
            names = {unit.name for unit in pending.pop().units if isinstance(unit, Field)} - asked
            asked |= names
            for target, name in product(targets, names):
                wanted = self._graph.wanted_requires(target.graph, target.type, name)
                if wanted is not None:
                    self._granted[wanted.id] = wanted
                    pending.append(wanted.selection)
        found = []
        for target in targets:
            sets = {
                wanted.id: wanted
                for name in sorted(asked)
                if (wanted := self._graph.wanted_requires(target.graph, target.type, name)) is not None
            }
            for granted in chain.from_iterable(combinations(sets.values(), size) for size in range(len(sets) + 1)):
                if all(can_be_sent_together(a.selection, b.selection) for a, b in combinations(granted, 2)):
                    node = self._graph.node(target.graph, target.type, granted=frozenset(one.id for one in granted))
                    if node not in here:
                        found.append((target, node))
        return found

    # --- serving ---------------------------------------------------------------------------------------------------

    def _serve(self, selection: SelectionSet, entries: Entries, scope: Scope) -> Ways:
        """All ways to answer a selection from open nodes."""
        if not is_abstract_type(self._graph.schema.type_map[selection.type]):
            return _together(self._serve_unit(selection, unit, entries, scope) for unit in selection.units)
        casts = _together(
            self._serve_unit(selection, unit, entries, scope) for unit in selection.units if not _is_field(unit)
        )
        fields = [unit for unit in selection.units if _is_field(unit)]
        ways: Ways = []
        nodes = [node for node, _ in entries]
        for providers in product((None, *nodes), repeat=len(fields)):
            parts = [casts]
            parts += [
                self._serve_unit(selection, unit, entries, scope)
                for unit, provider in zip(fields, providers, strict=True)
                if provider is None
            ]
            for node, stage in entries:
                exploded = tuple(unit for unit, provider in zip(fields, providers, strict=True) if provider is node)
                if exploded:
                    parts.append(self._explode(exploded, node, stage, scope))
            ways += _together(parts)
        return _undominated(ways)

    def _serve_unit(self, selection: SelectionSet, unit: Unit, entries: Entries, scope: Scope) -> Ways:
        if isinstance(unit, Cast):
            return self._serve_cast(unit, entries, scope)
        assert isinstance(unit, Field)
        if unit.name == "__typename":
            if not is_abstract_type(self._graph.schema.type_map[selection.type]):
                return [Way()]
            stages = [stage for node, stage in entries if not self._graph.is_interface_object(node)]
            return [Way(ready=min(stages))] if stages else []
        edges = [(stage, edge) for node, stage in entries if (edge := self._graph.edge(node, unit.name)) is not None]
        if unit.selection is None:
            return [Way(ready=min(stage for stage, _ in edges))] if edges else []
        tails: dict[Node, int] = {}
        for stage, edge in edges:
            if edge.tail is not None:
                tails[edge.tail] = min(stage, tails.get(edge.tail, stage))
        if not tails:
            return []
        below = self._scopes.below_field(selection.type, unit, entries, scope)
        return _undominated(way.closed() for way in self._solve(unit.selection, as_entries(tails.items()), below))

    def _serve_cast(self, unit: Cast, entries: Entries, scope: Scope) -> Ways:
        if not scope.admits(unit.type):
            return [Way()]
        tails: dict[Node, int] = {}
        for node, stage in entries:
            cast = self._graph.cast(node, unit.type)
            if cast is not None:
                tails[cast] = min(stage, tails.get(cast, stage))
            elif not self._graph.is_interface_object(node):
                return [Way()]
        if not tails:
            return []
        below = self._scopes.below_cast(unit.selection, unit.type, scope)
        return self._solve(unit.selection, as_entries(tails.items()), below)

    def _explode(self, units: tuple[Unit, ...], node: Node, stage: int, scope: Scope) -> Ways:
        types = self._graph.runtime_types(node)
        if types is None:
            return []
        parts = []
        for type_name in types:
            cast = self._graph.cast(node, type_name)
            if scope.admits(type_name) and cast is not None:
                selection = SelectionSet(type_name, units)
                below = self._scopes.below_cast(selection, type_name, scope)
                parts.append(self._solve(selection, ((cast, stage),), below))
        return _together(parts)


def _is_field(unit: Unit) -> bool:
    return isinstance(unit, Field) and unit.name != "__typename"


def _together(parts: Iterable[Ways]) -> Ways:
    """All combinations of one way of each part."""
    ways = [Way()]
    for part in parts:
        ways = _undominated(a.beside(b) for a, b in product(ways, part))
        if not ways:
            break
    return ways


def _undominated(ways: Iterable[Way]) -> Ways:
    kept: Ways = []
    for way in sorted(set(ways), key=lambda way: (way[:2], len(way.local), way.ready, sorted(way.local))):
        if not any(other.is_never_worse_than(way) for other in kept):
            kept.append(way)
    return kept
