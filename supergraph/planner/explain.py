"""Why a plan is as it is: for each fetch what forced it, what else was tried, and what would save it.

The search is run once more with a trace of everything that it tried. What a change of the schema would save is asked of
``explain_savings``.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass

from supergraph.operation.model import Field, Operation, SelectionSet, Unit
from supergraph.plan.query_plan import QueryPlan
from supergraph.planner import plan
from supergraph.planner.contexts import add_context_needs
from supergraph.planner.decisions import CastChoice, FieldChoice, LeavesChoice, Opening, Solution
from supergraph.planner.explain_savings import Saving, Wish, find_savings, provide_wishes, share_wishes
from supergraph.planner.roots import best_entry, remote_selection
from supergraph.planner.search import Search, Trace
from supergraph.query_graph import Node
from supergraph.read import Supergraph
from supergraph.views import SubgraphView

_MOST_CANDIDATES = 6


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
class Explanation:
    """A plan with its reasons, in the order of the positions."""

    plan: QueryPlan
    reasons: tuple[Reason, ...]
    savings: tuple[Saving, ...]

    def to_json(self) -> dict[str, object]:
        """The explanation for programs, such as a check that a change of the schema adds no request."""
        metrics = self.plan.metrics
        return {
            "requests": metrics.requests,
            "stages": metrics.stages,
            "evaluations": metrics.evaluations,
            "reasons": [asdict(reason) for reason in self.reasons],
            "savings": [asdict(saving) for saving in self.savings],
        }


def explain(supergraph: Supergraph, operation: Operation, *, labels: frozenset[str] = frozenset()) -> Explanation:
    """Explain the plan of an operation; raises ``PlanningError`` as ``plan`` does."""
    query_plan = plan(supergraph, operation, labels=labels)
    trace: Trace = {}
    with closing(Search(supergraph.query_graphs.under(labels), trace=trace)) as search:
        selection = add_context_needs(search.graph, remote_selection(operation))
        walk = _Walk(search, trace, list(supergraph.subgraphs.values()))
        for part, solution in _solved(search, operation.kind, selection):
            walk.visit(part, solution, ())
    savings = find_savings(supergraph, operation, labels, query_plan, walk.wishes)
    return Explanation(plan=query_plan, reasons=tuple(walk.reasons), savings=savings)


def _solved(search: Search, kind: str, selection: SelectionSet) -> Iterator[tuple[SelectionSet, Solution]]:
    if kind == "query":
        yield selection, search.solve(selection, ())
        return
    for unit in selection.units:
        if isinstance(unit, Field):
            single = SelectionSet(selection.type, (unit,))
            yield single, best_entry(search, single, unit)[1]


Way = tuple[Node, str]
"""A field through which a position was reached: the node of its parent, and its name."""


class _Walk:
    """Goes through the decisions; ``wishes`` are the changes that would have avoided a fetch."""

    def __init__(self, search: Search, trace: Trace, views: Sequence[SubgraphView]) -> None:
        self._search = search
        self._trace = trace
        self._views = views
        self.reasons: list[Reason] = []
        self.wishes: dict[Wish, None] = {}

    def visit(
        self,
        selection: SelectionSet,
        solution: Solution,
        path: tuple[str, ...],
        above: tuple[Node, ...] = (),
        ways: tuple[Way, ...] = (),
    ) -> None:
        """Note the reasons of one position and of all below.

        Args:
            selection: What is asked there.
            solution: What was decided.
            path: Its response keys.
            above: The nodes in which its objects were open already.
            ways: The fields that led there.
        """
        taken = _taken(solution)
        for opening in solution.openings:
            units = taken.get(opening.node, [])
            self._note(selection, solution, opening, path, units)
            for node in above:
                self.wishes |= dict.fromkeys(share_wishes(self._views[node.graph], node.type, units))
            for node, name in ways:
                self.wishes |= dict.fromkeys(provide_wishes(self._views[node.graph], node.type, name, units))
        opened = tuple(opening.node for opening in solution.openings)
        for choice in solution.choices:
            if isinstance(choice, FieldChoice):
                assert choice.unit.selection is not None
                below = (*path, choice.unit.response_key)
                led = tuple((node, choice.unit.name) for node in choice.parents.values())
                self.visit(choice.unit.selection, choice.child, below, tuple(choice.parents), led)
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


__all__ = ["Candidate", "Explanation", "Reason", "Saving", "explain"]
