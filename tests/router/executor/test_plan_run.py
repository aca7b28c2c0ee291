"""What is sent, when, and what comes of it."""

from router.executor.run import PlanRun
from router.executor.schedule import run_sync
from tests.router.executor.executing import (
    FakeSubgraphs,
    call,
    data,
    data_of,
    entity_fetch,
    leaf,
    program,
    root_fetch,
    run,
    supergraph,
    template,
)

SHOP = supergraph(
    """
    type Query { product(id: ID): Product products: [Product] me: User }
    type Mutation { a: Product b: Product }
    type Product { id: ID! name: String price: Int stock: Int seller: User }
    type User { id: ID! name: String }
    """
)
PRODUCT = template("Product", leaf("id"))
USER = template("User", leaf("id"))


def test_a_root_fetch_answers_the_client() -> None:
    compiled = program(SHOP, "{ product { name } }", root_fetch(0, "products"))
    result = run(compiled, {0: data(product={"name": "Table"})})
    assert (result.data, result.errors) == (b'{"product":{"name":"Table"}}', ())


def test_a_dependent_fetch_waits_for_its_input() -> None:
    compiled = program(
        SHOP,
        "{ product { stock } }",
        root_fetch(0, "products"),
        entity_fetch(1, "inventory", call("product", templates=[PRODUCT])),
    )
    started = PlanRun(compiled, {})
    assert [request.fetch.id for request in started.ready()] == [0]
    assert started.ready() == []


def test_an_entity_fetch_sends_representations_and_its_answer_is_merged() -> None:
    compiled = program(
        SHOP,
        "{ product { name stock } }",
        root_fetch(0, "products"),
        entity_fetch(1, "inventory", call("product", templates=[PRODUCT])),
    )
    subgraphs = FakeSubgraphs({0: data(product={"id": "1", "name": "Table"}), 1: data(_entities=[{"stock": 3}])})
    result = run_sync(PlanRun(compiled, {}), subgraphs)
    assert subgraphs.asked[1] == (
        "inventory",
        {"query": "{f1}", "variables": {"representations": [{"__typename": "Product", "id": "1"}]}},
    )
    assert data_of(result) == {"product": {"name": "Table", "stock": 3}}


def test_independent_fetches_start_together() -> None:
    compiled = program(SHOP, "{ product { name } me { name } }", root_fetch(0, "products"), root_fetch(1, "users"))
    assert [request.fetch.id for request in PlanRun(compiled, {}).ready()] == [0, 1]
