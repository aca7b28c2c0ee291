"""Why a plan is as it is: for each fetch what forced it, what else was tried, and what would save it.

The search is run once more with a trace of everything that it tried. What a change of the schema would save is found by
planning again on a graph in which one subgraph resolves one field more; only so many are tried.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graphql import is_leaf_type

from supergraph.operation.model import Field, Operation, SelectionSet, Unit
from supergraph.plan.query_plan import QueryPlan
from supergraph.planner import plan
from supergraph.planner.contexts import add_context_needs
from supergraph.planner.decisions import CastChoice, FieldChoice, LeavesChoice, Opening, Solution
from supergraph.planner.roots import best_entry, remote_selection
from supergraph.planner.search import Search, Trace
from supergraph.query_graph import Node, QueryGraphs
from supergraph.read import Supergraph
from supergraph.sdl.types import base_name

_MOST_CANDIDATES = 6
_MOST_TRIES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A set of subgraphs that could have been opened at a position.

    Attributes:
        requests: Of everything from this position down, lists counted as one; before requests are batched.
        stages: Sum of their stages, the price that is compared first.
        complete: Whether everything asked there would be answered.
        chosen: Whether the plan does it.
    """

    subgraphs: tuple[str, ...]
    requests: int
    stages: int
    complete: bool
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a subgraph is asked at a position.

    Attributes:
        path: The position, as response keys; empty for the root.
        key: The key that its objects are found by; ``None`` at the root.
        requires: Field sets that are sent along.
        forced_by: What is taken from it, as coordinates.
    """

    path: tuple[str, ...]
    type: str
    subgraph: str
    stage: int
    key: str | None
    requires: tuple[str, ...]
    forced_by: tuple[str, ...]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What a plan would cost if one more subgraph resolved a field."""

    subgraph: str
    coordinate: str
    requests: int
    stages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A plan with its reasons, in the order of the positions."""

    plan: QueryPlan
    reasons: tuple[Reason, ...]
    savings: tuple[Saving, ...]


def explain(supergraph: Supergraph, operation: Operation, *, labels: frozenset[str] = frozenset()) -> Explanation:
    """Explain the plan of an operation; raises ``PlanningError`` as ``plan`` does."""
    query_plan = plan(supergraph, operation, labels=labels)
    trace: Trace = {}
    search = Search(supergraph.query_graphs.under(labels), trace=trace)
    selection = add_context_needs(search.graph, remote_selection(operation))
    walk = _Walk(search, trace)
    for part, solution in _solved(search, operation.kind, selection):
        walk.visit(part, solution, ())
    savings = _find_savings(supergraph, operation, labels, query_plan, walk.wishes)
    return Explanation(plan=query_plan, reasons=tuple(walk.reasons), savings=savings)


def _solved(search: Search, kind: str, selection: SelectionSet) -> Iterator[tuple[SelectionSet, Solution]]:
    if kind == "query":
        yield selection, search.solve(selection, ())
        return
    for unit in selection.units:
        if isinstance(unit, Field):
            single = SelectionSet(selection.type, (unit,))
            yield single, best_entry(search, single, unit)[1]


class _Walk:
    """Goes through the decisions; ``wishes`` are (subgraph index, type, field) that would have avoided a fetch."""

    def __init__(self, search: Search, trace: Trace) -> None:
        self._search = search
        self._trace = trace
        self.reasons: list[Reason] = []
        self.wishes: dict[tuple[int, str, str], None] = {}

    def visit(
        self, selection: SelectionSet, solution: Solution, path: tuple[str, ...], above: tuple[Node, ...] = ()
    ) -> None:
        """Note the reasons of one position and of all below."""
        taken = _taken(solution)
        for opening in solution.openings:
            self._note(selection, solution, opening, path, taken.get(opening.node, ()))
            for node in above:
                self.wishes |= {
                    (node.graph, node.type, unit.name): None
                    for unit in taken.get(opening.node, ())
                    if isinstance(unit, Field)
                }
        opened = tuple(opening.node for opening in solution.openings)
        for choice in solution.choices:
            if isinstance(choice, FieldChoice):
                assert choice.unit.selection is not None
                below = (*path, choice.unit.response_key)
                self.visit(choice.unit.selection, choice.child, below, tuple(choice.parents))
            elif isinstance(choice, CastChoice):
                self.visit(choice.unit.selection, choice.child, path, tuple(choice.parents) or opened)

    def _note(
        self,
        selection: SelectionSet,
        solution: Solution,
        opening: Opening,
        path: tuple[str, ...],
        units: Iterable[Unit],
    ) -> None:
        sets = [field_set for field_set, _ in opening.conditions]
        granted = [field_set for field_set in sets if field_set.id in opening.node.granted]
        keys = [field_set for field_set in sets if field_set not in granted]
        forced = [
            f"{selection.type}.{unit.name}" if isinstance(unit, Field) else f"... on {unit.type}" for unit in units
        ]
        self.reasons.append(
            Reason(
                path=path,
                type=selection.type,
                subgraph=self._name(opening.node),
                stage=opening.stage,
                key=keys[0].text if keys else None,
                requires=tuple(field_set.text for field_set in granted if field_set.text),
                forced_by=tuple(dict.fromkeys(forced)),
                candidates=self._candidates(selection, solution),
            )
        )

    def _candidates(self, selection: SelectionSet, solution: Solution) -> tuple[Candidate, ...]:
        complete = self._search.leaves(selection)
        found: dict[tuple[str, ...], Candidate] = {}
        tried = self._trace.get(solution, {})
        for each in sorted(tried.values(), key=lambda each: (each is not solution, -each.solved, each.cost)):
            names = tuple(sorted({self._name(opening.node) for opening in each.openings}))
            if not names and each.solved < complete:
                continue  # that something must be opened is said by ``forced_by``
            candidate = Candidate(
                subgraphs=names,
                requests=each.cost[1],
                stages=each.cost[0],
                complete=each.solved == complete,
                chosen=each is solution,
            )
            found.setdefault(names, candidate)
        return tuple(found.values())[:_MOST_CANDIDATES]

    def _name(self, node: Node) -> str:
        return self._search.graph.subgraphs[node.graph].name


def _taken(solution: Solution) -> dict[Node, list[Unit]]:
    """For each node the units that are taken from it."""
    taken: dict[Node, list[Unit]] = {}
    for choice in solution.choices:
        if isinstance(choice, LeavesChoice):
            if choice.node is not None:
                taken.setdefault(choice.node, []).extend(choice.units)
        else:
            for node in choice.parents.values():
                taken.setdefault(node, []).append(choice.unit)
    return taken


def _find_savings(
    supergraph: Supergraph,
    operation: Operation,
    labels: frozenset[str],
    known: QueryPlan,
    wishes: Iterable[tuple[int, str, str]],
) -> tuple[Saving, ...]:
    found = []
    for graph, type_name, name in list(wishes)[:_MOST_TRIES]:
        changed = _with_field(supergraph, list(supergraph.subgraphs)[graph], type_name, name)
        if changed is None:
            continue
        metrics = plan(changed, operation, labels=labels).metrics
        requests, stages = known.metrics.requests - metrics.requests, known.metrics.stages - metrics.stages
        if (requests, stages) > (0, 0):
            subgraph = list(supergraph.subgraphs)[graph]
            coordinate = f"{type_name}.{name}"
            found.append(Saving(subgraph=subgraph, coordinate=coordinate, requests=requests, stages=stages))
    return tuple(sorted(found, key=lambda saving: (-saving.requests, -saving.stages, saving.subgraph)))


def _with_field(supergraph: Supergraph, subgraph: str, type_name: str, name: str) -> Supergraph | None:
    """The supergraph in which ``subgraph`` resolves a field like some other does; ``None`` where that cannot be."""
    view = supergraph.subgraphs[subgraph]
    mine = view.types.get(type_name)
    others = [other.types[type_name] for other in supergraph.subgraphs.values() if type_name in other.types]
    known = (other.fields[name] for other in others if name in other.fields)
    field = next((found for found in known if not found.external), None)
    if mine is None or field is None or mine.kind != "object":
        return None
    if base_name(field.type) not in view.types and not is_leaf_type(supergraph.schema.type_map[base_name(field.type)]):
        return None
    plain = replace(field, requires=None, provides=None, override_label=None, context_arguments=())
    types = {**view.types, type_name: replace(mine, fields={**mine.fields, name: plain})}
    subgraphs = {**supergraph.subgraphs, subgraph: replace(view, types=types)}
    return replace(supergraph, subgraphs=subgraphs, query_graphs=QueryGraphs(supergraph.schema, subgraphs))
