"""That every plan is checked holds only if these pass."""

from dataclasses import replace
from functools import partial
from importlib import import_module

import pytest

from supergraph import Operation, QueryPlan, Supergraph, plan, prepare
from tests.checked_plans import checked, checked_plan
from tests.supergraph.graphs import supergraph_of

PLANNING = "router.graphql.planning"
GRAPH = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
    "b": 'type T @key(fields: "id") { id: ID! x: Int }',
}


def without_last_fetch(supergraph: Supergraph, operation: Operation, **_: object) -> QueryPlan:
    """A planner that forgets something."""
    query_plan = plan(supergraph, operation)
    return replace(query_plan, fetches=query_plan.fetches[:-1])


def test_a_plan_that_leaves_something_out_is_noted() -> None:
    graph, notes = supergraph_of(**GRAPH), list[str]()
    checked(without_last_fetch, notes.append)(graph, prepare(graph, "{ t { x } }"))
    assert [note.splitlines()[-1] for note in notes] == ["nobody fetches T.x at t (as x)"]


def test_a_plan_that_leaves_out_what_is_deferred_is_noted() -> None:
    graph, notes = supergraph_of(**GRAPH), list[str]()
    forgetful = partial(checked(without_last_fetch, notes.append), defer=True)
    forgetful(graph, prepare(graph, "{ t { id ... @defer { x } } }"))
    assert [note.splitlines()[-1] for note in notes] == ["nobody fetches T.x at t (as x)"]


def test_a_right_plan_is_not_noted() -> None:
    graph, notes = supergraph_of(**GRAPH), list[str]()
    checked(plan, notes.append)(graph, prepare(graph, "{ t { x } }"))
    assert notes == []


@pytest.mark.parametrize("module", ["supergraph", "supergraph.planner", "supergraph.planner.explain", PLANNING])
def test_whoever_plans_in_a_test_is_checked(module: str) -> None:
    assert vars(import_module(module))["plan"] is checked_plan
