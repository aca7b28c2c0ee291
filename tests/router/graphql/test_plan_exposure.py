"""Which header shows what, and under which key."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from router.graphql.plan_exposure import PlanExposure, wanted_exposure
from supergraph import plan, prepare
from supergraph.planner.explain import explain
from tests.supergraph.graphs import supergraph_of

GRAPH = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
    "b": 'type T @key(fields: "id") { id: ID! x: Int }',
}


def wanted(**headers: str) -> PlanExposure | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return wanted_exposure(CIMultiDictProxy(CIMultiDict(named)))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"apollo_expose_query_plan": "false"}, None),
        ({"router_explain": "no"}, None),
        ({"apollo_expose_query_plan": "true"}, PlanExposure("apolloQueryPlan", dry_run=False)),
        ({"apollo_expose_query_plan": "dry-run"}, PlanExposure("apolloQueryPlan", dry_run=True)),
        ({"Apollo_Expose_Query_Plan": "True"}, PlanExposure("apolloQueryPlan", dry_run=False)),
        ({"hive_expose_query_plan": "true"}, PlanExposure("queryPlan", dry_run=False)),
        ({"hive_expose_query_plan": "DRY-RUN"}, PlanExposure("queryPlan", dry_run=True)),
        ({"router_explain": "true"}, PlanExposure(None, dry_run=False, explains=True)),
        ({"router_explain": "dry-run"}, PlanExposure(None, dry_run=True, explains=True)),
        (
            {"hive_expose_query_plan": "true", "router_explain": "dry-run"},
            PlanExposure("queryPlan", dry_run=True, explains=True),
        ),
    ],
)
def test_headers_say_what_is_shown(headers: dict[str, str], expected: PlanExposure | None) -> None:
    assert wanted(**headers) == expected


@pytest.mark.parametrize(
    ("headers", "keys"),
    [
        ({"apollo_expose_query_plan": "true"}, {"apolloQueryPlan"}),
        ({"hive_expose_query_plan": "true"}, {"queryPlan"}),
        ({"router_explain": "true"}, {"explanation"}),
        ({"hive_expose_query_plan": "true", "router_explain": "true"}, {"queryPlan", "explanation"}),
    ],
)
async def test_each_is_shown_under_its_own_key(headers: dict[str, str], keys: set[str]) -> None:
    supergraph = supergraph_of(**GRAPH)
    operation = prepare(supergraph, "{ t { x } }")
    exposure = wanted(**headers)
    assert exposure is not None
    found = await exposure.extensions(plan(supergraph, operation), lambda: explain(supergraph, operation))
    assert found.keys() == keys


async def test_who_wants_no_reasons_does_not_wait_for_them() -> None:
    supergraph = supergraph_of(**GRAPH)
    exposure = PlanExposure("queryPlan", dry_run=False)
    await exposure.extensions(plan(supergraph, prepare(supergraph, "{ t { x } }")), lambda: pytest.fail("asked"))


def test_viewers_of_apollo_find_object_and_text() -> None:
    supergraph = supergraph_of(**GRAPH)
    query_plan = plan(supergraph, prepare(supergraph, "{ t { id } }"))
    extension = PlanExposure("apolloQueryPlan", dry_run=False).extension(query_plan)["apolloQueryPlan"]
    assert isinstance(extension, dict)
    assert (extension["object"]["kind"], extension["text"].split()[0]) == ("QueryPlan", "QueryPlan")


def test_viewers_of_hive_find_the_plan_itself() -> None:
    supergraph = supergraph_of(**GRAPH)
    query_plan = plan(supergraph, prepare(supergraph, "{ t { id } }"))
    assert PlanExposure("queryPlan", dry_run=False).extension(query_plan) == {"queryPlan": query_plan.to_json()}


def test_an_explanation_is_json() -> None:
    supergraph = supergraph_of(**GRAPH)
    explanation = explain(supergraph, prepare(supergraph, "{ t { x } }")).to_json()
    assert explanation.keys() == {"requests", "stages", "evaluations", "reasons", "savings"}
