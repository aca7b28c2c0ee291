"""An example subgraph on a loopback socket, with its database in reach of the test."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer

from subgraphs.database import open_database
from subgraphs.server import Example, make_app

ENTITIES = "query ($representations: [_Any!]!) { _entities(representations: $representations) { %s } }"


@dataclass(frozen=True, slots=True)
class RunningExample:
    """An example that answers; asks it what a gateway would ask."""

    client: TestClient[web.Request, web.Application]
    connection: sqlite3.Connection

    async def ask(self, query: str, *, caller: str | None = None, variables: object = None) -> dict[str, object]:
        headers = {"x-consumer-id": caller} if caller else {}
        body = {"query": query, "variables": variables}
        async with self.client.post("/graphql", json=body, headers=headers) as response:
            answer: dict[str, object] = await response.json()
            return answer

    async def data(self, query: str, *, caller: str | None = None, variables: object = None) -> object:
        answer = await self.ask(query, caller=caller, variables=variables)
        assert "errors" not in answer, answer
        return answer["data"]

    async def error(self, query: str, *, caller: str | None = None) -> tuple[str, str]:
        """The message and the code of the only error."""
        answer = await self.ask(query, caller=caller)
        match answer["errors"]:
            case [{"message": str(message), "extensions": {"code": str(code)}}]:
                return message, code
            case errors:
                raise AssertionError(errors)

    async def entities(self, selection: str, *representations: Mapping[str, object]) -> object:
        data = await self.data(ENTITIES % selection, variables={"representations": representations})
        assert isinstance(data, dict)
        return data["_entities"]

    async def get(self, path: str) -> tuple[int, object]:
        async with self.client.get(path) as response:
            return response.status, await response.json()

    async def websocket(self) -> ClientWebSocketResponse:
        return await self.client.ws_connect("/graphql", protocols=("graphql-transport-ws",))

    def trace(self) -> list[str]:
        """A list that grows with each SELECT that the database runs from now on."""
        statements: list[str] = []
        self.connection.set_trace_callback(statements.append)
        return statements


@asynccontextmanager
async def running(example: Example) -> AsyncIterator[RunningExample]:
    connection = open_database(f"subgraphs.{example.name}")
    try:
        async with TestClient(TestServer(make_app(example, connection))) as client:
            yield RunningExample(client, connection)
    finally:
        connection.close()
