"""Serving the units of a selection from nodes that are open.

One level of the search: no fetch is opened here for the position itself. A leaf is taken from the earliest node that
has it; a composite field hands *all* nodes it can be reached through down to its own position; a type condition does
the same with the casts of the open nodes; an interface field that no open node answers on the interface is asked of
every type behind one of them. What is decided type by type is then brought into line, see ``sharing``.
"""

from collections.abc import Iterable

from supergraph.operation.model import Cast, Field, SelectionSet
from supergraph.planner.budget import Budget
from supergraph.planner.decisions import (
    CastChoice,
    Entries,
    FieldChoice,
    LeavesChoice,
    Served,
    Solution,
)
from supergraph.planner.leaves import LeafTable
from supergraph.planner.scope import ANYTHING, Scope, Scopes
from supergraph.planner.sharing import Part, Solve, price_together, share
from supergraph.query_graph import Node, QueryGraph, count_leaves


class Server:
    """Serves selections; ``solve`` decides the positions below."""

    def __init__(self, graph: QueryGraph, solve: Solve, budget: Budget) -> None:
        self.graph = graph
        self._budget = budget
        self._solve = solve
        self._exploded: dict[tuple[tuple[int, ...], str], SelectionSet] = {}
        self._leaves: dict[SelectionSet, int] = {}
        self._table = LeafTable(graph)
        self._scopes = Scopes(graph)

    def leaves(self, selection: SelectionSet) -> int:
        """How many leaves a complete solution answers."""
        known = self._leaves.get(selection)
        if known is None:
            known = self._leaves[selection] = count_leaves(selection)
        return known

    def serve(self, selection: SelectionSet, entries: Entries, scope: Scope = ANYTHING) -> Served:
        """Answer as much of the selection as the entries can.

        Args:
            selection: What is asked at one position.
            entries: The open nodes.
            scope: What can occur here.
        """
        served = Served()
        served.ready = entries[0][1] if entries else 0
        anatomy = self._table.anatomy(selection)
        to_explode: dict[int, FieldChoice | None] = {}
        for index, field in anatomy.fields:
            assert field.selection is not None
            choice = self._choose_field(field, selection.type, entries, scope)
            if choice is None or (anatomy.is_abstract and choice.child.solved < self.leaves(field.selection)):
                to_explode[index] = choice
            else:
                self._add_field(served, index, choice)
        to_explode |= dict.fromkeys(self._table.unserved(selection, entries))
        parts = [
            part for index, cast in anatomy.casts if (part := self._serve_cast(served, index, cast, entries, scope))
        ]
        if to_explode:
            parts += self._explode(served, selection, to_explode, entries, scope)
        if parts:
            if not self._budget.is_exhausted():
                share(parts, self._solve)
            for part in parts:
                self._add_part(served, part)
        for index, field in anatomy.typenames:
            self._serve_typename(served, index, field, selection, entries)
        if anatomy.leaves:
            self._table.divide(served, selection, entries)
        served.unserved.sort()
        return served

    def _serve_typename(
        self, served: Served, index: int, unit: Field, selection: SelectionSet, entries: Entries
    ) -> None:
        if not self._table.anatomy(selection).is_abstract:
            served.choices.append(LeavesChoice((unit,), None))
            served.solved += 1
            return
        for node, stage in entries:
            if not self.graph.is_interface_object(node):
                served.choices.append(LeavesChoice((unit,), node))
                served.uses.add(node)
                served.solved += 1
                served.ready = max(served.ready, stage)
                return
        served.unserved.append(index)
        served.missing = served.missing or f"{selection.type}.__typename"

    def _choose_field(self, unit: Field, parent_type: str, entries: Entries, scope: Scope) -> FieldChoice | None:
        """A composite field through all nodes that have it; ``None`` if no open node does."""
        assert unit.selection is not None
        tails: dict[Node, tuple[int, Node]] = {}
        for node, stage in entries:
            edge = self.graph.edge(node, unit.name)
            if edge is not None and edge.tail is not None and edge.tail not in tails:
                tails[edge.tail] = (stage, node)
        if not tails:
            return None
        below = as_entries((tail, stage) for tail, (stage, _) in tails.items())
        child = self._solve(unit.selection, below, self._scopes.below_field(parent_type, unit, entries, scope))
        used = child.uses or {below[0][0]}  # a position of which nothing is asked must still come from somewhere
        parents = {tail: node for tail, (_, node) in tails.items() if tail in used}
        return FieldChoice(unit, parents, child)

    def _add_field(self, served: Served, index: int, choice: FieldChoice) -> None:
        child = choice.child
        assert choice.unit.selection is not None
        served.choices.append(choice)
        served.uses.update(choice.parents.values())
        served.weight += len(choice.parents) - 1
        served.stages += child.cost[0]
        served.requests += child.cost[1]
        served.weight += child.weight
        self._count(served, index, child, self.leaves(choice.unit.selection))

    def _count(self, served: Served, index: int, child: Solution, leaves: int) -> None:
        served.solved += child.solved
        served.ready = max(served.ready, child.ready)
        if child.solved < leaves:
            served.unserved.append(index)
            served.missing = served.missing or child.missing

    def _serve_cast(self, served: Served, index: int, unit: Cast, entries: Entries, scope: Scope) -> Part | None:
        """A type condition, still to be added; ``None`` if there is nothing to add."""
        if not scope.admits(unit.type):
            served.solved += self.leaves(unit.selection)
            return None
        tails: dict[Node, tuple[int, Node]] = {}
        impossible = False
        for node, stage in entries:
            cast = self.graph.cast(node, unit.type)
            if cast is not None:
                tails.setdefault(cast, (stage, node))
            else:
                impossible = impossible or not self.graph.is_interface_object(node)
        if impossible:
            # A subgraph that supplies this position does not know the type here, so it cannot occur.
            served.solved += self.leaves(unit.selection)
            return None
        if not tails:
            served.unserved.append(index)
            served.missing = served.missing or f"{unit.type} (concrete type unknown)"
            return None
        below = as_entries((tail, stage) for tail, (stage, _) in tails.items())
        inner = self._scopes.below_cast(unit.selection, unit.type, scope)
        child = self._solve(unit.selection, below, inner)
        return Part(unit, {tail: tails[tail][1] for tail, _ in below}, below, inner, child, index)

    def _add_part(self, served: Served, part: Part) -> None:
        child = part.child
        used = child.uses or {part.entries[0][0]}  # somebody must tell that the object is of this type
        parents = {tail: node for tail, node in part.tails.items() if tail in used}
        served.choices.append(CastChoice(part.unit, parents, child))
        served.uses.update(parents.values())
        served.local |= child.local
        served.stages += child.stages
        served.requests += child.requests
        served.weight += child.weight
        if part.index is None:
            served.uses.update(part.tails.values())
            served.ready = max(served.ready, child.ready)
        else:
            self._count(served, part.index, child, self.leaves(part.unit.selection))

    def _explode(
        self,
        served: Served,
        selection: SelectionSet,
        partial: dict[int, FieldChoice | None],
        entries: Entries,
        scope: Scope,
    ) -> list[Part]:
        """Ask fields of an abstract position of every type behind it; all types through one node.

        ``partial`` holds what could be had of each field on the position itself.

        Pieces of one interface field are never put together from different nodes: each of these knows only its own
        types, and an object of a type that only the other knows would be answered with less than was asked.
        """
        parts: list[Part] = []
        rest = list(partial)
        if self._table.anatomy(selection).is_abstract:
            groups = [rest, *([index] for index in rest if len(rest) > 1)]
            for group in groups:
                explosion = self._best_explosion(selection, group, entries, scope)
                if explosion is None:
                    continue
                served.uses.add(explosion.node)
                served.solved += explosion.leaves
                parts += explosion.parts
                rest = [index for index in rest if index not in group]
                if not rest:
                    break
        for index in rest:
            choice = partial[index]
            if choice is not None:
                self._add_field(served, index, choice)
            else:
                unit = selection.units[index]
                assert isinstance(unit, Field)
                served.unserved.append(index)
                served.missing = served.missing or f"{selection.type}.{unit.name}"
        return parts

    def _best_explosion(
        self, selection: SelectionSet, indexes: list[int], entries: Entries, scope: Scope
    ) -> "Explosion | None":
        best: Explosion | None = None
        for node, stage in entries:
            types = self.graph.runtime_types(node)
            if types is None:
                continue
            explosion = Explosion(node, sum(self._weight(selection, index) for index in indexes))
            for type_name in types:
                if not scope.admits(type_name):
                    continue
                synthetic = self._exploded_selection(selection, indexes, type_name)
                cast = self.graph.cast(node, type_name)
                assert cast is not None
                inner = self._scopes.below_cast(synthetic, type_name, scope)
                child = self._solve(synthetic, ((cast, stage),), inner)
                unit = Cast(type=type_name, selection=synthetic)
                explosion.parts.append(Part(unit, {cast: node}, ((cast, stage),), inner, child))
                if child.solved < self.leaves(synthetic):
                    break
            else:
                if best is None or explosion.cost() < best.cost():
                    best = explosion
        return best

    def _weight(self, selection: SelectionSet, index: int) -> int:
        sub_selection = selection.units[index].selection
        return self.leaves(sub_selection) if sub_selection is not None else 1

    def _exploded_selection(self, selection: SelectionSet, indexes: list[int], type_name: str) -> SelectionSet:
        units = tuple(unit for index in indexes if isinstance(unit := selection.units[index], Field))
        key = (tuple(unit.id for unit in units), type_name)
        known = self._exploded.get(key)
        if known is None or known.units != units:
            known = self._exploded[key] = SelectionSet(type_name, units)
        return known


class Explosion:
    """One way of asking fields of an abstract position type by type."""

    __slots__ = ("leaves", "node", "parts")

    def __init__(self, node: Node, leaves: int) -> None:
        self.node = node
        self.leaves = leaves
        self.parts: list[Part] = []

    def cost(self) -> tuple[int, int, int]:
        """As ``Solution.cost``, with fetches that types share counted once."""
        return price_together([part.child for part in self.parts])


def as_entries(pairs: Iterable[tuple[Node, int]]) -> Entries:
    """Entries in their canonical order."""
    return tuple(sorted(pairs, key=lambda entry: (entry[1], entry[0].rank)))
