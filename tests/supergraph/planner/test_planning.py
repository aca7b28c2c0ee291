import inspect
import sys

import pytest

from supergraph import plan, prepare
from supergraph.errors import PlanningError
from supergraph.planner import PlannerLimits
from tests.supergraph.graphs import plan_of, sent, supergraph_of

ENTITY = 'type Query { t: T } type T @key(fields: "id") { id: ID! }'


def test_an_operation_on_one_subgraph_is_one_request() -> None:
    assert sent(plan_of("{ t { id } }", a=ENTITY)) == ["a {t{id}}"]


def test_local_fields_need_no_request() -> None:
    assert plan_of("{ __typename __schema { queryType { name } } }", a=ENTITY).fetches == ()


def test_an_entity_is_followed_by_its_key() -> None:
    plan = plan_of("{ t { n } }", a=ENTITY, b='type T @key(fields: "id") { id: ID! n: Int }')
    assert sent(plan) == [
        "a {t{id}}",
        "b query($representations:[_Any!]!){_entities(representations:$representations){...on T{n}}}",
    ]
    assert plan.fetches[1].needs == (0,)


def test_two_subgraphs_are_asked_at_the_same_time() -> None:
    plan = plan_of(
        "{ t { x y } }",
        a=ENTITY,
        b='type T @key(fields: "id") { id: ID! x: Int }',
        c='type T @key(fields: "id") { id: ID! y: Int }',
    )
    assert [fetch.needs for fetch in plan.fetches] == [(), (0,), (0,)]
    assert (plan.metrics.requests, plan.metrics.stages) == (3, 2)


def test_one_subgraph_that_has_all_is_preferred_to_two() -> None:
    plan = plan_of(
        "{ t { x y } }",
        a=ENTITY,
        b='type T @key(fields: "id") { id: ID! x: Int @shareable }',
        c='type T @key(fields: "id") { id: ID! x: Int @shareable y: Int }',
    )
    assert [fetch.subgraph for fetch in plan.fetches] == ["a", "c"]


def test_two_keys_are_bridged_by_a_third_subgraph() -> None:
    plan = plan_of(
        "{ book { author } }",
        a='type Query { book: Book } type Book @key(fields: "upc") { upc: ID! }',
        b='type Book @key(fields: "id") @key(fields: "upc") { id: ID! upc: ID! }',
        c='type Book @key(fields: "id") { id: ID! author: String }',
    )
    assert [fetch.subgraph for fetch in plan.fetches] == ["a", "b", "c"]


def test_a_chain_of_requirements_is_resolved_in_order() -> None:
    plan = plan_of(
        "{ t { c } }",
        a=ENTITY,
        b='type T @key(fields: "id") { id: ID! price: Int }',
        c='type T @key(fields: "id") { id: ID! price: Int @external dear: Boolean @requires(fields: "price") }',
        d='type T @key(fields: "id") { id: ID! dear: Boolean @external c: Boolean @requires(fields: "dear") }',
    )
    assert [fetch.subgraph for fetch in plan.fetches] == ["a", "b", "c", "d"]
    assert [fetch.needs for fetch in plan.fetches] == [(), (0,), (1,), (2,)]


def test_a_plain_and_a_requiring_field_of_one_subgraph_share_a_request() -> None:
    plan = plan_of(
        "{ r { x y } }",
        a='type Query { r: R } type R @key(fields: "rid") { rid: ID! }',
        b='type R @key(fields: "rid") @key(fields: "code") { rid: ID! code: ID! }',
        c="""type R @key(fields: "code") { code: ID! x: Int b: Int @external
             y: Int @requires(fields: "b") }""",
        d='type R @key(fields: "rid") { rid: ID! b: Int }',
    )
    assert sorted(fetch.subgraph for fetch in plan.fetches) == ["a", "b", "c", "d"]


def test_entities_at_two_places_are_fetched_in_one_request() -> None:
    plan = plan_of(
        "{ x { n } y { n } }",
        a='type Query { x: U y: U } type U @key(fields: "id") { id: ID! }',
        b='type U @key(fields: "id") { id: ID! n: Int }',
    )
    assert len(plan.fetches) == 2
    (call,) = plan.fetches[1].entities
    assert [".".join(map(str, path)) for path in call.paths] == ["x", "y"]


def test_a_shared_root_field_is_asked_of_both_owners_at_once() -> None:
    plan = plan_of(
        "{ p { id x y } }",
        a="type Query { p: P @shareable } type P { id: ID @shareable x: Int }",
        b="type Query { p: P @shareable } type P { id: ID @shareable y: Int }",
    )
    assert sorted(sent(plan)) == ["a {p{id x}}", "b {p{y}}"]
    assert all(fetch.needs == () for fetch in plan.fetches)


def test_mutations_run_one_after_the_other_and_follow_ups_come_before_the_next() -> None:
    plan = plan_of(
        "mutation { one two { x } three: one }",
        a='type Query { q: Int } type Mutation { two: T } type T @key(fields: "id") { id: ID! }',
        b='type Mutation { one: Int } type T @key(fields: "id") { id: ID! x: Int }',
    )
    assert [fetch.kind for fetch in plan.fetches] == ["mutation", "mutation", "query", "mutation"]
    assert [fetch.needs for fetch in plan.fetches] == [(), (0,), (1,), (2,)]


def test_a_shared_mutation_is_called_once() -> None:
    plan = plan_of(
        "mutation { m { a b } }",
        a="""type Query { q: Int } type Mutation { m: T @shareable }
             type T @key(fields: "id") { id: ID! a: Int }""",
        b='type Mutation { m: T @shareable } type T @key(fields: "id") { id: ID! b: Int }',
    )
    assert [fetch.kind for fetch in plan.fetches] == ["mutation", "query"]


def test_a_subscription_opens_one_stream_and_completes_each_event() -> None:
    plan = plan_of(
        "subscription { onT { id x } }",
        a='type Query { q: Int } type Subscription { onT: T } type T @key(fields: "id") { id: ID! }',
        b='type T @key(fields: "id") { id: ID! x: Int }',
    )
    assert [fetch.kind for fetch in plan.fetches] == ["subscription", "query"]
    assert plan.to_json()["node"]["kind"] == "Subscription"  # type: ignore[index]  # JSON


def test_a_request_that_is_conditional_as_a_whole_is_made_only_when_it_must() -> None:
    plan = plan_of(
        "query ($s: Boolean!) { t { id n @skip(if: $s) } }",
        a='type Query { t: T } type T @key(fields: "k") { k: ID! id: ID }',
        b='type T @key(fields: "k") { k: ID! n: Int }',
    )
    assert sent(plan)[0] == "a query($s:Boolean!){t{k@skip(if:$s) id}}"
    assert [(condition.variable, condition.wanted) for condition in plan.fetches[1].conditions] == [("s", False)]


def test_opposite_branches_share_a_request() -> None:
    plan = plan_of(
        "query ($s: Boolean!) { t { x @include(if: $s) y @skip(if: $s) } }",
        a=ENTITY,
        b='type T @key(fields: "id") { id: ID! x: Int y: Int }',
    )
    assert len(plan.fetches) == 2
    assert plan.fetches[1].conditions == ()


def test_a_nested_query_root_is_entered_without_a_key() -> None:
    plan = plan_of(
        "{ me { back { stock } } }", a="type Query { me: Me } type Me { back: Query }", b="type Query { stock: Int }"
    )
    assert sent(plan) == ["a {me{back{__typename}}}", "b {stock}"]
    assert [str(step) for step in plan.fetches[1].path] == ["me", "back"]


def test_a_field_nobody_can_reach_is_named() -> None:
    graph = supergraph_of(
        a="""type Query { node: Node @shareable } interface Node { id: ID! }
             type Account implements Node @key(fields: "id") { id: ID! name: String }
             type Chat implements Node @key(fields: "id") { id: ID! @external text: String }""",
        b="""type Query { node: Node @shareable } interface Node { id: ID! }
             type Account implements Node @key(fields: "id") { id: ID! @external email: String }
             type Chat implements Node @key(fields: "id") { id: ID! title: String }""",
    )
    with pytest.raises(PlanningError, match=r"Node\.id") as caught:
        plan(graph, prepare(graph, "{ node { id } }"))
    assert caught.value.code == "QUERY_PLANNING_FAILED"


def test_requests_carry_the_name_of_the_operation() -> None:
    plan = plan_of("query Mine { t { n } }", a=ENTITY, b='type T @key(fields: "id") { id: ID! n: Int }')
    assert [fetch.operation_name for fetch in plan.fetches] == ["Mine__a__0", "Mine__b__1"]


def test_only_the_variables_that_a_request_uses_are_declared() -> None:
    plan = plan_of(
        "query ($a: Int = 3, $b: Int) { t { n(x: $a) } u(x: $b) }",
        a='type Query { t: T u(x: Int): Int } type T @key(fields: "id") { id: ID! }',
        b='type T @key(fields: "id") { id: ID! n(x: Int): Int }',
    )
    assert [fetch.variables for fetch in plan.fetches] == [("b",), ("a",)]
    assert "$a:Int=3" in plan.fetches[1].operation


def test_a_variable_of_the_client_does_not_clash_with_the_representations() -> None:
    plan = plan_of(
        "query ($representations: Int) { t { n(x: $representations) } }",
        a=ENTITY,
        b='type T @key(fields: "id") { id: ID! n(x: Int): Int }',
    )
    assert plan.fetches[1].entities[0].variable == "_representations"


def test_the_plan_does_not_depend_on_what_was_planned_before() -> None:
    sdls = {
        "a": ENTITY,
        "b": 'type T @key(fields: "id") { id: ID! x: Int @shareable y: Int @shareable z: Int }',
        "c": 'type T @key(fields: "id") { id: ID! x: Int @shareable y: Int @shareable }',
    }
    used = supergraph_of(**sdls)
    for warm_up in ("{ t { y } }", "{ t { z } }", "{ t { x } }"):
        plan(used, prepare(used, warm_up))
    fresh = supergraph_of(**sdls)
    operation = "{ t { x y } }"
    assert plan(used, prepare(used, operation)).pretty() == plan(fresh, prepare(fresh, operation)).pretty()


def test_an_exhausted_budget_still_gives_a_complete_plan() -> None:
    graph = supergraph_of(
        a=ENTITY,
        b='type T @key(fields: "id") { id: ID! x: Int @shareable y: Int @shareable }',
        c='type T @key(fields: "id") { id: ID! y: Int @shareable z: Int @shareable }',
        d='type T @key(fields: "id") { id: ID! z: Int @shareable x: Int @shareable }',
    )
    starved = plan(
        graph, prepare(graph, "{ t { x y z } }"), limits=PlannerLimits(evaluations=0, evaluations_per_position=0)
    )
    assert starved.metrics.requests == 3


def nested(levels: int) -> str:
    return "{ t " + "{ next " * levels + "{ n }" + "}" * (levels + 1)


NESTED = {
    "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! next: T }',
    "b": 'type T @key(fields: "id") { id: ID! n: Int }',
}


def test_an_operation_of_a_hundred_levels_can_be_planned() -> None:
    graph = supergraph_of(**NESTED)
    assert plan(graph, prepare(graph, nested(100))).metrics.requests == 2


def test_an_operation_too_deep_for_the_interpreter_is_refused_with_a_code() -> None:
    graph = supergraph_of(**NESTED)
    operation = prepare(graph, nested(100))
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 200)
    try:
        with pytest.raises(PlanningError) as caught:
            plan(graph, operation)
    finally:
        sys.setrecursionlimit(before)
    assert caught.value.code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"


def test_conditions_on_a_nested_query_do_not_name_a_type_that_the_subgraph_may_call_otherwise() -> None:
    found = plan_of(
        "query ($x: Boolean!, $y: Boolean!) { me { back @include(if: $x) { a } ... @include(if: $y) { back { b } } } }",
        one="type Query { me: Me } type Me { back: Query }",
        two="schema { query: Root } type Root { a: Int b: Int }",
    )

    asked = "two query($x:Boolean!,$y:Boolean!){...@include(if:$x){a} ...@include(if:$y){b}}"
    assert sent(found)[-1] == asked


def test_a_nested_query_under_one_condition_is_asked_without_it() -> None:
    found = plan_of(
        "query ($x: Boolean!) { me { back @include(if: $x) { a } } }",
        one="type Query { me: Me } type Me { back: Query }",
        two="schema { query: Root } type Root { a: Int }",
    )

    assert sent(found)[-1] == "two {a}"
