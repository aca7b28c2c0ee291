import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from router.config.supergraph import SubgraphSchema, SubgraphSection
from router.sources.errors import SourceError
from router.sources.introspection import fetch_sdl
from router.sources.sdl import SdlLoader
from tests.live_gateway import FakeSubgraph, Json, json_response

SDL = "type Query { a: Int }"


def answer_sdl(request: Json) -> web.Response:
    assert "_service" in str(request["query"])
    return json_response({"data": {"_service": {"sdl": SDL}}})


@pytest_asyncio.fixture
async def subgraph() -> AsyncIterator[FakeSubgraph]:
    async with FakeSubgraph(answer_sdl).running() as running:
        yield running


async def ask(subgraph: FakeSubgraph, *, timeout_seconds: float = 5) -> str:
    async with aiohttp.ClientSession() as session:
        return await fetch_sdl(session, subgraph="users", url=subgraph.url, timeout_seconds=timeout_seconds)


async def test_a_running_subgraph_is_asked_for_its_sdl(subgraph: FakeSubgraph) -> None:
    assert await ask(subgraph) == SDL


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: web.Response(text="<html>"), id="html"),
        pytest.param(lambda: web.Response(status=404), id="not found"),
        pytest.param(lambda: json_response([]), id="a list"),
        pytest.param(lambda: json_response({"errors": [{"message": "no"}]}), id="errors"),
        pytest.param(lambda: json_response({"data": {"_service": {"sdl": 1}}}), id="no text"),
        pytest.param(lambda: json_response({"data": {"_service": {"sdl": ""}}}), id="empty text"),
    ],
)
async def test_an_answer_without_an_sdl_is_told_with_the_cure(
    subgraph: FakeSubgraph, make: Callable[[], web.Response]
) -> None:
    subgraph.answer = lambda _: make()
    with pytest.raises(SourceError, match=r'subgraph "users": http://.* no _service.sdl; .*schema: \{file: \.\.\.\}'):
        await ask(subgraph)


async def test_a_subgraph_that_does_not_answer_in_time_is_told(subgraph: FakeSubgraph) -> None:
    subgraph.hold = asyncio.Event()
    with pytest.raises(SourceError, match=r"cannot be reached \(no answer within 0.05 s\); start the subgraph"):
        await ask(subgraph, timeout_seconds=0.05)


async def test_every_subgraph_that_is_away_is_named() -> None:
    away = SubgraphSection(schema=SubgraphSchema(subgraph_url="http://127.0.0.1:9/graphql"))
    with pytest.raises(SourceError) as caught:
        await SdlLoader().load({"b": away, "a": away})
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == ['subgraph "a"', 'subgraph "b"']


async def test_subgraphs_keep_their_order_and_routing_url(subgraph: FakeSubgraph) -> None:
    sections = {
        "z": SubgraphSection(routing_url="http://z", schema=SubgraphSchema(subgraph_url=subgraph.url)),
        "a": SubgraphSection(routing_url="http://a", schema=SubgraphSchema(sdl="type Query { b: Int }")),
    }
    loaded = [each.subgraph for each in await SdlLoader().load(sections)]
    assert [(each.name, each.url) for each in loaded] == [("z", "http://z"), ("a", "http://a")]
    assert loaded[0].sdl == SDL


async def test_a_url_that_is_none_is_told() -> None:
    section = SubgraphSection(schema=SubgraphSchema(subgraph_url="not a url"))
    with pytest.raises(SourceError, match='subgraph "a": not a url cannot be reached'):
        await SdlLoader().load({"a": section})
