from collections.abc import AsyncIterator

import pytest

from subgraphs.orders.service import EXAMPLE
from tests.subgraphs.running_example import RunningExample, running

CREATE = 'mutation { createOrder(lines: [{upc: "p6", quantity: 2}]) { id } }'


@pytest.fixture
async def orders() -> AsyncIterator[RunningExample]:
    async with running(EXAMPLE) as example:
        yield example


async def test_an_order_refers_to_its_user_and_products(orders: RunningExample) -> None:
    assert await orders.data('{ order(id: "o2") { status user { id } lines { quantity product { upc } } } }') == {
        "order": {
            "status": "SHIPPED",
            "user": {"id": "u1"},
            "lines": [{"quantity": 1, "product": {"upc": "p4"}}, {"quantity": 6, "product": {"upc": "p5"}}],
        }
    }


async def test_an_unknown_order_is_null(orders: RunningExample) -> None:
    assert await orders.data('{ order(id: "o99") { id } }') == {"order": None}


async def test_my_orders_are_those_of_the_caller(orders: RunningExample) -> None:
    assert await orders.data("{ myOrders(first: 2) { id } }", caller="u1") == {"myOrders": [{"id": "o3"}, {"id": "o2"}]}


async def test_my_orders_are_null_for_an_anonymous_caller(orders: RunningExample) -> None:
    assert await orders.data("{ myOrders { id } }") == {"myOrders": None}


async def test_users_have_their_newest_order_first(orders: RunningExample) -> None:
    ada, nobody = {"__typename": "User", "id": "u1"}, {"__typename": "User", "id": "nobody"}
    assert await orders.entities("... on User { orders { id } }", ada, nobody) == [
        {"orders": [{"id": "o3"}, {"id": "o2"}, {"id": "o1"}]},
        {"orders": []},
    ]


async def test_one_entities_call_for_users_makes_one_query_per_table(orders: RunningExample) -> None:
    statements = orders.trace()
    representations = [{"__typename": "User", "id": f"u{i}"} for i in range(1, 7)]
    await orders.entities("... on User { orders { lines { quantity } } }", *representations)
    assert [_table(statement) for statement in statements] == ["orders", "order_lines"]


async def test_one_entities_call_for_products_makes_one_query_per_table(orders: RunningExample) -> None:
    statements = orders.trace()
    representations = [{"__typename": "Product", "upc": f"p{i}"} for i in range(1, 9)]
    await orders.entities("... on Product { orders { status } }", *representations)
    assert [_table(statement) for statement in statements] == ["order_lines", "orders"]


async def test_products_know_the_orders_they_are_in(orders: RunningExample) -> None:
    lamp = {"__typename": "Product", "upc": "p4"}
    assert await orders.entities("... on Product { orders { id } }", lamp) == [{"orders": [{"id": "o2"}, {"id": "o5"}]}]


@pytest.mark.parametrize(("price", "weight", "estimate"), [(7900, 1800, 490), (89900, 41000, 0), (None, 1800, None)])
async def test_shipping_is_estimated_from_the_required_fields(
    orders: RunningExample, price: int | None, weight: int, estimate: int | None
) -> None:
    product = {"__typename": "Product", "upc": "p1", "price": price, "weight": weight}
    assert await orders.entities("... on Product { shippingEstimate }", product) == [{"shippingEstimate": estimate}]


async def test_a_new_order_belongs_to_the_caller(orders: RunningExample) -> None:
    mutation = 'mutation { createOrder(lines: [{upc: "p6", quantity: 2}]) { status user { id } lines { quantity } } }'
    assert await orders.data(mutation, caller="u2") == {
        "createOrder": {"status": "PENDING", "user": {"id": "u2"}, "lines": [{"quantity": 2}]}
    }


async def test_a_pending_order_can_be_cancelled(orders: RunningExample) -> None:
    assert await orders.data('mutation { cancelOrder(id: "o3") { id status } }', caller="u1") == {
        "cancelOrder": {"id": "o3", "status": "CANCELLED"}
    }


@pytest.mark.parametrize(
    ("caller", "mutation", "code"),
    [
        (None, 'createOrder(lines: [{upc: "p1"}]) { id }', "UNAUTHENTICATED"),
        ("u1", "createOrder(lines: []) { id }", "BAD_USER_INPUT"),
        ("u1", 'createOrder(lines: [{upc: "p1", quantity: 0}]) { id }', "BAD_USER_INPUT"),
        ("u1", 'createOrder(lines: [{upc: "p1"}, {upc: "p1"}]) { id }', "BAD_USER_INPUT"),
        (None, 'cancelOrder(id: "o3") { id }', "UNAUTHENTICATED"),
        ("u2", 'cancelOrder(id: "o3") { id }', "FORBIDDEN"),
        ("u1", 'cancelOrder(id: "o99") { id }', "NOT_FOUND"),
        ("u1", 'cancelOrder(id: "o1") { id }', "ORDER_NOT_CANCELLABLE"),
    ],
)
async def test_a_bad_mutation_is_refused(orders: RunningExample, caller: str | None, mutation: str, code: str) -> None:
    _, actual = await orders.error(f"mutation {{ {mutation} }}", caller=caller)
    assert actual == code


async def test_a_refused_order_leaves_nothing_behind(orders: RunningExample) -> None:
    await orders.error('mutation { createOrder(lines: [{upc: "p1", quantity: 0}]) { id } }', caller="u4")
    assert await orders.entities("... on User { orders { id } }", {"__typename": "User", "id": "u4"}) == [
        {"orders": []}
    ]


async def test_subscribers_hear_of_a_status_that_changes(orders: RunningExample) -> None:
    socket = await orders.websocket()
    await socket.send_json({"type": "connection_init"})
    assert (await socket.receive_json())["type"] == "connection_ack"
    query = 'subscription { orderStatusChanged(id: "o3") { id status } }'
    await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": query}})
    # The server reads a connection in order: its pong says that the subscription has been received.
    await socket.send_json({"type": "ping"})
    assert (await socket.receive_json())["type"] == "pong"
    await orders.data(CREATE, caller="u2")
    await orders.data('mutation { cancelOrder(id: "o3") { id } }', caller="u1")
    message = await socket.receive_json()
    await socket.close()
    assert message["payload"] == {"data": {"orderStatusChanged": {"id": "o3", "status": "CANCELLED"}}}


def _table(statement: str) -> str:
    return statement.split("FROM")[1].split()[0]
