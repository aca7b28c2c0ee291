"""How long a client may take, by a clock that the test moves."""

import pytest

from router.http.server import Timeouts
from router.policy.request import Response
from tests.wire import Asked, Wire

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
HEAD_OF_POST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n"
TIMEOUTS = Timeouts(first_head_seconds=30, keep_alive_seconds=75, linger_seconds=5)


@pytest.mark.parametrize("begun", [b"", b"\r\n", b"GET / HTT", GET[:-1]])
async def test_a_first_head_that_does_not_come_is_not_waited_for(begun: bytes) -> None:
    wire = Wire(Asked(), TIMEOUTS)
    await wire.send(begun)
    await wire.pass_time(29)
    assert not wire.transport.is_closing()
    await wire.pass_time(1)
    assert wire.transport.is_aborted


async def test_a_head_that_comes_byte_by_byte_does_not_get_more_time() -> None:
    wire = Wire(Asked(), TIMEOUTS)
    for at in range(10):
        await wire.send(GET[at : at + 1])
        await wire.pass_time(3)
    assert wire.transport.is_aborted


async def test_a_connection_is_kept_for_a_while_without_a_request() -> None:
    wire = Wire(Asked(), TIMEOUTS)
    await wire.send(GET)
    await wire.pass_time(74)
    await wire.send(GET)
    await wire.pass_time(74)
    assert wire.statuses == [200, 200]
    assert not wire.transport.is_closing()
    await wire.pass_time(1)
    assert wire.transport.is_aborted


async def test_an_answer_may_take_longer_than_any_of_this() -> None:
    wire = Wire(Asked(), TIMEOUTS)
    wire.asked.hold.clear()
    await wire.send(GET)
    await wire.pass_time(1000)
    wire.asked.hold.set()
    await wire.settle()
    assert wire.statuses == [200]


async def test_how_long_a_body_may_take_is_for_the_handler_to_say() -> None:
    wire = Wire(Asked(), TIMEOUTS)
    await wire.send(HEAD_OF_POST)
    await wire.pass_time(1000)
    await wire.send(b"abc")
    assert wire.asked.requests == ["POST / abc"]


async def test_a_refused_client_that_does_not_stop_sending_is_cut_off() -> None:
    wire = Wire(Asked(reads_body=False), TIMEOUTS)
    await wire.send(HEAD_OF_POST)
    await wire.pass_time(4)
    await wire.send(b"a")
    assert not wire.transport.is_closing()
    await wire.pass_time(1)
    assert wire.transport.is_aborted


async def test_a_client_that_reads_nothing_of_its_answer_is_cut_off() -> None:
    wire = Wire(Asked(), TIMEOUTS)
    wire.transport.unsent_bytes = 100_000
    await wire.send(GET)
    wire.connection.pause_writing()
    await wire.pass_time(75)
    assert wire.transport.is_aborted


async def test_a_client_that_reads_slowly_gets_more_time_as_long_as_it_reads() -> None:
    wire = Wire(Asked(), TIMEOUTS)
    await wire.send(GET)
    wire.transport.unsent_bytes = 100_000
    wire.connection.pause_writing()
    for unsent_bytes in (90_000, 80_000):
        wire.transport.unsent_bytes = unsent_bytes
        await wire.pass_time(75)
        assert not wire.transport.is_closing()
    await wire.pass_time(75)
    assert wire.transport.is_aborted


async def test_a_client_that_does_not_take_the_last_answer_is_cut_off() -> None:
    wire = Wire(Asked(), TIMEOUTS)
    await wire.send(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert not wire.transport.is_aborted
    await wire.pass_time(75)
    assert wire.transport.is_aborted


async def test_a_stream_that_nobody_reads_is_cancelled() -> None:
    wire = Wire(Asked(), TIMEOUTS)

    async def rest(write: object) -> None:
        assert callable(write)
        wire.connection.pause_writing()
        await write(b"x")

    wire.asked.response = Response(status=200, body=b"first", rest=rest)
    await wire.send(GET)
    task = wire.connection.task
    assert task is not None
    await wire.pass_time(75)
    assert task.cancelled()
    assert wire.transport.is_aborted


async def test_a_stream_that_is_read_again_is_not_cut_off() -> None:
    wire = Wire(Asked(), TIMEOUTS)

    async def rest(write: object) -> None:
        assert callable(write)
        wire.connection.pause_writing()
        await write(b"x")
        await wire.asked.hold.wait()

    wire.asked.response = Response(status=200, body=b"first", rest=rest)
    await wire.send(GET)
    wire.asked.hold.clear()
    wire.connection.resume_writing()
    await wire.settle()
    await wire.pass_time(1000)
    assert not wire.transport.is_closing()
    await wire.leave()


async def test_a_connection_that_is_gone_is_not_looked_at() -> None:
    wire = Wire(Asked(), TIMEOUTS)
    await wire.leave()
    await wire.pass_time(1000)
    assert not wire.transport.is_aborted


def test_the_clock_ticks_as_often_as_the_shortest_time_demands() -> None:
    assert Timeouts().tick_seconds == 1.0
    assert Timeouts(first_head_seconds=0.05).tick_seconds == 0.05


async def test_the_date_is_that_of_the_last_look() -> None:
    wire = Wire(Asked(), TIMEOUTS)
    wire.server.look(0.0, 1_700_000_000.0)
    await wire.send(GET)
    assert b"date: Tue, 14 Nov 2023 22:13:20 GMT\r\n" in wire.transport.sent
