"""What is sent, when, and what comes of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.executor.outcome import FetchFailure
from router.executor.program import ExecutionOptions, Program
from router.executor.run import PlanRun
from router.executor.schedule import run_sync
from supergraph.operation.model import Condition
from tests.router.executor.executing import (
    FakeSubgraphs,
    answer,
    call,
    codes_of,
    data,
    data_of,
    entity_fetch,
    leaf,
    paths_of,
    program,
    root_fetch,
    run,
    supergraph,
    template,
)

SHOP = supergraph(
    """
    type Query { product(id: ID): Product products: [Product] other: Product me: User }
    type Mutation { a: Product b: Product }
    type Product { id: ID! name: String price: Int stock: Int cost: Int seller: User dim: Dim }
    type User { id: ID! name: String products: [Product] }
    type Dim { w: Int h: Int }
    """
)
PRODUCT = template("Product", leaf("id"))
USER = template("User", leaf("id"))
TEXT = "{ product { name stock } }"


def product_and_stock(**options: object) -> Program:
    fetch = entity_fetch(1, "stocks", call("product", templates=[PRODUCT]), **options)  # type: ignore[arg-type]
    return program(SHOP, TEXT, root_fetch(0, "products"), fetch)


def started(compiled: Program, **variables: object) -> list[int]:
    return [request.fetch.id for request in PlanRun(compiled, variables).ready()]


def test_a_root_fetch_answers_the_client() -> None:
    compiled = program(SHOP, "{ product { name } }", root_fetch(0, "products"))
    result = run(compiled, {0: data(product={"name": "Table"})})
    assert (result.data, result.errors) == (b'{"product":{"name":"Table"}}', ())


def test_a_dependent_fetch_waits_for_its_input() -> None:
    assert started(product_and_stock()) == [0]


def test_a_request_is_given_once() -> None:
    running = PlanRun(product_and_stock(), {})
    running.ready()
    assert running.ready() == []


def test_an_entity_fetch_sends_representations_and_its_answer_is_merged() -> None:
    subgraphs = FakeSubgraphs({0: data(product={"id": "1", "name": "Table"}), 1: data(_entities=[{"stock": 3}])})
    result = run_sync(PlanRun(product_and_stock(), {}), subgraphs)
    assert subgraphs.asked[1] == (
        "stocks",
        {"query": "{f1}", "variables": {"representations": [{"__typename": "Product", "id": "1"}]}},
    )
    assert data_of(result) == {"product": {"name": "Table", "stock": 3}}


def test_independent_fetches_start_together() -> None:
    compiled = program(SHOP, "{ product { name } me { name } }", root_fetch(0, "products"), root_fetch(1, "users"))
    assert started(compiled) == [0, 1]


def test_a_fetch_waits_for_all_of_its_needs() -> None:
    compiled = program(
        SHOP,
        "{ product { stock } }",
        root_fetch(0, "a"),
        root_fetch(1, "b"),
        entity_fetch(2, "c", call("product", templates=[PRODUCT]), needs=[0, 1, 0]),
    )
    running = PlanRun(compiled, {})
    first, second = running.ready()
    running.receive(first, answer(data(product={"id": "1"})))
    assert running.ready() == []
    running.receive(second, answer(data(me=None)))
    assert [request.fetch.id for request in running.ready()] == [2]


def test_a_request_names_its_operation() -> None:
    fetch = root_fetch(0, "a")
    named = type(fetch)(id=0, subgraph="a", kind="query", operation="query Q__a__0{a}", operation_name="Q__a__0")
    (request,) = PlanRun(program(SHOP, "{ me { name } }", named), {}).ready()
    assert request.body == b'{"query":"query Q__a__0{a}","operationName":"Q__a__0","variables":{}}'


def test_only_the_variables_of_the_fetch_that_the_client_gave_are_sent() -> None:
    text = "query ($a: ID, $b: ID, $c: ID) { product(id: $a) { name } }"
    compiled = program(SHOP, text, root_fetch(0, "products", variables=["a", "b"]))
    (request,) = PlanRun(compiled, {"a": None, "c": "3"}).ready()
    assert request.body == b'{"query":"{f0}","variables":{"a":null}}'


@pytest.mark.parametrize("value", [{"x": [1, "é", None, True]}, 10**30, 'quote " and \\ back', 1.5])
def test_a_variable_is_sent_as_it_is(value: object) -> None:
    subgraphs = FakeSubgraphs({0: data()})
    compiled = program(SHOP, "query ($a: ID) { product(id: $a) { name } }", root_fetch(0, "a", variables=["a"]))
    run_sync(PlanRun(compiled, {"a": value}), subgraphs)
    assert subgraphs.variables(0) == {"a": value}


def test_an_entity_fetch_sends_variables_beside_representations() -> None:
    compiled = program(
        SHOP,
        "query ($v: ID) { product(id: $v) { stock } }",
        root_fetch(0, "a", variables=["v"]),
        entity_fetch(1, "b", call("product", templates=[PRODUCT]), variables=["v"]),
    )
    subgraphs = FakeSubgraphs({0: data(product={"id": "1"}), 1: data(_entities=[None])})
    run_sync(PlanRun(compiled, {"v": "x"}), subgraphs)
    assert subgraphs.variables(1) == {"v": "x", "representations": [{"__typename": "Product", "id": "1"}]}


@pytest.mark.parametrize("product", [None, {}, {"id": None}, "x", [], {"__typename": "User", "id": "1"}])
def test_a_fetch_with_nothing_to_represent_is_not_sent(product: object) -> None:
    subgraphs = FakeSubgraphs({0: data(product=product)})
    run_sync(PlanRun(product_and_stock(), {}), subgraphs)
    assert len(subgraphs.asked) == 1


def test_a_failed_fetch_skips_its_dependants_silently() -> None:
    result = run(product_and_stock(), {0: FetchFailure("SUBREQUEST_HTTP_ERROR", "down")})
    assert (data_of(result), codes_of(result)) == ({"product": None}, ["SUBREQUEST_HTTP_ERROR"])


def test_a_failed_fetch_leaves_only_its_own_fields_missing() -> None:
    result = run(product_and_stock(), {0: data(product={"id": "1", "name": "n"}), 1: FetchFailure("X", "down")})
    assert data_of(result) == {"product": {"name": "n", "stock": None}}


def test_a_dependant_of_two_fetches_runs_on_what_one_of_them_brought() -> None:
    compiled = program(
        SHOP,
        "{ product { stock } other { stock } }",
        root_fetch(0, "a"),
        root_fetch(1, "b"),
        entity_fetch(2, "c", call("product", "other", templates=[PRODUCT]), needs=[0, 1]),
    )
    result = run(
        compiled, {0: FetchFailure("X", "down"), 1: data(other={"id": "1"}), 2: data(_entities=[{"stock": 1}])}
    )
    assert data_of(result) == {"product": None, "other": {"stock": 1}}


@pytest.mark.parametrize(("v", "sent"), [(True, 2), (False, 1)])
def test_a_fetch_whose_conditions_do_not_hold_is_skipped(v: object, sent: int) -> None:
    compiled = program(
        SHOP,
        "query ($v: Boolean!) { product { name stock @include(if: $v) } }",
        root_fetch(0, "a"),
        entity_fetch(1, "b", call("product", templates=[PRODUCT]), conditions=(Condition("v", wanted=True),)),
    )
    subgraphs = FakeSubgraphs({0: data(product={"id": "1", "name": "n"}), 1: data(_entities=[{"stock": 1}])})
    run_sync(PlanRun(compiled, {"v": v}), subgraphs)
    assert len(subgraphs.asked) == sent


@pytest.mark.parametrize(
    ("variables", "holds"),
    [
        ({"a": True, "b": False}, True),
        ({"a": True, "b": True}, False),
        ({"a": False, "b": False}, False),
        ({"b": False}, True),
        ({"a": True}, False),
    ],
)
def test_all_conditions_of_a_fetch_must_hold(variables: dict[str, object], *, holds: bool) -> None:
    compiled = program(
        SHOP,
        "query ($a: Boolean! = true, $b: Boolean! = true) { me { name } }",
        root_fetch(0, "a", conditions=(Condition("a", wanted=True), Condition("b", wanted=False))),
    )
    assert started(compiled, **variables) == ([0] if holds else [])


def test_what_needs_a_skipped_fetch_runs_all_the_same() -> None:
    compiled = program(
        SHOP,
        "query ($v: Boolean!) { me { name } product { name } }",
        root_fetch(0, "a", conditions=(Condition("v", wanted=True),)),
        root_fetch(1, "b", needs=[0]),
    )
    assert started(compiled, v=False) == [1]


def test_mutations_follow_each_other_with_their_dependants() -> None:
    compiled = program(
        SHOP,
        "mutation { a { stock } b { name } }",
        root_fetch(0, "one", kind="mutation"),
        entity_fetch(1, "stocks", call("a", templates=[PRODUCT])),
        root_fetch(2, "two", kind="mutation", needs=[0, 1]),
    )
    subgraphs = FakeSubgraphs({0: data(a={"id": "1"}), 1: data(_entities=[{"stock": 1}]), 2: data(b={"name": "n"})})
    result = run_sync(PlanRun(compiled, {}), subgraphs)
    assert [name for name, _ in subgraphs.asked] == ["one", "stocks", "two"]
    assert data_of(result) == {"a": {"stock": 1}, "b": {"name": "n"}}


def batch() -> Program:
    return program(
        SHOP,
        "{ product { stock } me { name } }",
        root_fetch(0, "a"),
        entity_fetch(
            1,
            "b",
            call("product", templates=[PRODUCT], number=0),
            call("me", templates=[USER], number=1),
        ),
    )


def test_a_batch_answers_each_of_its_calls() -> None:
    subgraphs = FakeSubgraphs(
        {0: data(product={"id": "1"}, me={"id": "2"}), 1: data(_e0=[{"stock": 5}], _e1=[{"name": "n"}])}
    )
    result = run_sync(PlanRun(batch(), {}), subgraphs)
    assert subgraphs.variables(1) == {
        "r0": [{"__typename": "Product", "id": "1"}],
        "r1": [{"__typename": "User", "id": "2"}],
    }
    assert data_of(result) == {"product": {"stock": 5}, "me": {"name": "n"}}


def test_a_call_without_representations_gets_an_empty_list() -> None:
    subgraphs = FakeSubgraphs({0: data(product=None, me={"id": "2"}), 1: data(_e0=[], _e1=[{"name": "n"}])})
    result = run_sync(PlanRun(batch(), {}), subgraphs)
    assert subgraphs.variables(1)["r0"] == []
    assert (data_of(result), result.errors) == ({"product": None, "me": {"name": "n"}}, ())


def test_a_batch_without_any_representations_is_not_sent() -> None:
    subgraphs = FakeSubgraphs({0: data(product=None, me=None)})
    run_sync(PlanRun(batch(), {}), subgraphs)
    assert len(subgraphs.asked) == 1


def test_a_malformed_call_leaves_the_other_calls_of_its_batch() -> None:
    root = data(product={"id": "1"}, me={"id": "2"})
    result = run(batch(), {0: root, 1: data(_e0=[], _e1=[{"name": "n"}])})
    assert data_of(result) == {"product": {"stock": None}, "me": {"name": "n"}}
    assert (codes_of(result), paths_of(result)) == (["SUBREQUEST_MALFORMED_RESPONSE"], [["product"]])


@pytest.mark.parametrize("entities", [None, {}, "x", [], [{"stock": 1}], [{"stock": 1}] * 3])
def test_entities_of_the_wrong_number_are_malformed_and_not_merged(entities: object) -> None:
    compiled = program(
        SHOP,
        "{ products { stock } }",
        root_fetch(0, "a"),
        entity_fetch(1, "b", call("products.@", templates=[PRODUCT])),
    )
    result = run(compiled, {0: data(products=[{"id": "1"}, {"id": "2"}]), 1: data(_entities=entities)})
    assert data_of(result) == {"products": [{"stock": None}, {"stock": None}]}
    assert (codes_of(result), paths_of(result)) == (["SUBREQUEST_MALFORMED_RESPONSE"], [["products"]])


def test_missing_entities_that_an_error_explains_are_not_malformed() -> None:
    response = {"data": {"_entities": None}, "errors": [{"message": "broken", "extensions": {"code": "B"}}]}
    assert codes_of(run(product_and_stock(), {0: data(product={"id": "1"}), 1: response})) == ["B"]


def test_an_entity_that_is_null_brings_nothing() -> None:
    result = run(product_and_stock(), {0: data(product={"id": "1", "name": "n"}), 1: data(_entities=[None])})
    assert (data_of(result), result.errors) == ({"product": {"name": "n", "stock": None}}, ())


@pytest.mark.parametrize("entity", [3, "x", [{"stock": 1}], False])
def test_an_entity_that_is_no_object_is_malformed_and_the_others_are_merged(entity: object) -> None:
    compiled = program(
        SHOP,
        "{ products { stock } }",
        root_fetch(0, "a"),
        entity_fetch(1, "b", call("products.@", templates=[PRODUCT])),
    )
    root = data(products=[{"id": "1"}, {"id": "2"}])
    result = run(compiled, {0: root, 1: data(_entities=[entity, {"stock": 2}])})
    assert data_of(result) == {"products": [{"stock": None}, {"stock": 2}]}
    assert (codes_of(result), paths_of(result)) == (["SUBREQUEST_MALFORMED_RESPONSE"], [["products"]])


def test_an_entity_is_merged_into_every_object_that_it_stands_for() -> None:
    compiled = program(
        SHOP,
        "{ products { id dim { w } } other { dim { w } } }",
        root_fetch(0, "a"),
        entity_fetch(1, "b", call("products.@", "other", templates=[PRODUCT])),
    )
    root = data(products=[{"id": "1"}, {"id": "2"}, {"id": "1"}], other={"id": "1"})
    result = run(compiled, {0: root, 1: data(_entities=[{"dim": {"w": 1}}, {"dim": {"w": 2}}])})
    assert data_of(result) == {
        "products": [{"id": "1", "dim": {"w": 1}}, {"id": "2", "dim": {"w": 2}}, {"id": "1", "dim": {"w": 1}}],
        "other": {"dim": {"w": 1}},
    }


def test_objects_on_different_paths_do_not_share_what_was_merged() -> None:
    compiled = program(
        SHOP,
        "{ product { seller { name } } other { seller { name } } }",
        root_fetch(0, "a"),
        entity_fetch(1, "b", call("product", "other", templates=[PRODUCT])),
        entity_fetch(2, "c", call("product.seller", templates=[USER]), needs=[1]),
    )
    result = run(
        compiled,
        {
            0: data(product={"id": "1"}, other={"id": "1"}),
            1: data(_entities=[{"seller": {"id": "7"}}]),
            2: data(_entities=[{"name": "n"}]),
        },
    )
    assert data_of(result) == {"product": {"seller": {"name": "n"}}, "other": {"seller": {"name": None}}}


def test_a_value_that_two_subgraphs_bring_in_pieces_is_put_together() -> None:
    compiled = program(
        SHOP,
        "{ product { dim { w h } } }",
        root_fetch(0, "a"),
        entity_fetch(1, "b", call("product", templates=[PRODUCT])),
        entity_fetch(2, "c", call("product", templates=[PRODUCT])),
    )
    answers = {
        0: data(product={"id": "1"}),
        1: data(_entities=[{"dim": {"w": 1}}]),
        2: data(_entities=[{"dim": {"h": 2}}]),
    }
    assert data_of(run(compiled, answers)) == {"product": {"dim": {"w": 1, "h": 2}}}


def test_a_nested_root_fetch_is_merged_into_every_object_at_its_path() -> None:
    graph = supergraph("type Query { users: [User] stock: Int } type User { back: Query }")
    compiled = program(
        graph,
        "{ users { back { stock } } }",
        root_fetch(0, "a"),
        root_fetch(1, "b", at="users.@.back", needs=[0]),
    )
    result = run(compiled, {0: data(users=[{"back": {}}, None, {"back": {}}]), 1: data(stock=3)})
    assert data_of(result) == {"users": [{"back": {"stock": 3}}, None, {"back": {"stock": 3}}]}


def test_a_nested_root_fetch_without_a_place_is_not_sent() -> None:
    graph = supergraph("type Query { user: User stock: Int } type User { back: Query }")
    compiled = program(
        graph, "{ user { back { stock } } }", root_fetch(0, "a"), root_fetch(1, "b", at="user.back", needs=[0])
    )
    subgraphs = FakeSubgraphs({0: data(user=None)})
    run_sync(PlanRun(compiled, {}), subgraphs)
    assert len(subgraphs.asked) == 1


def test_the_type_name_that_a_hop_brings_makes_an_interface_object_concrete() -> None:
    graph = supergraph(
        """
        type Query { them: N }
        interface N { id: ID! nick: String }
        type U implements N { id: ID! nick: String age: Int }
        """
    )
    compiled = program(
        graph,
        "{ them { __typename nick ... on U { age } } }",
        root_fetch(0, "b"),
        entity_fetch(1, "a", call("them", templates=[template("N", leaf("id"), types=["U", "N"])])),
    )
    hop = data(_entities=[{"__typename": "U", "age": 4}])
    result = run(compiled, {0: data(them={"__typename": "N", "id": "1", "nick": "x"}), 1: hop})
    assert data_of(result) == {"them": {"__typename": "U", "nick": "x", "age": 4}}


def test_an_interface_object_without_its_hop_is_null_with_an_error() -> None:
    graph = supergraph("type Query { them: N } interface N { id: ID! } type U implements N { id: ID! }")
    compiled = program(
        graph,
        "{ them { __typename } }",
        root_fetch(0, "b"),
        entity_fetch(1, "a", call("them", templates=[template("N", leaf("id"))])),
    )
    result = run(compiled, {0: data(them={"__typename": "N", "id": "1"}), 1: data(_entities=[None])})
    assert (data_of(result), paths_of(result)) == ({"them": None}, [["them"]])


def chunked() -> Program:
    return program(
        SHOP,
        "{ products { name stock cost } }",
        root_fetch(0, "a"),
        entity_fetch(1, "b", call("products.@", templates=[PRODUCT])),
        entity_fetch(2, "c", call("products.@", templates=[template("Product", leaf("stock"))]), needs=[1]),
        options=ExecutionOptions(max_representations=2),
    )


PRODUCTS = data(products=[{"id": str(number), "name": "n"} for number in range(3)])


def test_many_representations_are_sent_in_several_requests() -> None:
    subgraphs = FakeSubgraphs(
        {
            0: PRODUCTS,
            1: [data(_entities=[{"stock": 0}, {"stock": 1}]), data(_entities=[{"stock": 2}])],
            2: [data(_entities=[{"cost": 0}, {"cost": 1}]), data(_entities=[{"cost": 2}])],
        }
    )
    result = run_sync(PlanRun(chunked(), {}), subgraphs)
    assert data_of(result) == {"products": [{"name": "n", "stock": each, "cost": each} for each in range(3)]}


def test_a_dependant_waits_for_every_part_of_a_fetch() -> None:
    running = PlanRun(chunked(), {})
    (root,) = running.ready()
    running.receive(root, answer(PRODUCTS))
    first, second = running.ready()
    running.receive(second, answer(data(_entities=[{"stock": 2}])))
    assert running.ready() == []
    running.receive(first, answer(data(_entities=[{"stock": 0}, {"stock": 1}])))
    assert [request.fetch.id for request in running.ready()] == [2, 2]


def test_a_part_that_fails_leaves_the_others() -> None:
    answers = {
        0: PRODUCTS,
        1: [FetchFailure("X", "down"), data(_entities=[{"stock": 2}])],
        2: [data(_entities=[{"cost": 2}])],
    }
    result = run(chunked(), answers)
    assert data_of(result) == {
        "products": [
            {"name": "n", "stock": None, "cost": None},
            {"name": "n", "stock": None, "cost": None},
            {"name": "n", "stock": 2, "cost": 2},
        ]
    }


def test_what_has_arrived_can_be_answered_with_at_any_time() -> None:
    running = PlanRun(product_and_stock(), {})
    (request,) = running.ready()
    running.receive(request, answer(data(product={"id": "1", "name": "n"})))
    assert data_of(running.response()) == {"product": {"name": "n", "stock": None}}


def test_a_field_that_one_subgraph_failed_is_not_half_filled_by_another() -> None:
    compiled = program(SHOP, "{ product { name price } }", root_fetch(0, "a"), root_fetch(1, "b"))
    failed = {"data": {"product": None}, "errors": [{"message": "broken", "path": ["product"]}]}
    for order in (lambda _: 0, lambda waiting: waiting - 1):
        subgraphs = FakeSubgraphs({0: data(product={"name": "n"}), 1: failed})
        assert data_of(run_sync(PlanRun(compiled, {}), subgraphs, choose=order)) == {"product": None}


def test_an_entitys_field_that_one_subgraph_failed_is_not_half_filled_by_another() -> None:
    compiled = program(
        SHOP,
        "{ products { dim { w h } } }",
        root_fetch(0, "a"),
        entity_fetch(1, "b", call("products.@", templates=[PRODUCT])),
        entity_fetch(2, "c", call("products.@", templates=[PRODUCT])),
    )
    failed = {
        "data": {"_entities": [{"dim": None}, {"dim": {"w": 1}}]},
        "errors": [{"message": "broken", "path": ["_entities", 0, "dim", "w"]}],
    }
    for order in (lambda _: 0, lambda waiting: waiting - 1):
        subgraphs = FakeSubgraphs(
            {
                0: data(products=[{"id": "1"}, {"id": "2"}]),
                1: failed,
                2: data(_entities=[{"dim": {"h": 2}}, {"dim": {"h": 2}}]),
            }
        )
        result = run_sync(PlanRun(compiled, {}), subgraphs, choose=order)
        assert data_of(result) == {"products": [{"dim": None}, {"dim": {"w": 1, "h": 2}}]}
        assert paths_of(result) == [["products", 0, "dim", "w"]]


DIAMOND_ANSWERS = {
    0: data(products=[{"id": "1", "name": "a"}, {"id": "2", "name": "b"}, {"id": "1", "name": "a"}], other={"id": "2"}),
    1: {
        "data": {"_entities": [{"stock": 1, "dim": {"w": 1}, "seller": {"id": "s"}}, {"stock": None, "dim": None}]},
        "errors": [{"message": "no stock", "path": ["_entities", 1, "stock"]}],
    },
    2: data(_entities=[{"price": 10, "dim": {"h": 2}}, {"price": 20, "dim": {"h": 4}}]),
    3: {"data": {"_entities": [{"cost": 9}]}, "errors": [{"message": "odd", "path": ["_entities", 0, "cost"]}]},
    4: data(_entities=[{"name": "Sam"}]),
    5: FetchFailure("GATEWAY_TIMEOUT", "slow"),
}


def diamond() -> Program:
    priced = template("Product", leaf("stock"), leaf("price"))
    return program(
        SHOP,
        "{ products { name stock price cost dim { w h } seller { name } } other { dim { h w } } me { name } }",
        root_fetch(0, "a"),
        entity_fetch(1, "b", call("products.@", "other", templates=[PRODUCT])),
        entity_fetch(2, "c", call("products.@", "other", templates=[PRODUCT])),
        entity_fetch(3, "d", call("products.@", templates=[priced]), needs=[1, 2]),
        entity_fetch(4, "e", call("products.@.seller", templates=[USER]), needs=[1]),
        root_fetch(5, "f"),
    )


@settings(deadline=None)
@given(st.data())
def test_the_order_of_answers_does_not_change_the_response(draw: st.DataObject) -> None:
    def choose(waiting: int) -> int:
        return draw.draw(st.integers(0, waiting - 1))

    compiled = diamond()
    usual = run(compiled, DIAMOND_ANSWERS)
    assert run_sync(PlanRun(compiled, {}), FakeSubgraphs(DIAMOND_ANSWERS), choose=choose) == usual


def test_the_diamond_is_answered_in_full() -> None:
    result = run(diamond(), DIAMOND_ANSWERS)
    first = {"name": "a", "stock": 1, "price": 10, "cost": 9, "dim": {"w": 1, "h": 2}, "seller": {"name": "Sam"}}
    second = {"name": "b", "stock": None, "price": 20, "cost": None, "dim": {"w": None, "h": 4}, "seller": None}
    assert data_of(result) == {"products": [first, second, first], "other": {"dim": {"h": 4, "w": None}}, "me": None}
    assert paths_of(result) == [
        ["products", 1, "stock"],
        ["other"],
        ["products", 0, "cost"],
        ["products", 2, "cost"],
        None,
    ]
