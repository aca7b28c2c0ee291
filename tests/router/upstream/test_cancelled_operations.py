"""Whenever an operation is cancelled, nothing of it is left: against real servers on loopback."""

import asyncio
import random
from collections.abc import Iterator, Sequence

import pytest
import uvloop

from router.executor.outcome import ExecutionResult
from router.executor.program import Program
from router.executor.run import PlanRun
from router.executor.schedule import execute
from router.upstream import Upstreams
from tests.hostile_server import Answer, Peer, hostile_server, raw, raw_then_close, silence
from tests.router.executor.executing import call, entity_fetch, leaf, program, root_fetch, supergraph, template
from tests.router.upstream.calling import FakeTelemetry, client_request, upstreams_to

GRAPH = supergraph("type Query { a: Thing b: Thing } type Thing { id: ID! x: Int y: Int }")
THING = template("Thing", leaf("id"))
TURNS = 40
"""An operation takes fewer turns of the event loop, unless its subgraphs make it wait."""


def three_hops() -> Program:
    return program(
        GRAPH,
        "{ a { x y } b { x } }",
        root_fetch(0, "users"),
        root_fetch(1, "users"),
        entity_fetch(2, "users", call("a", templates=[THING]), needs=[0]),
        entity_fetch(3, "users", call("a", templates=[THING]), needs=[2]),
    )


def with_body(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


GOOD = with_body(b'{"data":{"a":{"id":"1"},"b":{"id":"2"},"_entities":[{"x":1,"y":2}]}}')


def answers(seed: int) -> Sequence[Answer]:
    """Good answers, whole and in pieces, with some that are late, broken or never come."""
    chosen = random.Random(seed)  # noqa: S311  # a test

    async def slow(peer: Peer) -> None:
        for byte in GOOD:
            await peer.send(bytes([byte]))

    kinds = [raw(GOOD), raw(GOOD), raw(GOOD[:20], GOOD[20:]), slow, silence, raw_then_close(), raw_then_close(GOOD)]
    return [chosen.choice(kinds) for _ in range(20)] + [silence]


def left_over(upstreams: Upstreams) -> list[object]:
    """What the subgraph's pool and the requests that are under way hold."""
    known = upstreams._subgraphs["users"]
    assert known.in_flight is not None
    return [
        *known.pool._running,
        *known.pool._waiting,
        *known.in_flight._calls,
        *(known.pool._held - set(known.pool._idle)),
    ]


def timers() -> Iterator[object]:
    """The timers of the event loop."""
    scheduled = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]  # no public way
    return (each for each in scheduled if not each.cancelled())


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def start(upstreams: Upstreams) -> asyncio.Task[ExecutionResult]:
    deadline = asyncio.get_running_loop().time() + 60
    run, send = PlanRun(three_hops(), {}), upstreams.sender(client_request())
    return asyncio.get_running_loop().create_task(execute(run, send, deadline=deadline))


async def cancel_somewhere(seed: int) -> None:
    """Cancel two operations at a time, among answers, that the seed decides."""
    telemetry = FakeTelemetry()
    shaping = {"all": {"bulkhead": {"max_requests": 1 + seed % 2}}}
    async with (
        hostile_server(*answers(seed)) as server,
        upstreams_to(f"http://127.0.0.1:{server.port}/", shaping=shaping, telemetry=telemetry) as upstreams,
    ):
        running = [await start(upstreams) for _ in range(2)]
        await turns(random.Random(seed).randrange(TURNS))  # noqa: S311  # a test
        for each in running:
            each.cancel()
        await asyncio.wait(running)
        await turns(3)
        assert left_over(upstreams) == []
    assert [len(span.ends) for span in telemetry.spans] == [1] * len(telemetry.spans)
    await turns(3)


@pytest.mark.parametrize("seed", range(60))
async def test_a_cancelled_operation_leaves_nothing(seed: int) -> None:
    tasks, before = asyncio.all_tasks(), list(timers())
    await cancel_somewhere(seed)
    assert (asyncio.all_tasks(), list(timers())) == (tasks, before)


@pytest.mark.parametrize("seed", range(60))
def test_a_cancelled_operation_leaves_nothing_on_uvloop(seed: int) -> None:
    async def in_time() -> None:
        async with asyncio.timeout(10):
            await cancel_somewhere(seed)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(in_time())


async def test_an_operation_that_waits_for_a_connection_may_be_cancelled() -> None:
    shaping = {"all": {"bulkhead": {"max_requests": 1}, "deduplicate_query": False}}
    async with (
        hostile_server(silence) as server,
        upstreams_to(f"http://127.0.0.1:{server.port}/", shaping=shaping) as upstreams,
    ):
        first, second = await start(upstreams), await start(upstreams)
        await turns(5)
        waiting = len(upstreams._subgraphs["users"].pool._waiting)
        second.cancel()
        await asyncio.wait([second])
        await turns(1)
        still_waiting = len(upstreams._subgraphs["users"].pool._waiting)
        first.cancel()
        await asyncio.wait([first])
    assert (waiting, still_waiting) == (3, 1)


async def test_an_operation_whose_time_is_up_leaves_nothing() -> None:
    async with hostile_server(silence) as server, upstreams_to(f"http://127.0.0.1:{server.port}/") as upstreams:
        run, send = PlanRun(three_hops(), {}), upstreams.sender(client_request())
        await execute(run, send, deadline=asyncio.get_running_loop().time() + 0.02)
        await turns(3)
        assert left_over(upstreams) == []
