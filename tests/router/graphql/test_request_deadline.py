"""The time of a request, against a whole gateway: what is there when it is up, and what goes on."""

import asyncio
from pathlib import Path

from router.executor.runs import COMPILED_AFTER
from tests.live_gateway import Json, LiveGateway, live_gateway

SETTINGS: Json = {
    "traffic_shaping": {"router": {"timeout": "300ms"}},
    "include_subgraph_errors": {"all": True},
}
QUERY = "{ me { name reviews } }"


def codes(body: Json) -> list[str]:
    errors = body.get("errors", [])
    assert isinstance(errors, list)
    return [error["extensions"]["code"] for error in errors]


async def answered(gateway: LiveGateway, query: str) -> tuple[int, Json]:
    async with gateway.post({"query": query}) as response:
        return response.status, await response.json()


async def test_when_time_is_up_the_client_gets_what_is_there(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, SETTINGS) as gateway:
        gateway.reviews.hold = asyncio.Event()
        status, body = await answered(gateway, QUERY)
    assert (status, body["data"], codes(body)) == (200, {"me": {"name": "Ada", "reviews": None}}, ["GATEWAY_TIMEOUT"])


async def test_when_time_is_up_an_operation_that_came_often_is_answered_alike(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, SETTINGS) as gateway:
        for _ in range(COMPILED_AFTER + 5):
            assert (await answered(gateway, QUERY))[1] == {"data": {"me": {"name": "Ada", "reviews": ["good"]}}}
        gateway.reviews.hold = asyncio.Event()
        status, body = await answered(gateway, QUERY)
    assert (status, body["data"], codes(body)) == (200, {"me": {"name": "Ada", "reviews": None}}, ["GATEWAY_TIMEOUT"])


async def test_when_time_is_up_what_is_out_is_cancelled(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, SETTINGS) as gateway:
        gateway.reviews.hold = asyncio.Event()
        await answered(gateway, QUERY)
        async with asyncio.timeout(5):
            await gateway.reviews.cancelled.wait()


async def test_with_nothing_there_when_time_is_up_the_status_says_so(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, SETTINGS) as gateway:
        gateway.users.hold = asyncio.Event()
        status, body = await answered(gateway, QUERY)
    assert (status, codes(body)) == (504, ["GATEWAY_TIMEOUT"])


async def test_a_mutation_that_was_sent_goes_on_when_time_is_up(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, SETTINGS) as gateway:
        gateway.users.hold = asyncio.Event()
        status, _ = await answered(gateway, 'mutation { rename(name: "x") { name reviews } }')
        gateway.users.hold.set()
    # The gateway has closed, and waited for the mutation.
    assert (status, gateway.users.cancelled.is_set(), gateway.reviews.asked) == (504, False, [])
