"""Products over plain REST: what the gateway's proxy route leads to."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from subgraphs.products.store import select_page, select_product

PAGE_LIMIT = 100


def routes(connection: sqlite3.Connection) -> Sequence[web.RouteDef]:
    """``GET /products?page=1&limit=20`` and ``GET /products/{upc}``."""
    handlers = _Handlers(connection)
    return [web.get("/products", handlers.list_products), web.get("/products/{upc}", handlers.get_product)]


@dataclass(frozen=True, slots=True)
class _Handlers:
    connection: sqlite3.Connection

    async def list_products(self, request: web.Request) -> web.Response:
        page, limit = _positive(request, "page", default=1), _positive(request, "limit", default=20)
        if page is None or limit is None or limit > PAGE_LIMIT:
            return _problem(400, f"page and limit must be positive numbers, limit at most {PAGE_LIMIT}")
        rows, total = select_page(self.connection, page=page, limit=limit)
        return web.json_response({"items": [dict(row) for row in rows], "page": page, "limit": limit, "total": total})

    async def get_product(self, request: web.Request) -> web.Response:
        row = select_product(self.connection, request.match_info["upc"])
        if row is None:
            return _problem(404, f"there is no product {request.match_info['upc']}")
        return web.json_response(dict(row))


def _positive(request: web.Request, name: str, *, default: int) -> int | None:
    """The number in a query parameter; ``None`` if it is not one that SQLite can count to."""
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return int(text) or None


def _problem(status: int, detail: str) -> web.Response:
    # https://www.rfc-editor.org/rfc/rfc9457
    body = {"status": status, "title": "Not found" if status == 404 else "Bad request", "detail": detail}
    return web.json_response(body, status=status, content_type="application/problem+json")
