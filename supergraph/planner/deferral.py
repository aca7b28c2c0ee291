"""Deferred parts: requests of their own for what may come later.

    operation ──▶ settle ──▶ draft what is not deferred ──▶ draft each deferred part ──▶ fetch graph
                  ▲ you are here                           ▲ and here

A deferred part starts where its object stands in what was fetched before. It reads there what representations are made
of (the node is *sealed*) and asks for the rest in requests of its own, also in a subgraph that was asked already.
What cannot be asked apart, because its object has no key, is fetched along and only delivered later.

So a plan is drafted with everything apart that may be; what turns out unreachable is settled with what is around it,
and the plan is drafted again. Each round settles at least one field.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from supergraph.operation.defer import HIDDEN_TYPENAME
from supergraph.operation.model import Cast, Deferred, Field, SelectionSet, Unit
from supergraph.planner.contexts import ContextCast
from supergraph.planner.materialise import Materialiser, Reached, Writers
from supergraph.planner.search import Search
from supergraph.planner.serve import as_entries
from supergraph.query_graph import QueryGraph

Draft = Callable[[Search, SelectionSet], Materialiser]

Mark = int | tuple[int, str]
"""What stands for a unit of a deferred part: a field's id; of a type condition the part's id and the type."""


def draft_with_deferred_parts(draft: Draft, search: Search, selection: SelectionSet) -> Materialiser:
    """What ``draft`` makes of the selection, and the requests of its deferred parts."""
    settled: set[Mark] = set()
    while True:
        result = draft(search, settle(search.graph, selection, settled))
        unreachable = {unit for reached in result.reached for unit in _draft_part(search, result, reached)}
        if not unreachable:
            return result
        settled |= unreachable


def _mark(part: Deferred, unit: Unit) -> Mark:
    return unit.id if isinstance(unit, Field) else (part.block.id, unit.type)


def _draft_part(search: Search, result: Materialiser, reached: Reached) -> Iterable[Mark]:
    """Draft one part at one place; returns what cannot be reached from there.

    The list of places grows while it is walked: a part may have parts.
    """
    graph, selection = search.graph, reached.part.selection
    writers: Writers = {}
    for node, writer in reached.writers.items():
        known = writers.setdefault(graph.sealed(node), writer)
        if writer.draft.stage < known.draft.stage:
            writers[graph.sealed(node)] = writer
    entries = as_entries((node, writer.draft.stage) for node, writer in writers.items()) if reached.place.path else ()
    solution = search.solve(selection, entries)
    if solution.unserved or solution.solved < search.leaves(selection):
        units = [selection.units[index] for index in solution.unserved] or selection.units
        return [_mark(reached.part, unit) for unit in units]
    result.place_part(reached, solution, writers)
    return ()


def settle(graph: QueryGraph, selection: SelectionSet, settled: set[Mark]) -> SelectionSet:
    """The selection with only those parts deferred that may have requests of their own.

    Moved out of a part is what is marked in ``settled``, what objects have that nothing can open, and what is selected
    around it anyway. Where a composite field or a type condition is moved, what it selects is deferred further down.
    """
    units: list[Unit] = []
    for unit in selection.units:
        if unit.selection is None or (below := settle(graph, unit.selection, settled)) is unit.selection:
            units.append(unit)
        else:
            units.append(replace(unit, selection=below))
    around = {unit.response_key: unit for unit in units if isinstance(unit, Field) and not unit.conditions}
    deferred: list[Deferred] = []
    openable = bool(selection.deferred) and bool(graph.targets(selection.type))
    for part in selection.deferred:
        inner = settle(graph, part.selection, settled)
        moved = [
            unit
            for unit in inner.units
            if not openable
            or isinstance(unit, ContextCast)
            or _mark(part, unit) in settled
            or _is_around(graph, unit, around)
        ]
        # What fields below take from here is read before them, once for all.
        contexts = {(unit.wanted, unit.type) for unit in units if isinstance(unit, ContextCast)}
        wanted = [unit for unit in moved if isinstance(unit, ContextCast) and (unit.wanted, unit.type) not in contexts]
        units = [*wanted, *units]
        units.extend(_defer_below(graph, part, unit, settled) for unit in moved if not isinstance(unit, ContextCast))
        staying = tuple(unit for unit in inner.units if unit not in moved)
        if staying:
            deferred.append(replace(part, selection=SelectionSet(inner.type, staying, inner.deferred)))
        else:
            deferred.extend(inner.deferred)
    if not selection.deferred and all(new is old for new, old in zip(units, selection.units, strict=True)):
        return selection
    return SelectionSet(selection.type, tuple(units), tuple(deferred))


def _is_around(graph: QueryGraph, unit: Unit, around: dict[str, Field]) -> bool:
    """Whether the field is selected anyway, and what it selects itself can be deferred further down."""
    if isinstance(unit, Cast) or unit.response_key not in around:
        return False
    return unit.selection is None or bool(graph.targets(unit.selection.type))


def _defer_below(graph: QueryGraph, part: Deferred, unit: Unit, settled: set[Mark]) -> Unit:
    if unit.selection is None:
        return unit
    below = SelectionSet(unit.selection.type, (HIDDEN_TYPENAME,), (replace(part, selection=unit.selection),))
    return replace(unit, selection=settle(graph, below, settled))
