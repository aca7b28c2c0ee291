from collections.abc import AsyncIterator

import pytest

from subgraphs.products.service import EXAMPLE
from tests.subgraphs.running_example import RunningExample, running


@pytest.fixture
async def products() -> AsyncIterator[RunningExample]:
    async with running(EXAMPLE) as example:
        yield example


async def test_top_products_start_with_the_best_seller(products: RunningExample) -> None:
    assert await products.data("{ topProducts(first: 2) { name } }") == {
        "topProducts": [{"name": "Warm bulb"}, {"name": "Notebook A5"}]
    }


async def test_a_product_has_a_brand_and_dimensions(products: RunningExample) -> None:
    query = '{ product(upc: "p4") { name price weight brand { name } dimensions { length width height } } }'
    assert await products.data(query) == {
        "product": {
            "name": "Desk lamp",
            "price": 7900,
            "weight": 1800,
            "brand": {"name": "Lumen"},
            "dimensions": {"length": 180, "width": 180, "height": 460},
        }
    }


async def test_an_unknown_product_is_null(products: RunningExample) -> None:
    assert await products.data('{ product(upc: "p99") { name } }') == {"product": None}


async def test_a_search_finds_products_and_brands(products: RunningExample) -> None:
    query = '{ search(text: "INK") { __typename ... on Product { upc } ... on Brand { id } } }'
    assert await products.data(query) == {
        "search": [{"__typename": "Product", "upc": "p8"}, {"__typename": "Brand", "id": "b3"}]
    }


async def test_an_empty_search_is_refused(products: RunningExample) -> None:
    assert await products.error('{ search(text: " ") { __typename } }') == (
        "text must not be empty",
        "BAD_USER_INPUT",
    )


async def test_a_product_is_found_by_either_key(products: RunningExample) -> None:
    by_upc = {"__typename": "Product", "upc": "p2"}
    by_sku = {"__typename": "Product", "sku": "LAMP-7", "brand": {"id": "b2"}}
    other_brand = {"__typename": "Product", "sku": "LAMP-7", "brand": {"id": "b1"}}
    assert await products.entities("... on Product { name }", by_upc, by_sku, other_brand) == [
        {"name": "Oak chair"},
        {"name": "Desk lamp"},
        None,
    ]


async def test_one_entities_call_makes_one_query_per_table(products: RunningExample) -> None:
    statements = products.trace()
    representations = [{"__typename": "Product", "upc": f"p{i}"} for i in range(1, 9)]
    await products.entities("... on Product { name brand { name } }", *representations)
    assert [statement.split("WHERE")[0].split("FROM")[1].strip() for statement in statements] == ["products", "brands"]


async def test_rest_lists_products_by_page(products: RunningExample) -> None:
    status, body = await products.get("/products?page=2&limit=3")
    assert isinstance(body, dict)
    assert (status, [item["upc"] for item in body["items"]], body["total"]) == (200, ["p4", "p5", "p6"], 8)


async def test_rest_gives_one_product(products: RunningExample) -> None:
    status, body = await products.get("/products/p7")
    assert isinstance(body, dict)
    assert (status, body["name"]) == (200, "Fountain pen")


async def test_rest_answers_404_for_an_unknown_product(products: RunningExample) -> None:
    assert await products.get("/products/p99") == (
        404,
        {"status": 404, "title": "Not found", "detail": "there is no product p99"},
    )


@pytest.mark.parametrize(
    "query", ["page=0", "limit=0", "limit=101", "page=x", "page=-1", "page=²", "page=1" + 30 * "0"]
)
async def test_rest_refuses_a_senseless_page(products: RunningExample, query: str) -> None:
    status, _ = await products.get(f"/products?{query}")
    assert status == 400
