"""The end: who may finish, and who may not."""

import asyncio

from tests.wire import Asked, Wire

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


async def stopping(wire: Wire, *, grace_seconds: float = 600.0) -> asyncio.Future[None]:
    stop = asyncio.ensure_future(wire.server.stop(grace_seconds=grace_seconds))
    await wire.settle()
    return stop


def lose(wire: Wire) -> None:
    """What the event loop does after a transport has closed."""
    assert wire.transport.is_closing()
    wire.connection.connection_lost(None)


async def test_without_connections_there_is_nothing_to_wait_for() -> None:
    wire = Wire(Asked())
    await wire.leave()
    await wire.server.stop(grace_seconds=600)


async def test_idle_connections_are_closed_at_once() -> None:
    wire = Wire(Asked())
    await wire.send(GET)
    stop = await stopping(wire)
    lose(wire)
    await stop


async def test_a_running_request_is_answered_and_its_connection_closed() -> None:
    wire = Wire(Asked())
    wire.asked.hold.clear()
    await wire.send(GET + GET)
    stop = await stopping(wire)
    assert not wire.transport.is_closing()
    wire.asked.hold.set()
    await wire.settle()
    assert wire.statuses == [200]
    assert b"connection: close\r\n" in wire.received
    lose(wire)
    await stop


async def test_a_request_that_is_coming_is_answered() -> None:
    wire = Wire(Asked())
    await wire.send(GET[:10])
    stop = await stopping(wire)
    await wire.send(GET[10:])
    assert b"connection: close\r\n" in wire.received
    lose(wire)
    await stop


async def test_a_request_that_takes_too_long_is_cancelled() -> None:
    wire = Wire(Asked())
    wire.asked.hold.clear()
    await wire.send(GET)
    stop = await stopping(wire, grace_seconds=0.0)
    await wire.settle()
    lose(wire)
    await stop
    assert wire.asked.cancelled == 1
    assert wire.transport.is_aborted


async def test_the_end_waits_for_what_a_cancelled_request_still_does() -> None:
    wire = Wire(Asked())
    cleaned = asyncio.Event()
    may_end = asyncio.Event()

    async def answer(_: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await may_end.wait()
            cleaned.set()

    wire.server.answer = answer  # type: ignore[assignment]  # it never answers
    await wire.send(GET)
    await wire.leave()
    stop = await stopping(wire, grace_seconds=0.0)
    assert not stop.done()
    may_end.set()
    await stop
    assert cleaned.is_set()
