"""A whole gateway on loopback sockets, in front of fake subgraphs.

A fake subgraph answers from a function that a test may replace, and remembers what it was asked.
"""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Self

import aiohttp
import orjson
import yaml
from aiohttp import web
from multidict import CIMultiDictProxy

from router.config.listen import Address
from router.gateway import Router
from supergraph import Subgraph, Supergraph, compose, read_supergraph

Json = dict[str, object]
Answer = Callable[[Json], web.Response]

USERS_SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { me: User users(first: Int): [User!]! strict: User! }
type Mutation { rename(name: String!): User }
type Subscription { renamed: User }
type User @key(fields: "id") { id: ID! name: String }
"""

REVIEWS_SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type User @key(fields: "id") { id: ID! reviews: [String!] }
"""

ADA: Json = {"__typename": "User", "id": "1", "name": "Ada"}


def json_response(body: object, *, status: int = 200) -> web.Response:
    """A JSON answer of a subgraph."""
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def answer_users(request: Json) -> web.Response:
    """Whatever is asked, there is Ada."""
    match = re.search(r"\b(me|users|strict|rename)\b", str(request["query"]))
    assert match is not None, request
    return json_response({"data": {match[1]: [ADA] if match[1] == "users" else ADA}})


def answer_reviews(request: Json) -> web.Response:
    """Every user has written one review."""
    variables = request["variables"]
    assert isinstance(variables, dict)
    return json_response({"data": {"_entities": [{"reviews": ["good"]} for _ in variables["representations"]]}})


@dataclass
class FakeSubgraph:
    """A subgraph on a loopback socket.

    Attributes:
        answer: Makes the response to a decoded request.
        hold: While it is not set, requests wait for it; a test that sets it to a new event makes a slow subgraph.
        asked: The requests so far.
        headers: Their headers.
        arrived: Set when a request has come.
        cancelled: Set when the other side went away before its answer.
    """

    answer: Answer
    asked: list[Json] = field(default_factory=list)
    headers: list[CIMultiDictProxy[str]] = field(default_factory=list)
    url: str = ""
    hold: asyncio.Event | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    _site: web.TCPSite | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Listen while the context lasts."""
        runner = web.ServerRunner(web.Server(self._handle, handler_cancellation=True, access_log=None))
        await runner.setup()
        self._site = web.TCPSite(runner, "127.0.0.1", 0)
        await self._site.start()
        host, port = runner.addresses[0]
        self.url = f"http://{host}:{port}/graphql"
        try:
            yield self
        finally:
            if self.hold is not None:
                self.hold.set()
            await runner.cleanup()

    async def leave(self) -> None:
        """Take no more connections."""
        assert self._site is not None
        await self._site.stop()

    async def _handle(self, raw: web.BaseRequest) -> web.Response:
        request = orjson.loads(await raw.read())
        self.asked.append(request)
        self.headers.append(raw.headers)
        self.arrived.set()
        if self.hold is not None:
            try:
                await self.hold.wait()
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
        return self.answer(request)


@dataclass
class LiveGateway:
    """A gateway that is listening."""

    url: str
    users: FakeSubgraph
    reviews: FakeSubgraph
    session: aiohttp.ClientSession
    stop: asyncio.Event

    def post(self, body: object, **headers: str) -> "aiohttp.client._RequestContextManager":
        """Send a GraphQL request; ``body`` is JSON, or bytes that are sent as they are."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        sent = {"content-type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
        return self.session.post(f"{self.url}/graphql", data=io.BytesIO(data), headers=sent)

    async def ask(self, query: str, **headers: str) -> Json:
        """The decoded answer to an operation."""
        async with self.post({"query": query}, **headers) as response:
            answer = orjson.loads(await response.read())
        assert isinstance(answer, dict)
        return answer


@cache
def compose_supergraph(users_url: str, reviews_url: str) -> Supergraph:
    """The supergraph of the fake subgraphs."""
    composition = compose(
        [
            Subgraph(name="users", url=users_url, sdl=USERS_SDL),
            Subgraph(name="reviews", url=reviews_url, sdl=REVIEWS_SDL),
        ]
    )
    assert composition.sdl is not None, composition.errors
    return read_supergraph(composition.sdl)


@asynccontextmanager
async def live_gateway(
    folder: Path, settings: Json | None = None, *, supergraph: Supergraph | None = None
) -> AsyncIterator[LiveGateway]:
    """A gateway with ``settings`` as its configuration file, for the time of the context.

    A test may bring its own supergraph of ``users`` and ``reviews``.
    """
    async with AsyncExitStack() as stack:
        users = await stack.enter_async_context(FakeSubgraph(answer_users).running())
        reviews = await stack.enter_async_context(FakeSubgraph(answer_reviews).running())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        urls = {"users": users.url, "reviews": reviews.url}
        quiet = {"telemetry": {"access_log": {"enabled": False}}, "override_subgraph_url": urls}
        config = folder / "router.yaml"
        config.write_text(yaml.safe_dump(quiet | (settings or {})))
        # Composed once for all tests; where the subgraphs are is said in the configuration.
        composed = compose_supergraph("http://users.invalid/graphql", "http://reviews.invalid/graphql")
        router = Router.from_config(config, source=supergraph or composed, environ={})
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        started: asyncio.Future[object] = loop.create_future()
        # A task and no TaskGroup: fixtures are left in another task than they are entered in.
        serving: asyncio.Future[object] = loop.create_task(
            router.serve(Address("127.0.0.1", 0), stop=stop, started=started.set_result)
        )
        await asyncio.wait([started, serving], return_when=asyncio.FIRST_COMPLETED)
        try:
            if started.done():
                yield LiveGateway(f"http://{started.result()}", users, reviews, session, stop)
        finally:
            stop.set()
            await serving
