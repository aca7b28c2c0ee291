import pytest
from graphql import parse

from tests.oracle.data import Data, DataOptions, Json
from tests.oracle.memory import InMemorySubgraph, execute_monolith
from tests.oracle.pieces import SubgraphSource, with_link
from tests.oracle.world import World, build_world

SHOP = {
    "products": """
        type Query { product: Product! products: [Product!]! }
        type Product @key(fields: "upc") { upc: ID! weight: Int! size: Size! }
        type Size { w: Int! h: Int! }
    """,
    "orders": """
        type Query { first: Product! @provides(fields: "weight") }
        type Product @key(fields: "upc") {
          upc: ID!
          weight: Int! @external
          size: Size! @external
          cost: String! @requires(fields: "weight size { w }")
        }
        type Size { w: Int! @external }
    """,
    "stock": """
        type Product @key(fields: "upc", resolvable: false) { upc: ID! }
        type Query { seen: [Product!] }
    """,
}


def world_of(subgraphs: dict[str, str]) -> World:
    return build_world([SubgraphSource(name, with_link(sdl)) for name, sdl in subgraphs.items()])


@pytest.fixture
def data() -> Data:
    return Data(world_of(SHOP), DataOptions(nulls=0))


def entities(selection: str) -> str:
    return f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Product {{ {selection} }} }} }}"


def product(index: int = 1, **more: Json) -> dict[str, Json]:
    return {"__typename": "Product", "upc": f"Product.upc.{index}", **more}


def test_a_subgraph_and_the_monolith_see_the_same_values(data: Data) -> None:
    query = "{ product { upc weight size { w h } } products { upc } }"

    answer = InMemorySubgraph(data, "products").execute(query, {})

    assert answer == execute_monolith(data, parse(query), {})


def test_an_entity_is_found_by_its_key(data: Data) -> None:
    subgraph = InMemorySubgraph(data, "products")

    answer = subgraph.execute(entities("upc"), {"r": [product(2)]})

    assert answer == {"data": {"_entities": [{"upc": "Product.upc.2"}]}}
    assert subgraph.violations == []


def test_a_required_value_decides_what_is_answered(data: Data) -> None:
    query = "{ products { upc weight size { w h } cost } }"
    response = execute_monolith(data, parse(query), {})["data"]
    assert isinstance(response, dict)
    products = response["products"]
    assert isinstance(products, list)
    first = products[0]
    assert isinstance(first, dict)
    size = first["size"]
    assert isinstance(size, dict)
    sent: Json = {"__typename": "Product", "upc": first["upc"], "weight": first["weight"], "size": {"w": size["w"]}}

    answer = InMemorySubgraph(data, "orders").execute(entities("cost"), {"r": [sent]})

    assert answer == {"data": {"_entities": [{"cost": first["cost"]}]}}


@pytest.mark.parametrize(
    ("subgraph", "query", "representation", "message"),
    [
        ("orders", "{ product { upc } }", {}, "invalid operation: Cannot query field 'product' on type 'Query'."),
        ("products", entities("upc"), {"__typename": "Nothing"}, "products has no entity 'Nothing'"),
        (
            "products",
            entities("upc"),
            {"__typename": "Product", "id": 1},
            "products got Product.id in a",
        ),
        ("products", entities("upc"), {"__typename": "Product"}, "products got no complete key of Product"),
        ("products", entities("upc"), {"__typename": "Product", "upc": "7"}, "products knows no Product"),
        ("stock", entities("upc"), {"__typename": "Product", "upc": "7"}, "stock got no complete key of Product"),
        ("orders", "{ first { size { w } } }", {}, "Product.size is external in orders, and not provided here"),
        ("orders", "{ first { cost } }", {}, "Product.cost of orders lacks its @requires"),
    ],
)
def test_what_must_not_be_asked_is_a_violation(
    data: Data, subgraph: str, query: str, representation: dict[str, Json], message: str
) -> None:
    asked = InMemorySubgraph(data, subgraph)

    asked.execute(query, {"r": [representation]} if representation else {})

    assert [text[: len(message)] for text in asked.violations] == [message]


def test_a_wrong_required_value_is_a_violation(data: Data) -> None:
    asked = InMemorySubgraph(data, "orders")

    asked.execute(entities("cost"), {"r": [product(weight=-1, size={"w": -1})]})

    assert asked.violations[0].startswith("Product.cost of orders got {'weight': -1, 'size': {'w': -1}}")


def test_a_provided_field_can_be_taken_on_its_path(data: Data) -> None:
    asked = InMemorySubgraph(data, "orders")

    answer = asked.execute("{ first { weight } }", {})

    assert asked.violations == []
    assert answer == execute_monolith(data, parse("{ first { weight } }"), {})


def test_an_overridden_field_must_not_be_asked() -> None:
    world = world_of(
        {
            "a": 'type Query { t: T! } type T @key(fields: "id") { id: ID! f: Int! }',
            "b": 'type T @key(fields: "id") { id: ID! f: Int! @override(from: "a") }',
        }
    )
    asked = InMemorySubgraph(Data(world, DataOptions()), "a")

    asked.execute("{ t { f } }", {})

    assert asked.violations == ["T.f of a is overridden"]


def test_an_interface_object_stands_for_every_implementation() -> None:
    world = world_of(
        {
            "a": """
                type Query { n: N! }
                interface N @key(fields: "id") { id: ID! }
                type U implements N @key(fields: "id") { id: ID! }
                type V implements N @key(fields: "id") { id: ID! }
            """,
            "b": 'type N @key(fields: "id") @interfaceObject { id: ID! nick: String! }',
        }
    )
    data = Data(world, DataOptions())
    asked = InMemorySubgraph(data, "b")
    query = "query($r: [_Any!]!) { _entities(representations: $r) { ... on N { __typename id nick } } }"

    answer = asked.execute(query, {"r": [{"__typename": "N", "id": "V.id.3"}]})

    assert asked.violations == []
    assert answer["data"] == {"_entities": [{"__typename": "N", "id": "V.id.3", "nick": "nick-646"}]}
