"""Where planning starts: the root of each kind of operation.

A query may take its root fields from all subgraphs at once. The root fields of a mutation run one after the other, each
in exactly one subgraph, and what follows from one is finished before the next one starts elsewhere. A subscription has
one root field in one subgraph; the rest of its plan runs for each event.
https://spec.graphql.org/September2025/#sec-Mutation
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from supergraph.errors import PlanningError
from supergraph.operation.model import Field, Operation, SelectionSet
from supergraph.planner.decisions import Solution
from supergraph.planner.materialise import Materialiser, Writer
from supergraph.planner.search import Search
from supergraph.query_graph import Node

if TYPE_CHECKING:
    from supergraph.planner.drafts import Draft

LOCAL_FIELDS = frozenset({"__schema", "__type", "__typename"})
"""Root fields that the gateway answers itself."""


def remote_selection(operation: Operation) -> SelectionSet:
    """The root selection without what is answered locally. The root is an object type, so it has no casts."""
    return _without_local_fields(operation.selection)


def _without_local_fields(selection: SelectionSet) -> SelectionSet:
    units = tuple(unit for unit in selection.units if isinstance(unit, Field) and unit.name not in LOCAL_FIELDS)
    parts = [replace(part, selection=_without_local_fields(part.selection)) for part in selection.deferred]
    deferred = tuple(part for part in parts if part.selection.units or part.selection.deferred)
    return SelectionSet(selection.type, units, deferred)


def draft_query(search: Search, selection: SelectionSet) -> Materialiser:
    """The fetch graph of a query."""
    solution = search.solve(selection, ())
    _check(search, selection, solution)
    result = Materialiser(search.graph, "query", selection, search.budget)
    result.place(selection, solution, {}, result.root)
    return result


def draft_mutation(search: Search, selection: SelectionSet) -> Materialiser:
    """The fetch graph of a mutation; neighbouring root fields in one subgraph share a request."""
    result = Materialiser(search.graph, "mutation", selection, search.budget)
    current: Draft | None = None
    since = 0  # the first request of the current root: whoever waits for it waits for all before
    for unit in selection.units:
        assert isinstance(unit, Field)
        single = SelectionSet(selection.type, (unit,))
        node, solution = best_entry(search, single, unit)
        if current is None or current.graph != node.graph:
            before = dict.fromkeys(result.drafts[since:])
            since = len(result.drafts)
            current = result.new_draft(node.graph, "mutation")
            current.needs = before
        result.place(single, solution, {node: Writer(current, current.selection)}, result.root)
    return result


def draft_subscription(search: Search, selection: SelectionSet) -> Materialiser:
    """The fetch graph of a subscription: first the one that opens the stream, then those for each event."""
    if len(selection.units) != 1 or not isinstance(unit := selection.units[0], Field):
        raise PlanningError("A subscription must have exactly one root field, and it cannot be an introspection field.")
    result = Materialiser(search.graph, "subscription", selection, search.budget)
    node, solution = best_entry(search, selection, unit)
    primary = result.new_draft(node.graph, "subscription")
    result.place(selection, solution, {node: Writer(primary, primary.selection)}, result.root)
    return result


def best_entry(search: Search, selection: SelectionSet, unit: Field) -> tuple[Node, Solution]:
    """The one subgraph that answers a root field, and everything below it, at the least cost."""
    best: tuple[Node, Solution] | None = None
    for graph in range(len(search.graph.subgraphs)):
        node = search.graph.node(graph, selection.type)
        if search.graph.edge(node, unit.name) is None:
            continue
        solution = search.solve_closed(selection, ((node, 0),))
        rank = (-solution.solved, solution.cost)
        if best is None or rank < (-best[1].solved, best[1].cost):
            best = (node, solution)
    if best is None:
        raise PlanningError(
            f"No subgraph resolves {selection.type}.{unit.name}.", coordinate=f"{selection.type}.{unit.name}"
        )
    _check(search, selection, best[1])
    return best


def _check(search: Search, selection: SelectionSet, solution: Solution) -> None:
    if solution.solved >= search.leaves(selection) and not solution.unserved:
        return
    message = f"{solution.missing} cannot be reached by any plan for this operation."
    raise PlanningError(message, coordinate=solution.missing)
