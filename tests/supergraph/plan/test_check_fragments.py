"""The checker reads fetches whose text has named fragments."""

from dataclasses import replace

import pytest

from supergraph import Operation, QueryPlan, Supergraph, plan, prepare
from supergraph.plan.check import check_plan
from tests.supergraph.graphs import supergraph_of

GRAPH = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! n: T }',
    "b": """type T @key(fields: "id") { id: ID! w: Int @external x: Int y: Int @requires(fields: "w") }""",
    "c": 'type T @key(fields: "id") { id: ID! w: Int }',
}
ENTITIES = "query($representations:[_Any!]!){_entities(representations:$representations)"


def with_text(query_plan: QueryPlan, index: int, text: str) -> QueryPlan:
    """The plan in which one fetch has another text."""
    changed = replace(query_plan.fetches[index], operation=text)
    return replace(query_plan, fetches=(*query_plan.fetches[:index], changed, *query_plan.fetches[index + 1 :]))


@pytest.fixture(scope="module")
def graph() -> Supergraph:
    return supergraph_of(**GRAPH)


def planned(graph: Supergraph, text: str) -> tuple[Operation, QueryPlan]:
    operation = prepare(graph, text)
    return operation, plan(graph, operation)


@pytest.mark.parametrize(
    "text",
    [
        ENTITIES + "{...F}} fragment F on T{x}",
        ENTITIES + "{...on T{...F}}} fragment F on T{x}",
        ENTITIES + "{...{...F}}} fragment F on T{...G} fragment G on T{x}",
        ENTITIES + "{...on T{...F @skip(if:true) x}}} fragment F on T{nope}",
    ],
)
def test_what_a_fragment_asks_is_fetched(graph: Supergraph, text: str) -> None:
    operation, query_plan = planned(graph, "{ t { x } }")
    assert check_plan(graph, operation, with_text(query_plan, 1, text)) == []


def test_what_a_fragment_of_a_root_fetch_asks_is_fetched(graph: Supergraph) -> None:
    operation, query_plan = planned(graph, "{ t { id n { id } } }")
    text = "{t{...F n{...F}}} fragment F on T{id}"
    assert check_plan(graph, operation, with_text(query_plan, 0, text)) == []


def test_what_a_fragment_leaves_out_is_missed(graph: Supergraph) -> None:
    operation, query_plan = planned(graph, "{ t { id n { id } } }")
    text = "{t{...F n{...F}}} fragment F on T{__typename}"
    assert check_plan(graph, operation, with_text(query_plan, 0, text)) == [
        "nobody fetches T.id at t (as id)",
        "nobody fetches T.id at t.n (as id)",
    ]


@pytest.mark.parametrize("asked", ["{...F}", "{...on T{...F}}", "{...on T{...{...F}}}"])
def test_a_fragment_asks_nothing_whose_requirements_are_not_sent(graph: Supergraph, asked: str) -> None:
    operation, query_plan = planned(graph, "{ t { x } }")
    wrong = with_text(query_plan, 1, f"{ENTITIES}{asked}}} fragment F on T{{x y}}")
    assert check_plan(graph, operation, wrong) == ["fetch 1 (b) asks T.y without w"]


def test_a_field_that_the_subgraph_does_not_have_is_told(graph: Supergraph) -> None:
    operation, query_plan = planned(graph, "{ t { x } }")
    wrong = with_text(query_plan, 1, ENTITIES + "{...on T{...F}}} fragment F on T{x n{id}}")
    assert check_plan(graph, operation, wrong) == ["fetch 1 (b) asks T.n, which the subgraph does not have"]


def test_an_entity_call_without_a_selection_is_told(graph: Supergraph) -> None:
    operation, query_plan = planned(graph, "{ t { x } }")
    wrong = with_text(query_plan, 1, "{x}")
    assert "fetch 1 (b) has no selection for _entities" in check_plan(graph, operation, wrong)
