"""``@defer`` over real sockets: parts of a response that come later."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import orjson
import pytest
import pytest_asyncio

from tests.live_gateway import Json, LiveGateway, answer_reviews, json_response, live_gateway

MULTIPART = "multipart/mixed;deferSpec=20220824"
DEFERRED = '{ me { name ... @defer(label: "later") { reviews } } }'
FIRST = {"data": {"me": {"name": "Ada"}}, "hasNext": True}
LAST = {"incremental": [{"data": {"reviews": ["good"]}, "path": ["me"], "label": "later"}], "hasNext": False}


@pytest_asyncio.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[LiveGateway]:
    async with live_gateway(tmp_path) as live:
        yield live


async def parts_of(response: aiohttp.ClientResponse) -> AsyncIterator[Json]:
    """The payloads of a multipart response, each as soon as its delimiter has come."""
    assert response.headers["content-type"] == 'multipart/mixed; boundary="-"; deferSpec=20220824'
    assert await response.content.readuntil(b"\r\n---") == b"\r\n---"
    while await response.content.readexactly(2) == b"\r\n":
        assert await response.content.readuntil(b"\r\n\r\n") == b"content-type: application/json\r\n\r\n"
        yield orjson.loads((await response.content.readuntil(b"\r\n---")).removesuffix(b"\r\n---"))
    assert await response.content.read() == b"\r\n"


async def ask(gateway: LiveGateway, query: str, *, accept: str = MULTIPART, **body: object) -> list[Json]:
    async with gateway.post({"query": query, **body}, accept=accept) as response:
        assert response.status == 200
        return [part async for part in parts_of(response)]


def entries(part: Json) -> list[Json]:
    incremental = part["incremental"]
    assert isinstance(incremental, list)
    return incremental


async def test_a_deferred_part_comes_in_a_part_of_its_own(gateway: LiveGateway) -> None:
    assert await ask(gateway, DEFERRED) == [FIRST, LAST]


async def test_the_first_part_does_not_wait_for_the_deferred_one(gateway: LiveGateway) -> None:
    gateway.reviews.hold = asyncio.Event()

    async with gateway.post({"query": DEFERRED}, accept=f"{MULTIPART}, application/json") as response:
        parts = parts_of(response)
        assert await anext(parts) == FIRST
        gateway.reviews.hold.set()
        assert [part async for part in parts] == [LAST]


@pytest.mark.parametrize("accept", ["application/json", "*/*", "multipart/mixed, */*", f"{MULTIPART};q=0, */*"])
async def test_other_clients_get_one_answer(gateway: LiveGateway, accept: str) -> None:
    assert await gateway.ask(DEFERRED, accept=accept) == {"data": {"me": {"name": "Ada", "reviews": ["good"]}}}


async def test_an_operation_without_defer_gets_one_answer(gateway: LiveGateway) -> None:
    accept = f"{MULTIPART}, application/json"
    assert await gateway.ask("{ me { name } }", accept=accept) == {"data": {"me": {"name": "Ada"}}}


async def test_a_client_that_reads_nothing_else_gets_one_part(gateway: LiveGateway) -> None:
    assert await ask(gateway, "{ me { name } }") == [{"data": {"me": {"name": "Ada"}}, "hasNext": False}]


async def test_a_variable_decides_whether_a_part_is_deferred(gateway: LiveGateway) -> None:
    query = "query ($later: Boolean!) { me { name ... @defer(if: $later) { reviews } } }"

    assert len(await ask(gateway, query, variables={"later": True})) == 2
    (single,) = await ask(gateway, query, variables={"later": False})
    assert single == {"data": {"me": {"name": "Ada", "reviews": ["good"]}}, "hasNext": False}


async def test_an_error_comes_with_the_part_whose_subgraph_failed(gateway: LiveGateway) -> None:
    gateway.reviews.answer = lambda _: json_response({"errors": [{"message": "secret"}]}, status=500)

    first, last = await ask(gateway, DEFERRED)

    assert first == FIRST
    (entry,) = entries(last)
    assert entry["data"] == {"reviews": None}
    assert entry["errors"]
    assert "secret" not in str(entry["errors"])


async def test_what_follows_a_mutation_may_be_deferred(gateway: LiveGateway) -> None:
    parts = await ask(gateway, 'mutation { rename(name: "Ada") { name ... @defer { reviews } } }')

    assert [part["hasNext"] for part in parts] == [True, False]


async def test_a_client_that_goes_away_cancels_what_is_deferred(gateway: LiveGateway) -> None:
    gateway.reviews.hold = asyncio.Event()

    async with gateway.post({"query": DEFERRED}, accept=MULTIPART) as response:
        await anext(parts_of(response))
        await gateway.reviews.arrived.wait()
        response.close()

    await gateway.reviews.cancelled.wait()


async def test_deferring_can_be_switched_off(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, {"supergraph": {"defer_support": False}}) as gateway:
        answer = await gateway.ask(DEFERRED, accept=f"{MULTIPART}, application/json")

    assert answer == {"data": {"me": {"name": "Ada", "reviews": ["good"]}}}


async def test_each_object_of_a_list_gets_an_entry(gateway: LiveGateway) -> None:
    gateway.users.answer = lambda _: json_response({"data": {"users": [{"id": "1"}, {"id": "2"}]}})
    gateway.reviews.answer = answer_reviews

    _, last = await ask(gateway, "{ users { id ... @defer { reviews } } }")

    assert [entry["path"] for entry in entries(last)] == [["users", 0], ["users", 1]]
