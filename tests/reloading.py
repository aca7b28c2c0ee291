"""A gateway whose sources change while it serves."""

import asyncio
import gc
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import orjson
import yaml

from router.config.listen import Address
from router.gateway import Router
from router.snapshot import Snapshot
from supergraph import Subgraph, compose
from tests.live_gateway import REVIEWS_SDL, USERS_SDL, FakeSubgraph, Json, answer_reviews, answer_users

LIMIT_SECONDS = 20.0
"""How long anything may take; only a test that fails takes so long."""


@dataclass
class Reloading:
    """A gateway in front of ``users`` and ``reviews``, and what is in the files that it reads.

    Attributes:
        releases: Gets an entry whenever an old snapshot was closed.
    """

    folder: Path
    users: FakeSubgraph
    reviews: FakeSubgraph
    session: aiohttp.ClientSession
    router: Router
    url: str = ""
    releases: asyncio.Queue[None] = field(default_factory=asyncio.Queue)

    @property
    def snapshot(self) -> Snapshot:
        """What is served."""
        assert self.router._generations is not None
        snapshot = self.router._generations.snapshot
        assert snapshot is not None
        return snapshot

    def write_users(self, sdl: str) -> None:
        """Change the schema of ``users``."""
        (self.folder / "users.graphql").write_text(sdl)

    def add_field(self, name: str) -> None:
        """Give users another field."""
        self.write_users(USERS_SDL.replace("name: String }", f"name: String {name}: Int }}"))

    def configure(self, settings: Mapping[str, object]) -> None:
        """Write the configuration file."""
        write_config(self.folder, self.users, self.reviews, settings)

    async def reload(self) -> None:
        """Reload, and wait until the old snapshot is gone."""
        self.router.reload()
        await self.released()

    async def released(self) -> None:
        """Wait until an old snapshot is gone."""
        async with asyncio.timeout(LIMIT_SECONDS):
            await self.releases.get()

    async def ask(self, query: str) -> Json:
        """The decoded answer to an operation."""
        async with self.session.post(f"{self.url}/graphql", json={"query": query}) as response:
            answer = orjson.loads(await response.read())
        assert isinstance(answer, dict)
        return answer

    async def metric(self, sample: str) -> float:
        """The value of one sample, 0 if it is not there."""
        async with self.session.get(f"{self.url}/metrics") as response:
            match = re.search(rf"^{re.escape(sample)} (\S+)$", await response.text(), re.MULTILINE)
        return float(match[1]) if match else 0.0

    async def becomes(self, sample: str, value: float) -> None:
        """Wait until a sample has a value."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while await self.metric(sample) != value:
                pass


def write_config(
    folder: Path, users: FakeSubgraph, reviews: FakeSubgraph, settings: Mapping[str, object] | None = None
) -> None:
    """Write ``router.yaml``: subgraphs by files, and ``settings``."""
    subgraphs = {
        "users": {"routing_url": users.url, "schema": {"file": "users.graphql"}},
        "reviews": {"routing_url": reviews.url, "schema": {"file": "reviews.graphql"}},
    }
    config = {"telemetry": {"access_log": {"enabled": False}}, "subgraphs": subgraphs, **(settings or {})}
    (folder / "router.yaml").write_text(yaml.safe_dump(config))


@asynccontextmanager
async def reloading(
    folder: Path, settings: Mapping[str, object] | None = None, *, hot_reload: bool = False
) -> AsyncIterator[Reloading]:
    """A gateway for the time of the context; without ``hot_reload`` it reloads when it is told to."""
    async with AsyncExitStack() as stack:
        users = await stack.enter_async_context(FakeSubgraph(answer_users).running())
        reviews = await stack.enter_async_context(FakeSubgraph(answer_reviews).running())
        session = await stack.enter_async_context(aiohttp.ClientSession())
        (folder / "users.graphql").write_text(USERS_SDL)
        (folder / "reviews.graphql").write_text(REVIEWS_SDL)
        write_config(folder, users, reviews, settings)
        router = Router.from_config(folder / "router.yaml", environ={}, hot_reload=hot_reload)
        live = Reloading(folder, users, reviews, session, router)
        stack.callback(gc.unfreeze)  # the process of the tests has other things in memory than a gateway
        live.url = await stack.enter_async_context(serving(router, live.releases))
        yield live


@asynccontextmanager
async def serving(router: Router, releases: asyncio.Queue[None]) -> AsyncIterator[str]:
    """The URL of a router that serves while the context lasts."""
    stop = asyncio.Event()
    addresses: asyncio.Queue[Address] = asyncio.Queue()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            router.serve(
                Address("127.0.0.1", 0),
                stop=stop,
                started=addresses.put_nowait,
                released=lambda: releases.put_nowait(None),
            )
        )
        try:
            yield f"http://{await addresses.get()}"
        finally:
            stop.set()


def supergraph_sdl(users: FakeSubgraph, reviews: FakeSubgraph, *, more: str = "") -> str:
    """A composed supergraph of both; ``more`` is put into the type of users."""
    sdl = USERS_SDL.replace("name: String }", f"name: String {more} }}")
    composition = compose(
        [
            Subgraph(name="users", url=users.url, sdl=sdl),
            Subgraph(name="reviews", url=reviews.url, sdl=REVIEWS_SDL),
        ]
    )
    assert composition.sdl is not None, composition.errors
    return composition.sdl
