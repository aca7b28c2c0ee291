"""Reading and writing orders, and telling those who wait for a change of one."""

import asyncio
import datetime
import sqlite3
from collections.abc import AsyncGenerator, Mapping, Sequence

from strawberry.dataloader import DataLoader

from subgraphs.database import select_by_keys


class OrderLoader(DataLoader[str, sqlite3.Row | None]):
    """Rows of ``orders`` by id, one query for all that are asked for in one step."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(load_fn=self._load)
        self._connection = connection

    async def _load(self, ids: list[str]) -> Sequence[sqlite3.Row | None]:
        query = "SELECT id AS key, * FROM orders WHERE id IN (SELECT value FROM json_each(?))"
        rows = select_by_keys(self._connection, query, ids)
        return [rows[id_][0] if id_ in rows else None for id_ in ids]


class RowsLoader(DataLoader[str, Sequence[sqlite3.Row]]):
    """Lists of rows by a key that they share, such as the lines of each order."""

    def __init__(self, connection: sqlite3.Connection, query: str) -> None:
        super().__init__(load_fn=self._load)
        self._connection = connection
        self._query = query

    async def _load(self, keys: list[str]) -> Sequence[Sequence[sqlite3.Row]]:
        rows = select_by_keys(self._connection, self._query, keys)
        return [rows.get(key, ()) for key in keys]


ORDERS_OF_USERS = """
    SELECT user_id AS key, * FROM orders
    WHERE user_id IN (SELECT value FROM json_each(?)) ORDER BY created_at DESC, id DESC
"""
LINES_OF_ORDERS = """
    SELECT order_id AS key, * FROM order_lines
    WHERE order_id IN (SELECT value FROM json_each(?)) ORDER BY upc
"""
LINES_OF_PRODUCTS = """
    SELECT upc AS key, * FROM order_lines
    WHERE upc IN (SELECT value FROM json_each(?)) ORDER BY order_id
"""


def insert_order(connection: sqlite3.Connection, user_id: str, quantities: Mapping[str, int]) -> str:
    """Store a new order of ``{upc: quantity}`` and return its id."""
    (count,) = connection.execute("SELECT count(*) FROM orders").fetchone()
    id_ = f"o{count + 1}"
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO orders VALUES (?, ?, 'pending', ?)", (id_, user_id, now))
    connection.executemany(
        "INSERT INTO order_lines VALUES (?, ?, ?)", [(id_, upc, quantity) for upc, quantity in quantities.items()]
    )
    connection.execute("COMMIT")
    return id_


def cancel_order(connection: sqlite3.Connection, id: str) -> None:
    """Mark an order as cancelled."""
    connection.execute("UPDATE orders SET status = 'cancelled' WHERE id = ?", (id,))


class StatusChanges:
    """Tells subscribers which orders have changed. One process only: an example needs no message broker."""

    def __init__(self) -> None:
        self._subscribers: set[asyncio.Queue[str]] = set()

    def publish(self, order_id: str) -> None:
        """Tell everyone who listens right now."""
        for queue in self._subscribers:
            queue.put_nowait(order_id)

    async def listen(self) -> AsyncGenerator[str, None]:
        """The ids of orders, each when it changes."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self._subscribers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._subscribers.discard(queue)
