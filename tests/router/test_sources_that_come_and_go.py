"""A gateway whose subgraphs, or whose published supergraph, are away, come, and change."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
import yaml
from aiohttp import web

from router.config.listen import Address
from router.gateway import Router
from router.stores.shared_memory import SharedCounters
from router.telemetry.metrics import MetricsMemory
from router.workers import Worker
from tests.live_gateway import FakeSubgraph, Json, json_response
from tests.reloading import LIMIT_SECONDS, serving

QUIET = {"telemetry": {"access_log": {"enabled": False}}}


@dataclass
class Speaker:
    """A subgraph that says what its schema is."""

    sdl: str = "type Query { a: Int }"

    def answer(self, request: Json) -> web.Response:
        if "_service" in str(request["query"]):
            return json_response({"data": {"_service": {"sdl": self.sdl}}})
        return json_response({"data": {"a": 1, "b": 2}})


@dataclass
class Publisher:
    """A server with a supergraph SDL, or a status that says there is none."""

    sdl: str
    status: int = 200
    statuses: list[int] = field(default_factory=list)

    async def handle(self, raw: web.BaseRequest) -> web.Response:
        etag = f'"{len(self.sdl)}"'
        is_known = raw.headers.get("if-none-match") == etag
        status = 304 if is_known and self.status == 200 else self.status
        self.statuses.append(status)
        return web.Response(status=status, text=self.sdl if status == 200 else None, headers={"etag": etag})


def supergraph(*names: str) -> str:
    """A supergraph of one subgraph with these fields."""
    fields = " ".join(f"{name}: Int" for name in names)
    return f"""
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
{{ query: Query }}
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!) repeatable on OBJECT
scalar link__Import
enum link__Purpose {{ SECURITY EXECUTION }}
enum join__Graph {{ ONE @join__graph(name: "one", url: "http://127.0.0.1:9/") }}
type Query @join__type(graph: ONE) {{ {fields} }}
"""


@asynccontextmanager
async def publishing(publisher: Publisher) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(publisher.handle, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    yield f"http://{host}:{port}/supergraph"
    await runner.cleanup()


@asynccontextmanager
async def gateway(folder: Path, settings: Json) -> AsyncIterator["Asking"]:
    (folder / "router.yaml").write_text(yaml.safe_dump(QUIET | settings))
    router = Router.from_config(folder / "router.yaml", environ={})
    async with aiohttp.ClientSession() as session, serving(router, asyncio.Queue()) as url:
        yield Asking(url, session)


@dataclass
class Asking:
    """Asks a gateway."""

    url: str
    session: aiohttp.ClientSession

    async def status(self, path: str) -> int:
        async with self.session.get(self.url + path) as response:
            return response.status

    async def answer(self, query: str) -> str:
        async with self.session.post(f"{self.url}/graphql", json={"query": query}) as response:
            return await response.text()

    async def until(self, query: str, answer: str) -> None:
        """Wait until a query is answered so."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while answer not in await self.answer(query):
                pass

    async def until_metric(self, sample: str) -> None:
        """Wait until the metrics have a sample."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while True:
                async with self.session.get(f"{self.url}/metrics") as response:
                    if sample in await response.text():
                        return


def one_subgraph(url: str) -> Json:
    return {"subgraphs": {"one": {"schema": {"subgraph_url": url, "poll_interval": "20ms", "timeout": "500ms"}}}}


@asynccontextmanager
async def unused_url() -> AsyncIterator[str]:
    """A URL on which nobody listens."""
    subgraph = FakeSubgraph(Speaker().answer)
    async with subgraph.running():
        pass
    yield subgraph.url


async def test_without_a_graph_requests_are_asked_to_come_back(tmp_path: Path) -> None:
    async with unused_url() as url, gateway(tmp_path, one_subgraph(url)) as asking:
        async with asking.session.post(f"{asking.url}/graphql", json={"query": "{ a }"}) as response:
            body = await response.json()
        assert (response.status, response.headers["retry-after"]) == (503, "5")
        assert body["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"


async def test_without_a_graph_other_paths_are_told_so_as_a_problem(tmp_path: Path) -> None:
    async with unused_url() as url, gateway(tmp_path, one_subgraph(url)) as asking:
        async with asking.session.get(f"{asking.url}/api/things") as response:
            assert response.headers["content-type"] == "application/problem+json"
        assert (response.status, response.headers["retry-after"]) == (503, "5")


async def test_without_a_graph_it_is_alive_and_not_ready(tmp_path: Path) -> None:
    async with unused_url() as url, gateway(tmp_path, one_subgraph(url)) as asking:
        assert (await asking.status("/health?live"), await asking.status("/health?ready")) == (200, 503)


async def test_it_says_who_is_away_and_what_to_do(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with unused_url() as url, gateway(tmp_path, one_subgraph(url)):
        pass
    [detail] = [record.__dict__["detail"] for record in caplog.records if "detail" in record.__dict__]
    assert detail.startswith(f'subgraph "one": {url} cannot be reached')
    assert "start the subgraph" in detail


async def test_it_serves_when_the_missing_subgraph_has_come(tmp_path: Path) -> None:
    speaker = Speaker()
    async with FakeSubgraph(speaker.answer).running() as subgraph:
        subgraph.answer = lambda _: web.Response(status=503)
        async with gateway(tmp_path, one_subgraph(subgraph.url)) as asking:
            assert await asking.status("/readiness") == 503
            subgraph.answer = speaker.answer
            await asking.until("{ a }", '{"data":{"a":1}}')
            assert await asking.status("/readiness") == 200


async def test_a_running_subgraph_with_another_schema_is_noticed(tmp_path: Path) -> None:
    speaker = Speaker()
    subgraph = FakeSubgraph(speaker.answer)
    async with subgraph.running(), gateway(tmp_path, one_subgraph(subgraph.url)) as asking:
        assert "VALIDATION" in await asking.answer("{ b }")
        speaker.sdl = "type Query { a: Int b: Int }"
        await asking.until("{ b }", '{"data":{"b":2}}')


async def test_a_subgraph_that_is_away_for_a_while_keeps_its_schema(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = Speaker(), Speaker("type Query { c: Int }")
    async with FakeSubgraph(one.answer).running() as first, FakeSubgraph(two.answer).running() as second:
        sections = {
            name: {"schema": {"subgraph_url": subgraph.url, "poll_interval": "20ms"}}
            for name, subgraph in (("one", first), ("two", second))
        }
        async with gateway(tmp_path, {"subgraphs": sections}) as asking:
            second.answer = lambda _: web.Response(status=502)
            one.sdl = "type Query { a: Int b: Int }"
            await asking.until("{ b }", '{"data":{"b":2}}')
            assert "VALIDATION" not in await asking.answer("{ c }")
    told = [record.__dict__["subgraph"] for record in caplog.records if "is away" in record.message]
    assert told == ["two"]


async def test_a_published_supergraph_is_served(tmp_path: Path) -> None:
    async with publishing(Publisher(supergraph("a"))) as url, gateway(tmp_path, published_at(url)) as asking:
        assert await asking.answer("{ __typename }") == '{"data":{"__typename":"Query"}}'


async def test_another_published_supergraph_is_noticed(tmp_path: Path) -> None:
    publisher = Publisher(supergraph("a"))
    async with publishing(publisher) as url, gateway(tmp_path, published_at(url)) as asking:
        publisher.sdl = supergraph("a", "b")
        await asking.until("{ b @skip(if: true) }", '{"data":{}}')


async def test_a_published_supergraph_is_sent_once(tmp_path: Path) -> None:
    publisher = Publisher(supergraph("a"))
    async with publishing(publisher) as url, gateway(tmp_path, published_at(url)) as asking:
        async with asyncio.timeout(LIMIT_SECONDS):
            while len(publisher.statuses) < 3:
                await asking.answer("{ __typename }")
    assert publisher.statuses[:3] == [200, 304, 304]


@pytest.mark.parametrize(
    ("status", "sdl"),
    [
        pytest.param(503, "", id="away"),
        pytest.param(404, "", id="gone"),
        pytest.param(200, "type Query {", id="not a schema"),
    ],
)
async def test_a_published_supergraph_that_is_broken_keeps_the_last_good_one(
    tmp_path: Path, status: int, sdl: str
) -> None:
    publisher = Publisher(supergraph("a"))
    async with publishing(publisher) as url, gateway(tmp_path, published_at(url)) as asking:
        publisher.status, publisher.sdl = status, sdl
        await asking.until_metric('router_supergraph_reloads_total{result="failure"}')
        assert await asking.answer("{ __typename }") == '{"data":{"__typename":"Query"}}'
        assert await asking.status("/readiness") == 200


async def test_what_stays_broken_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    publisher = Publisher(supergraph("a"))
    async with publishing(publisher) as url, gateway(tmp_path, published_at(url)) as asking:
        publisher.status = 503
        await asking.until_metric('router_supergraph_reloads_total{result="failure"} 3')
    assert [record.message for record in caplog.records].count("nothing new can be served") == 1


async def test_who_goes_away_again_is_told_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    publisher = Publisher(supergraph("a"))
    async with publishing(publisher) as url, gateway(tmp_path, published_at(url)) as asking:
        for time in (1, 2):
            publisher.status = 503
            async with asyncio.timeout(LIMIT_SECONDS):
                while caplog.messages.count("nothing new can be served") < time:
                    await asking.answer("{ __typename }")
            publisher.status, seen = 200, len(publisher.statuses)
            async with asyncio.timeout(LIMIT_SECONDS):
                while 304 not in publisher.statuses[seen:]:
                    await asking.answer("{ __typename }")
    assert caplog.messages.count("nothing new can be served") == 2


def published_at(url: str) -> Json:
    return {"supergraph": {"source": {"url": url, "poll_interval": "20ms"}}}


async def test_a_worker_that_takes_the_place_of_another_waits_until_it_can_answer(tmp_path: Path) -> None:
    speaker, ready = Speaker(), asyncio.Event()
    worker = Worker(
        number=0,
        is_replacement=True,
        metrics=MetricsMemory.of_one_process(),
        counters=SharedCounters.create(),
        ready=ready.set,
    )
    async with FakeSubgraph(lambda _: web.Response(status=503)).running() as subgraph, asyncio.TaskGroup() as tasks:
        (tmp_path / "router.yaml").write_text(yaml.safe_dump(QUIET | one_subgraph(subgraph.url)))
        router, stop = Router.from_config(tmp_path / "router.yaml", environ={}), asyncio.Event()
        tasks.create_task(router.serve(Address("127.0.0.1", 0), stop=stop, worker=worker))
        await subgraph.arrived.wait()
        subgraph.arrived.clear()
        await subgraph.arrived.wait()
        assert not ready.is_set()
        subgraph.answer = speaker.answer
        await ready.wait()
        assert router.is_ready
        stop.set()
