"""What the examples share: the command line, the HTTP server and the request context.

A subgraph serves ``/graphql`` (POST, GET and WebSocket) and ``/health``. Who calls is what the gateway says in
``x-consumer-id``: these services trust it, so they must not be reachable around the gateway.
"""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from graphql import GraphQLError
from strawberry.aiohttp.views import GraphQLView
from strawberry.federation import Schema
from strawberry.types import ExecutionContext

from subgraphs.database import open_database
from subgraphs.errors import ExampleError

CALLER_HEADER = "x-consumer-id"

# An `_entities` request carries one representation per entity, so it can be much longer than what clients send.
BODY_LIMIT_BYTES = 16 * 1024 * 1024

Headers = Mapping[str, str]
MakeContext = Callable[[Headers], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One example subgraph.

    Attributes:
        name: Its name in the supergraph, and of its package in ``subgraphs``.
        port: Where it listens unless told otherwise.
        schema: Its federation schema.
        start: Called once with the database; returns what makes the context of each request from its headers.
        routes: REST routes beside GraphQL.
    """

    name: str
    port: int
    schema: Schema
    start: Callable[[sqlite3.Connection], MakeContext]
    routes: Callable[[sqlite3.Connection], Sequence[web.RouteDef]] | None = None


class ExampleSchema(Schema):
    """A schema that logs only what nobody foresaw: refusing bad input is not a failure of the service."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log the errors that are not the client's."""
        failures = [
            error for error in errors if error.original_error and not isinstance(error.original_error, ExampleError)
        ]
        super().process_errors(failures, execution_context)


class _View(GraphQLView[object, None]):
    def __init__(self, schema: Schema, make_context: MakeContext) -> None:
        super().__init__(schema, graphql_ide=None)
        self._make_context = make_context

    async def get_context(
        self,
        request: web.Request,
        response: web.Response | web.WebSocketResponse,  # noqa: ARG002 - the base class passes it
    ) -> object:
        return self._make_context(request.headers)


def make_app(example: Example, connection: sqlite3.Connection) -> web.Application:
    """The web application of an example, over an open database."""
    app = web.Application(client_max_size=BODY_LIMIT_BYTES)
    app.router.add_route("*", "/graphql", _View(example.schema, example.start(connection)))
    app.router.add_get("/health", _answer_health)
    if example.routes is not None:
        app.router.add_routes(example.routes(connection))
    return app


async def _answer_health(request: web.Request) -> web.Response:  # noqa: ARG001 - a handler takes a request
    return web.json_response({"status": "UP"})


def main(example: Example, arguments: Sequence[str] | None = None) -> int:
    """Run one example from the command line; returns the exit code."""
    options = _parse(example, arguments)
    if options.sdl:
        sys.stdout.write(str(example.schema) + "\n")
        return 0
    logging.basicConfig(level=logging.WARNING, format=f"{example.name}: %(levelname)s %(message)s")
    try:
        connection = open_database(f"subgraphs.{example.name}", options.database)
    except sqlite3.Error as error:
        sys.stderr.write(f"{example.name}: cannot use the database {options.database}: {error}\n")
        return 1
    with contextlib.closing(connection):
        try:
            asyncio.run(_serve(example, connection, options))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            sys.stderr.write(f"{example.name}: cannot listen on {options.host}:{options.port}: {reason}\n")
            return 1
    return 0


def _parse(example: Example, arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"python -m subgraphs.{example.name}", description=f"The example subgraph {example.name}."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=example.port, help="port to listen on (default: %(default)s)")
    parser.add_argument("--database", default=":memory:", help="SQLite file, seeded at each start (default: in memory)")
    parser.add_argument("--sdl", action="store_true", help="print the schema and exit")
    return parser.parse_args(arguments)


async def _serve(example: Example, connection: sqlite3.Connection, options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    runner = web.AppRunner(make_app(example, connection), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, options.host, options.port).start()
        sys.stderr.write(f"{example.name}: http://{options.host}:{options.port}/graphql\n")
        await stopped.wait()
    finally:
        await runner.cleanup()
