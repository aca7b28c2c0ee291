"""Where the errors of subgraphs are told; each row of the table in ``locate``, and what is in them."""

import json

import pytest

from router.executor.errors import ErrorPaths
from router.executor.locate import common_prefix
from router.executor.outcome import FetchFailure
from router.executor.program import ExecutionOptions, Program
from tests.router.executor.executing import (
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
    type Query { products: [Product] product: Product other: Product strict: Strict }
    type Product { id: ID! name: String stock: Int seller: User tags: [Tag] rows: [[Tag]] node: Node }
    interface Node { id: ID! }
    type User implements Node { id: ID! name: String }
    type Tag implements Node { id: ID! text: String }
    type Strict { id: ID! must: String! may: String }
    """
)
PRODUCT = template("Product", leaf("id"))
TEXT = "{ products { name stock seller { name } } }"
PRODUCTS = data(products=[{"id": "1"}, {"id": "2"}, {"id": "1"}])


def error(*path: object, **extensions: object) -> dict[str, object]:
    return {"message": "broken", "path": list(path), "extensions": extensions}


def products(text: str = TEXT, options: ExecutionOptions | None = None) -> Program:
    fetch = entity_fetch(1, "stocks", call("products.@", templates=[PRODUCT]))
    return program(SHOP, text, root_fetch(0, "shop"), fetch, options=options)


def test_an_error_of_a_root_fetch_keeps_its_path() -> None:
    response = {"data": {"products": [None, {"name": None}]}, "errors": [error("products", 1, "name")]}
    assert paths_of(run(program(SHOP, TEXT, root_fetch(0, "shop")), {0: response})) == [["products", 1, "name"]]


def test_an_error_of_a_root_fetch_without_path_has_none() -> None:
    result = run(program(SHOP, TEXT, root_fetch(0, "shop")), {0: {"data": None, "errors": [{"message": "broken"}]}})
    assert [set(each) for each in result.errors] == [{"message", "extensions"}]


def test_an_error_of_an_entity_is_told_at_every_object_that_it_stands_for() -> None:
    response = {"data": {"_entities": [{"stock": None}, {"stock": 1}]}, "errors": [error("_entities", 0, "stock")]}
    result = run(products(), {0: PRODUCTS, 1: response})
    assert paths_of(result) == [["products", 0, "stock"], ["products", 2, "stock"]]


def test_every_error_of_a_response_is_told_at_its_own_place() -> None:
    response = {
        "data": {"_entities": [{"stock": None}, {"stock": None}]},
        "errors": [error("_entities", 1, "stock"), error("_entities", 0, "stock")],
    }
    result = run(products(), {0: PRODUCTS, 1: response})
    assert paths_of(result) == [["products", 1, "stock"], ["products", 0, "stock"], ["products", 2, "stock"]]


def test_an_error_of_an_unknown_field_below_a_null_is_told_at_the_null() -> None:
    response = {"data": {"product": {"node": None}}, "errors": [error("product", "node", "secret")]}
    compiled = program(SHOP, "{ product { node { ... on Tag { text } } } }", root_fetch(0, "shop"))
    assert paths_of(run(compiled, {0: response})) == [["product", "node"]]


def test_an_error_without_path_leaves_the_data_that_came_with_it() -> None:
    response = {"data": {"product": {"name": "n"}}, "errors": [{"message": "careful"}]}
    result = run(program(SHOP, "{ product { name } }", root_fetch(0, "shop")), {0: response})
    assert (data_of(result), paths_of(result)) == ({"product": {"name": "n"}}, [None])


def test_an_error_below_a_leaf_is_told_at_the_leaf() -> None:
    response = {"data": {"product": {"name": None}}, "errors": [error("product", "name", "first", 0)]}
    result = run(program(SHOP, "{ product { name } }", root_fetch(0, "shop")), {0: response})
    assert paths_of(result) == [["product", "name"]]


def test_an_error_in_a_piece_of_a_field_is_told_at_the_field() -> None:
    text = "{ product { node { ... on User { name } ... on User { name } } } }"
    compiled = program(SHOP, text, root_fetch(0, "shop"), store_keys={(3, "User"): "__1", (4, "User"): "__2"})
    stored = {"product": {"node": {"__typename": "User", "__1": "n", "__2": None}}}
    response = {"data": stored, "errors": [error("product", "node", "__2")]}
    assert paths_of(run(compiled, {0: response})) == [["product", "node", "name"]]


def test_an_error_of_a_whole_entity_is_told_at_its_objects() -> None:
    response = {"data": {"_entities": [{"stock": 2}, None]}, "errors": [error("_entities", 1)]}
    assert paths_of(run(products(), {0: PRODUCTS, 1: response})) == [["products", 1]]


@pytest.mark.parametrize("path", [["_entities"], ["_entities", 2, "stock"], ["_entities", "x"], [], ["elsewhere", 0]])
def test_an_error_of_no_entity_is_told_once_at_the_list(path: list[object]) -> None:
    response = {"data": {"_entities": [None, None]}, "errors": [error(*path)]}
    assert paths_of(run(products(), {0: PRODUCTS, 1: response})) == [["products"]]


@pytest.mark.parametrize(
    "outcome", [FetchFailure("GATEWAY_TIMEOUT", "slow"), {"data": None, "errors": [{"message": "broken"}]}]
)
def test_an_entity_fetch_that_fails_is_told_once_at_the_list(outcome: object) -> None:
    result = run(products(), {0: PRODUCTS, 1: outcome})
    assert paths_of(result) == [["products"]]
    assert data_of(result) == {"products": [{"name": None, "stock": None, "seller": None}] * 3}


def test_an_error_of_a_batched_entity_is_told_under_its_alias() -> None:
    batch = entity_fetch(
        1,
        "stocks",
        call("product", templates=[PRODUCT], number=0),
        call("other", templates=[PRODUCT], number=1),
    )
    compiled = program(SHOP, "{ product { stock } other { stock } }", root_fetch(0, "shop"), batch)
    response = {"data": {"_e0": [{"stock": 1}], "_e1": [{"stock": None}]}, "errors": [error("_e1", 0, "stock")]}
    result = run(compiled, {0: data(product={"id": "1"}, other={"id": "2"}), 1: response})
    assert paths_of(result) == [["other", "stock"]]


def test_a_batch_that_fails_is_told_where_its_paths_part() -> None:
    batch = entity_fetch(
        1,
        "stocks",
        call("product.seller", templates=[template("User", leaf("id"))], number=0),
        call("product.tags.@", templates=[template("Tag", leaf("id"))], number=1),
    )
    compiled = program(SHOP, "{ product { seller { name } tags { text } } }", root_fetch(0, "shop"), batch)
    root = data(product={"seller": {"id": "1"}, "tags": [{"id": "2"}]})
    assert paths_of(run(compiled, {0: root, 1: FetchFailure("GATEWAY_TIMEOUT", "slow")})) == [["product"]]


def test_an_error_of_two_paths_in_one_call_is_told_on_both() -> None:
    fetch = entity_fetch(1, "stocks", call("product", "other", templates=[PRODUCT]))
    compiled = program(SHOP, "{ product { stock } other { stock } }", root_fetch(0, "shop"), fetch)
    response = {"data": {"_entities": [{"stock": None}]}, "errors": [error("_entities", 0, "stock")]}
    result = run(compiled, {0: data(product={"id": "1"}, other={"id": "1"}), 1: response})
    assert paths_of(result) == [["product", "stock"], ["other", "stock"]]


def test_an_error_of_a_nested_root_fetch_stands_behind_its_position() -> None:
    graph = supergraph("type Query { me: Me stock: Int } type Me { back: Query }")
    compiled = program(
        graph, "{ me { back { stock } } }", root_fetch(0, "a"), root_fetch(1, "b", at="me.back", needs=[0])
    )
    response = {"data": {"stock": None}, "errors": [error("stock")]}
    assert paths_of(run(compiled, {0: data(me={"back": {}}), 1: response})) == [["me", "back", "stock"]]


def test_a_nested_root_fetch_that_fails_is_told_at_its_position() -> None:
    graph = supergraph("type Query { me: Me stock: Int } type Me { back: Query }")
    compiled = program(
        graph, "{ me { back { stock } } }", root_fetch(0, "a"), root_fetch(1, "b", at="me.back", needs=[0])
    )
    failure = FetchFailure("GATEWAY_TIMEOUT", "slow")
    assert paths_of(run(compiled, {0: data(me={"back": {}}), 1: failure})) == [["me", "back"]]


def test_store_keys_are_told_as_response_keys() -> None:
    compiled = program(
        SHOP,
        "{ product { seller { label: name } } }",
        root_fetch(0, "shop"),
        store_keys={(2, "Product"): "__1", (3, "User"): "__2"},
    )
    response = {"data": {"product": {"__1": {"__2": None}}}, "errors": [error("product", "__1", "__2")]}
    assert paths_of(run(compiled, {0: response})) == [["product", "seller", "label"]]


def test_an_error_of_an_internal_field_is_told_at_the_closest_visible_place() -> None:
    response = {"data": {"products": [{"id": None}]}, "errors": [error("products", 0, "id")]}
    result = run(program(SHOP, "{ products { name } }", root_fetch(0, "shop")), {0: response})
    assert paths_of(result) == [["products", 0]]


def test_an_error_of_an_internal_root_field_has_no_path() -> None:
    response = {"data": {"__1": None}, "errors": [error("__1", "a")]}
    assert paths_of(run(program(SHOP, TEXT, root_fetch(0, "shop")), {0: response})) == [None]


def test_an_error_below_a_null_keeps_its_path() -> None:
    response = {"data": {"product": None}, "errors": [error("product", "seller", "name")]}
    result = run(program(SHOP, "{ product { seller { name } } }", root_fetch(0, "shop")), {0: response})
    assert paths_of(result) == [["product", "seller", "name"]]


def test_an_error_below_a_null_of_an_abstract_type_keeps_its_path() -> None:
    response = {"data": {"product": {"node": None}}, "errors": [error("product", "node", "text")]}
    compiled = program(SHOP, "{ product { node { ... on Tag { text } } } }", root_fetch(0, "shop"))
    assert paths_of(run(compiled, {0: response})) == [["product", "node", "text"]]


def test_an_error_in_nested_lists_keeps_its_indices() -> None:
    response = {
        "data": {"product": {"rows": [[{"text": None}], None]}},
        "errors": [error("product", "rows", 0, 0, "text"), error("product", "rows", 1)],
    }
    result = run(program(SHOP, "{ product { rows { text } } }", root_fetch(0, "shop")), {0: response})
    assert paths_of(result) == [["product", "rows", 0, 0, "text"], ["product", "rows", 1]]


def test_an_error_keeps_its_text_and_extensions_and_names_its_subgraph() -> None:
    response = {"data": {"product": None}, "errors": [error("product", code="OUT", detail=[1])]}
    result = run(program(SHOP, "{ product { name } }", root_fetch(0, "shop")), {0: response})
    assert result.errors == (
        {
            "message": "broken",
            "path": ["product"],
            "extensions": {"code": "OUT", "detail": [1], "service": "shop"},
        },
    )


@pytest.mark.parametrize("extensions", [{}, {"code": 5}, {"code": None}])
def test_an_error_without_a_code_gets_one(extensions: dict[str, object]) -> None:
    response = {"data": {"product": None}, "errors": [{"message": "m", "path": ["product"], "extensions": extensions}]}
    result = run(program(SHOP, "{ product { name } }", root_fetch(0, "shop")), {0: response})
    assert codes_of(result) == ["DOWNSTREAM_SERVICE_ERROR"]


def test_an_error_is_told_in_so_many_places_and_their_number() -> None:
    root = data(products=[{"id": "1"}] * 5)
    response = {"data": {"_entities": [None]}, "errors": [error("_entities", 0)]}
    result = run(products(options=ExecutionOptions(error_fan_out=2)), {0: root, 1: response})
    assert paths_of(result) == [["products", 0], ["products", 1]]
    assert [each["extensions"]["affectedPaths"] for each in result.errors] == [5, 5]  # type: ignore[index]  # JSON


def test_errors_stand_in_the_order_of_the_plan_whatever_arrives_first() -> None:
    compiled = program(SHOP, "{ product { name } other { name } }", root_fetch(0, "a"), root_fetch(1, "b"))
    result = run(compiled, {0: FetchFailure("A", "a"), 1: FetchFailure("B", "b")})
    assert codes_of(result) == ["A", "B"]


def test_a_missing_non_null_field_that_an_error_explains_adds_none() -> None:
    compiled = program(SHOP, "{ strict { must } }", root_fetch(0, "shop"))
    response = {"data": {"strict": {"must": None}}, "errors": [error("strict", "must")]}
    result = run(compiled, {0: response})
    assert (data_of(result), paths_of(result)) == ({"strict": None}, [["strict", "must"]])


def test_a_missing_non_null_field_that_an_error_beside_it_does_not_explain_adds_one() -> None:
    compiled = program(SHOP, "{ strict { may must } }", root_fetch(0, "shop"))
    response = {"data": {"strict": {"may": None, "must": None}}, "errors": [error("strict", "may")]}
    assert paths_of(run(compiled, {0: response})) == [["strict", "may"], ["strict", "must"]]


def test_a_non_null_field_that_a_failed_fetch_should_have_brought_adds_none() -> None:
    fetch = entity_fetch(1, "b", call("strict", templates=[template("Strict", leaf("id"))]))
    compiled = program(SHOP, "{ strict { id must } }", root_fetch(0, "a"), fetch)
    result = run(compiled, {0: data(strict={"id": "1"}), 1: FetchFailure("GATEWAY_TIMEOUT", "slow")})
    assert (data_of(result), paths_of(result)) == ({"strict": None}, [["strict"]])


def test_a_failed_batch_does_not_explain_nulls_elsewhere() -> None:
    batch = entity_fetch(
        1,
        "b",
        call("product", templates=[PRODUCT], number=0),
        call("other", templates=[PRODUCT], number=1),
    )
    text = "{ product { stock } other { stock } strict { must } }"
    compiled = program(SHOP, text, root_fetch(0, "a"), batch)
    root = data(product={"id": "1"}, other={"id": "2"}, strict={"must": None})
    result = run(compiled, {0: root, 1: FetchFailure("GATEWAY_TIMEOUT", "slow")})
    assert paths_of(result) == [None, ["strict", "must"]]


RECORDED_AND_EXPLAINED = [
    ((), ("a",)),
    (("a",), ("a",)),
    (("a",), ("a", 0, "b")),
    (("a", 0, "b"), ("a",)),
    (("a",), ()),
]


@pytest.mark.parametrize(("recorded", "asked"), RECORDED_AND_EXPLAINED)
def test_an_error_explains_nulls_at_above_and_below_its_place(
    recorded: tuple[str | int, ...], asked: tuple[str | int, ...]
) -> None:
    paths = ErrorPaths()
    paths.add(recorded)
    assert paths.explain(asked)


@pytest.mark.parametrize(
    ("recorded", "asked"), [(("a", 0, "b"), ("a", 1)), (("a", 0), ("a", "0")), (("ab",), ("a",)), (("a",), ("b",))]
)
def test_an_error_does_not_explain_nulls_beside_its_place(
    recorded: tuple[str | int, ...], asked: tuple[str | int, ...]
) -> None:
    paths = ErrorPaths()
    paths.add(recorded)
    assert not paths.explain(asked)


def test_without_errors_nothing_is_explained() -> None:
    assert not ErrorPaths().explain(())


def test_the_common_prefix_of_no_paths_is_empty() -> None:
    assert common_prefix([]) == ()


def test_errors_can_be_written_as_json() -> None:
    result = run(products(), {0: PRODUCTS, 1: FetchFailure("GATEWAY_TIMEOUT", "slow")})
    assert json.loads(json.dumps(result.errors))[0]["extensions"] == {"code": "GATEWAY_TIMEOUT", "service": "stocks"}
