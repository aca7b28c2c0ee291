"""Reading products from the database: the GraphQL and the REST side share these."""

import sqlite3
from collections.abc import Sequence

from strawberry.dataloader import DataLoader

from subgraphs.database import select_by_keys


class ProductLoader(DataLoader[str, sqlite3.Row | None]):
    """Rows of ``products`` by UPC, one query for all that are asked for in one step."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(load_fn=self._load)
        self._connection = connection

    async def _load(self, upcs: list[str]) -> Sequence[sqlite3.Row | None]:
        query = "SELECT upc AS key, * FROM products WHERE upc IN (SELECT value FROM json_each(?))"
        rows = select_by_keys(self._connection, query, upcs)
        return [rows[upc][0] if upc in rows else None for upc in upcs]


class SkuLoader(DataLoader[tuple[str, str], sqlite3.Row | None]):
    """Rows of ``products`` by SKU and brand id, the other key of a product."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(load_fn=self._load)
        self._connection = connection

    async def _load(self, keys: list[tuple[str, str]]) -> Sequence[sqlite3.Row | None]:
        query = "SELECT sku AS key, * FROM products WHERE sku IN (SELECT value FROM json_each(?))"
        rows = select_by_keys(self._connection, query, [sku for sku, _ in keys])
        return [next((row for row in rows[sku] if row["brand_id"] == brand), None) for sku, brand in keys]


class BrandLoader(DataLoader[str, sqlite3.Row]):
    """Rows of ``brands`` by id; every product's brand exists."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(load_fn=self._load)
        self._connection = connection

    async def _load(self, ids: list[str]) -> Sequence[sqlite3.Row]:
        query = "SELECT id AS key, * FROM brands WHERE id IN (SELECT value FROM json_each(?))"
        rows = select_by_keys(self._connection, query, ids)
        return [rows[id_][0] for id_ in ids]


def select_best_sellers(connection: sqlite3.Connection, first: int) -> Sequence[sqlite3.Row]:
    """The products that sell best."""
    return connection.execute("SELECT * FROM products ORDER BY sold DESC, upc LIMIT ?", (first,)).fetchall()


def search_products(connection: sqlite3.Connection, text: str, first: int) -> Sequence[sqlite3.Row]:
    """Products whose name contains the text, in any case."""
    return connection.execute(
        "SELECT * FROM products WHERE instr(lower(name), lower(?)) ORDER BY upc LIMIT ?", (text, first)
    ).fetchall()


def search_brands(connection: sqlite3.Connection, text: str, first: int) -> Sequence[sqlite3.Row]:
    """Brands whose name contains the text, in any case."""
    return connection.execute(
        "SELECT * FROM brands WHERE instr(lower(name), lower(?)) ORDER BY id LIMIT ?", (text, first)
    ).fetchall()


def select_page(connection: sqlite3.Connection, *, page: int, limit: int) -> tuple[Sequence[sqlite3.Row], int]:
    """One page of products in the order of their UPCs (pages count from 1), and how many products there are."""
    rows = connection.execute(
        "SELECT * FROM products ORDER BY upc LIMIT ? OFFSET ?", (limit, (page - 1) * limit)
    ).fetchall()
    (total,) = connection.execute("SELECT count(*) FROM products").fetchone()
    return rows, total


def select_product(connection: sqlite3.Connection, upc: str) -> sqlite3.Row | None:
    """One product, or ``None``."""
    row: sqlite3.Row | None = connection.execute("SELECT * FROM products WHERE upc = ?", (upc,)).fetchone()
    return row
