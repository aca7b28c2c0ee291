"""Orders, and the fields that this subgraph adds to the users and products of the others.

Whatever crosses the border to another subgraph is nullable, so that a subgraph that fails takes only its own fields
with it: a null where none may be nulls the parent, and so on up to the next field that may be null.
"""

import datetime
import sqlite3
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

import strawberry

from subgraphs.errors import ExampleError, ForbiddenError, InputError, NotFoundError, UnauthenticatedError, check_first
from subgraphs.orders.store import (
    LINES_OF_ORDERS,
    LINES_OF_PRODUCTS,
    ORDERS_OF_USERS,
    OrderLoader,
    RowsLoader,
    StatusChanges,
    cancel_order,
    insert_order,
)
from subgraphs.server import CALLER_HEADER, Example, ExampleSchema

FREE_SHIPPING_FROM_CENTS = 50_000
SHIPPING_BASE_CENTS = 400
GRAMS_PER_CENT = 20
MAX_LINES = 50
MAX_QUANTITY = 1000


class NotCancellableError(ExampleError):
    """The order is on its way, or was cancelled before."""

    code = "ORDER_NOT_CANCELLABLE"


@dataclass(slots=True)
class Context:
    """What resolvers need of one request; the data loaders live as long as it does."""

    connection: sqlite3.Connection
    changes: StatusChanges
    caller: str | None
    orders: OrderLoader = field(init=False)
    orders_of_users: RowsLoader = field(init=False)
    lines_of_orders: RowsLoader = field(init=False)
    lines_of_products: RowsLoader = field(init=False)

    def __post_init__(self) -> None:
        self.orders = OrderLoader(self.connection)
        self.orders_of_users = RowsLoader(self.connection, ORDERS_OF_USERS)
        self.lines_of_orders = RowsLoader(self.connection, LINES_OF_ORDERS)
        self.lines_of_products = RowsLoader(self.connection, LINES_OF_PRODUCTS)


Info = strawberry.Info[Context, None]


@strawberry.enum(description="How far an order has come.")
class OrderStatus(Enum):
    """The states of an order; the values are what the database holds."""

    PENDING = "pending"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


CANCELLABLE = frozenset({OrderStatus.PENDING, OrderStatus.PAID})


@strawberry.federation.type(keys=["upc"])
class Product:
    """A product of the products subgraph, with what orders know about it."""

    upc: strawberry.ID
    price: int | None = strawberry.federation.field(external=True, graphql_type=int, default=None)
    weight: int | None = strawberry.federation.field(external=True, graphql_type=int, default=None)

    @classmethod
    def resolve_reference(cls, upc: strawberry.ID, price: int | None = None, weight: int | None = None) -> Self:
        """The product that another subgraph refers to; nothing is read until a field is asked for."""
        return cls(upc=upc, price=price, weight=weight)

    @strawberry.federation.field(
        requires=["price weight"], description="What sending one costs, in cents; expensive things travel free."
    )
    def shipping_estimate(self) -> int | None:
        """Computed from two fields that the gateway fetches from the products subgraph first."""
        if self.price is None or self.weight is None:
            return None
        return 0 if self.price >= FREE_SHIPPING_FROM_CENTS else SHIPPING_BASE_CENTS + self.weight // GRAMS_PER_CENT

    @strawberry.field(description="The orders in which this product is.")
    async def orders(self, info: Info) -> list["Order"] | None:
        """Two steps, one query each: the lines with this product, then their orders."""
        lines = await info.context.lines_of_products.load(self.upc)
        rows = await info.context.orders.load_many([line["order_id"] for line in lines])
        return [Order.from_row(row) for row in rows if row is not None]


@strawberry.type(description="One position of an order.")
class OrderLine:
    """A row of the table ``order_lines``."""

    product: Product | None = strawberry.field(description="Null if the product is not sold any more.")
    quantity: int


@strawberry.federation.type(keys=["id"])
class User:
    """A user of the users subgraph, with the orders of that user."""

    id: strawberry.ID

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Self:
        """The user whom another subgraph refers to; nothing is read until a field is asked for."""
        return cls(id=id)

    @strawberry.field(description="The newest order first.")
    async def orders(self, info: Info) -> list["Order"] | None:
        """The orders of all users of one request come with one query."""
        return [Order.from_row(row) for row in await info.context.orders_of_users.load(self.id)]


@strawberry.federation.type(keys=["id"], description="What someone bought at once.")
class Order:
    """A row of the table ``orders``."""

    id: strawberry.ID
    status: OrderStatus
    created_at: datetime.datetime
    user: User | None = strawberry.field(description="Who ordered.")

    @strawberry.field(description="What was ordered.")
    async def lines(self, info: Info) -> list[OrderLine]:
        """The lines of all orders of one request come with one query."""
        rows = await info.context.lines_of_orders.load(self.id)
        return [OrderLine(product=Product(upc=row["upc"]), quantity=row["quantity"]) for row in rows]

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> Self:
        """The order in a row with all columns."""
        return cls(
            id=row["id"],
            status=OrderStatus(row["status"]),
            created_at=datetime.datetime.fromisoformat(row["created_at"]),
            user=User(id=row["user_id"]),
        )

    @classmethod
    async def resolve_reference(cls, info: Info, id: strawberry.ID) -> Self | None:
        """The order that another subgraph refers to."""
        row = await info.context.orders.load(id)
        return None if row is None else cls.from_row(row)


@strawberry.input(description="One position of a new order.")
class OrderLineInput:
    """A product and how many of it."""

    upc: strawberry.ID
    quantity: int = 1


@strawberry.type
class Query:
    """Root fields of this subgraph."""

    @strawberry.field(description="One order; null if there is none with this id.")
    async def order(self, info: Info, id: strawberry.ID) -> Order | None:
        """An order by id."""
        row = await info.context.orders.load(id)
        return None if row is None else Order.from_row(row)

    @strawberry.field(description="The caller's own orders, the newest first; null for anonymous callers.")
    async def my_orders(self, info: Info, first: int = 5) -> list[Order] | None:
        """The orders of the user whom the gateway names in ``x-consumer-id``."""
        check_first(first)
        caller = info.context.caller
        if caller is None:
            return None
        return [Order.from_row(row) for row in (await info.context.orders_of_users.load(caller))[:first]]


@strawberry.type
class Mutation:
    """Changes that this subgraph makes."""

    @strawberry.mutation(description="Order something as the caller.")
    def create_order(self, info: Info, lines: list[OrderLineInput]) -> Order:
        """Store a new order. Whether the products exist, the products subgraph would have to say."""
        caller = _check_caller(info)
        id_ = insert_order(info.context.connection, caller, _check_lines(lines))
        info.context.changes.publish(id_)
        return _read_order(info.context.connection, id_)

    @strawberry.mutation(description="Cancel an order of the caller that was not sent yet.")
    def cancel_order(self, info: Info, id: strawberry.ID) -> Order:
        """Change the status of one order and return it."""
        caller = _check_caller(info)
        order = _read_order(info.context.connection, id)
        if order.user is None or order.user.id != caller:
            raise ForbiddenError("callers can cancel their own orders only")
        if order.status not in CANCELLABLE:
            raise NotCancellableError(f"order {id} is {order.status.value}, it cannot be cancelled")
        cancel_order(info.context.connection, id)
        info.context.changes.publish(id)
        return _read_order(info.context.connection, id)


@strawberry.type
class Subscription:
    """What this subgraph tells as it happens."""

    @strawberry.subscription(description="Orders as they change: one of them, or all.")
    async def order_status_changed(self, info: Info, id: strawberry.ID | None = None) -> AsyncGenerator[Order, None]:
        """Each order that changes from now on, as it is then."""
        async with aclosing(info.context.changes.listen()) as changes:
            async for changed in changes:
                if id is None or id == changed:
                    yield _read_order(info.context.connection, changed)


def _check_caller(info: Info) -> str:
    if info.context.caller is None:
        raise UnauthenticatedError("sign in to order")
    return info.context.caller


def _check_lines(lines: Sequence[OrderLineInput]) -> Mapping[str, int]:
    """The lines as ``{upc: quantity}``; raises ``InputError``."""
    quantities = {str(line.upc): line.quantity for line in lines}
    if not 1 <= len(lines) <= MAX_LINES:
        raise InputError(f"an order has between 1 and {MAX_LINES} lines")
    if len(quantities) < len(lines):
        raise InputError("a product can be in an order once; raise its quantity instead")
    for upc, quantity in quantities.items():
        if not 1 <= quantity <= MAX_QUANTITY:
            raise InputError(f"the quantity of {upc} must be between 1 and {MAX_QUANTITY}")
    return quantities


def _read_order(connection: sqlite3.Connection, id: str) -> Order:
    row = connection.execute("SELECT * FROM orders WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no order {id}")
    return Order.from_row(row)


class ContextMaker:
    """Makes a context for each request; what lives longer than a request is held here."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._changes = StatusChanges()

    def __call__(self, headers: Mapping[str, str]) -> Context:
        """The context of a request with these headers."""
        return Context(self._connection, self._changes, headers.get(CALLER_HEADER))


EXAMPLE = Example(
    name="orders",
    port=4102,
    schema=ExampleSchema(query=Query, mutation=Mutation, subscription=Subscription),
    start=ContextMaker,
)
