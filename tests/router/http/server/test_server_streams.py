"""Responses that are written in parts."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from multidict import CIMultiDict

from router.http.server.refusals import refusal
from router.policy.request import Response, Write
from tests.wire import Asked, Wire

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nx-test: 1\r\nserver: supergate\r\n"


def streaming(rest: Callable[[Write], Awaitable[None]], *, first: bytes = b"first") -> Wire:
    wire = Wire(Asked())
    wire.asked.response = Response(status=200, body=first, headers=CIMultiDict({"x-test": "1"}), rest=rest)
    return wire


async def two_parts(write: Write) -> None:
    await write(b"second part!")
    await write(b"")
    await write(b"3")


async def test_parts_are_chunks() -> None:
    wire = streaming(two_parts)
    body = b"5\r\nfirst\r\nc\r\nsecond part!\r\n1\r\n3\r\n0\r\n\r\n"
    answer = HEAD + b"transfer-encoding: chunked\r\n\r\n" + body
    assert await wire.send(GET + GET) == answer + answer
    assert not wire.transport.is_closing()


async def test_for_a_client_that_knows_no_chunks_the_connection_ends_the_response() -> None:
    wire = streaming(two_parts)
    answer = await wire.send(b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
    assert answer == HEAD + b"connection: close\r\n\r\nfirstsecond part!3"
    assert wire.transport.is_closing()


async def test_head_gets_no_parts() -> None:
    async def rest(_: Write) -> None:
        raise AssertionError("nothing is to be written")

    wire = streaming(rest)
    assert await wire.send(GET.replace(b"GET", b"HEAD")) == HEAD + b"transfer-encoding: chunked\r\n\r\n"
    assert not wire.transport.is_closing()


async def test_the_first_part_does_not_wait_for_the_second() -> None:
    ready = asyncio.Event()

    async def rest(write: Write) -> None:
        await ready.wait()
        await write(b"second")

    wire = streaming(rest)
    assert (await wire.send(GET)).endswith(b"5\r\nfirst\r\n")
    ready.set()
    assert (await wire.send(b"")).endswith(b"6\r\nsecond\r\n0\r\n\r\n")


async def test_parts_are_not_written_faster_than_they_are_read() -> None:
    written: list[bytes] = []

    async def rest(write: Write) -> None:
        wire.connection.pause_writing()
        for part in (b"a", b"b"):
            await write(part)
            written.append(part)

    wire = streaming(rest)
    await wire.send(GET)
    assert written == []
    wire.connection.resume_writing()
    await wire.settle()
    assert written == [b"a", b"b"]


async def test_a_client_that_closes_cancels_the_rest() -> None:
    cancelled = asyncio.Event()

    async def rest(_: Write) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    wire = streaming(rest)
    await wire.send(GET)
    await wire.leave()
    assert cancelled.is_set()


async def test_a_client_that_closes_while_it_is_waited_for_cancels_the_rest() -> None:
    async def rest(write: Write) -> None:
        wire.connection.pause_writing()
        await write(b"x")
        raise AssertionError("the client has not read it")

    wire = streaming(rest)
    await wire.send(GET)
    await wire.leave()
    assert wire.connection.task is None


@pytest.mark.parametrize("request_bytes", [GET, b"GET / HTTP/1.0\r\n\r\n"])
async def test_a_rest_that_fails_does_not_look_complete(request_bytes: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def rest(_: Write) -> None:
        raise ValueError("secret")

    wire = streaming(rest)
    answer = await wire.send(request_bytes + GET)
    assert wire.transport.is_aborted
    assert not answer.endswith(b"0\r\n\r\n")
    assert wire.statuses == [200]
    assert "response broken off" in caplog.text


async def test_what_is_deferred_ends_the_connection_if_the_body_was_not_read() -> None:
    wire = streaming(two_parts)
    answer = await wire.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2000\r\n\r\n" + b"x" * 1500)
    assert b"connection: close\r\n" in answer
    assert wire.transport.has_ended


async def test_a_response_in_parts_that_cannot_be_sent_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    wire = streaming(two_parts)
    assert isinstance(wire.asked.response, Response)
    wire.asked.response.headers["x"] = "a\nb"
    assert (await wire.send(GET)).startswith(b"HTTP/1.1 500 ")
    assert wire.bodies == [refusal(500).body]
    assert wire.transport.is_closing()
    assert "response cannot be sent" in caplog.text
