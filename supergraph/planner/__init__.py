"""Planning: from an operation to the fetches that answer it.

    operation ──▶ search ──▶ decisions ──▶ materialise ──▶ fetch graph ──▶ passes ──▶ plan

Read in this order: ``decisions`` (what is decided), ``serve`` and ``sharing``, ``opening`` and ``prerequisites`` (one
level of the search), ``search``, ``positions`` (what data is called), ``materialise``, ``deferral``, ``passes``,
``batch``. ``explain`` says why a plan is as it is.
"""

from contextlib import closing

from supergraph.errors import PlanningError, SupergraphError
from supergraph.operation.model import Operation
from supergraph.operation.select import with_deferred_parts
from supergraph.plan.metrics import measure
from supergraph.plan.nodes import Fetch, FetchNode, PlanNode, SubscriptionNode
from supergraph.plan.query_plan import QueryPlan
from supergraph.planner.batch import build_fetches
from supergraph.planner.budget import DEFAULT_LIMITS, PlannerLimits, check_size, too_complex
from supergraph.planner.contexts import add_context_needs
from supergraph.planner.defer_tree import build_defer_tree
from supergraph.planner.deferral import draft_with_deferred_parts
from supergraph.planner.passes import optimise
from supergraph.planner.passes.fold_interfaces import fold_interfaces
from supergraph.planner.roots import draft_mutation, draft_query, draft_subscription, remote_selection
from supergraph.planner.search import Search
from supergraph.planner.tree import build_tree
from supergraph.read import Supergraph

_DRAFT = {"query": draft_query, "mutation": draft_mutation, "subscription": draft_subscription}


def plan(
    supergraph: Supergraph,
    operation: Operation,
    *,
    labels: frozenset[str] = frozenset(),
    defer: bool = False,
    limits: PlannerLimits = DEFAULT_LIMITS,
) -> QueryPlan:
    """Plan an operation.

    The same supergraph, operation text and labels always give the same plan. Values of variables play no role.

    Args:
        supergraph: What to plan on.
        operation: A prepared operation.
        labels: The override labels that are on for this request.
        defer: Plan deferred fragments apart, those under a condition as if it held. For another truth of such
            conditions, and to execute the plan, prepare the operation by ``with_deferred_parts``: its fields have ids
            of their own, and whatever it defers is planned apart in any case.
        limits: What the search may cost.

    Raises:
        PlanningError: Some field cannot be reached; the error names it.
    """
    if defer:
        operation = with_deferred_parts(supergraph, operation)
    selection = remote_selection(operation)
    if not selection.units and not selection.deferred:
        return QueryPlan(kind=operation.kind)
    check_size(selection, limits)
    with closing(Search(supergraph.query_graphs.under(labels), limits)) as search:
        try:
            needed = add_context_needs(search.graph, selection)
            drafted = draft_with_deferred_parts(_DRAFT[operation.kind], search, needed)
        except SupergraphError as error:
            raise PlanningError(f"The supergraph cannot be planned on: {error}") from error
        except RecursionError as error:
            raise too_complex("is nested too deeply to be planned") from error
    drafts = fold_interfaces(optimise(drafted.drafts), search.graph)
    fetches = build_fetches(drafts, operation, search.graph)
    node = _build_node(operation, fetches)
    return QueryPlan(
        kind=operation.kind,
        fetches=fetches,
        node=node,
        store_keys=drafted.store_keys,
        impossible=drafted.impossible(),
        metrics=measure(node, evaluations=search.evaluations),
    )


def _build_node(operation: Operation, fetches: tuple[Fetch, ...]) -> PlanNode | None:
    if operation.kind == "subscription":
        return SubscriptionNode(FetchNode(fetches[0]), build_tree(fetches[1:]))
    return build_defer_tree(operation, fetches) if operation.blocks else build_tree(fetches)


__all__ = ["DEFAULT_LIMITS", "PlannerLimits", "plan"]
