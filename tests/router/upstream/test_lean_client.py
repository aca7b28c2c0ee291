"""The lean HTTP client against a hostile server on loopback."""

import asyncio
import gzip
import random
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from router.upstream.connection import Exchange
from router.upstream.endpoint import parse_endpoint
from router.upstream.failures import (
    ConnectError,
    ConnectionLostError,
    MalformedResponseError,
    OverloadedError,
    ResponseTooLargeError,
    UpstreamError,
    UpstreamTimeoutError,
)
from router.upstream.pool import Pool, PoolOptions
from router.upstream.response import HttpResponse
from tests.hostile_server import (
    HostileServer,
    Peer,
    hostile_server,
    raw,
    raw_then_close,
    raw_then_reset,
    silence,
)
from tests.router.upstream.calling import FakeWaiter

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3;note=1\r\ncde\r\n0\r\n\r\n"
TRAILERS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Sum: 1\r\nContent-Type: a/b\r\n\r\n"
REQUEST = b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\n{}"
ENOUGH = 5.0
SOON = 0.05


@asynccontextmanager
async def pool_to(server: HostileServer, options: PoolOptions | None = None) -> AsyncIterator[Pool]:
    pool = Pool(parse_endpoint(f"http://127.0.0.1:{server.port}/"), options or PoolOptions())
    try:
        yield pool
    finally:
        await pool.aclose()


async def ask(pool: Pool, *, within: float = ENOUGH, may_retry: bool = False) -> HttpResponse:
    return await pool.post(REQUEST, timeout_seconds=within, may_retry=may_retry)


def with_body(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(b"%b\r\n" % header for header in headers)
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (lines, len(body), body)


# What is sent and what is read


async def test_the_request_is_sent_as_it_is() -> None:
    async with hostile_server(raw(OK)) as server, pool_to(server) as pool:
        await ask(pool)
    assert server.requests == [REQUEST]


async def test_a_response_with_content_length_is_read() -> None:
    async with hostile_server(raw(OK)) as server, pool_to(server) as pool:
        response = await ask(pool)
    assert (response.status, response.content_type, response.body) == (200, "application/json", b"{}")


async def test_a_chunked_response_is_read() -> None:
    async with hostile_server(raw(CHUNKED)) as server, pool_to(server) as pool:
        assert (await ask(pool)).body == b"abcde"


async def test_trailers_do_not_become_headers() -> None:
    async with hostile_server(raw(TRAILERS)) as server, pool_to(server) as pool:
        response = await ask(pool)
    assert (response.content_type, dict(response.headers).get(b"x-sum"), response.body) == ("", None, b"ab")


async def test_a_response_that_ends_with_the_connection_is_read() -> None:
    async with hostile_server(raw_then_close(b"HTTP/1.1 200 OK\r\n\r\nab", b"cd")) as server, pool_to(server) as pool:
        assert (await ask(pool)).body == b"abcd"


async def test_a_status_without_body_is_read() -> None:
    async with hostile_server(raw(b"HTTP/1.1 204 No Content\r\n\r\n")) as server, pool_to(server) as pool:
        assert await ask(pool) == HttpResponse(204, "", b"", ())


@pytest.mark.parametrize("response", [OK, CHUNKED, TRAILERS], ids=["length", "chunked", "trailers"])
async def test_a_response_may_be_split_at_every_byte(response: bytes) -> None:
    answers = [raw(response[:cut], response[cut:]) for cut in range(1, len(response))]
    async with hostile_server(raw(response), *answers) as server, pool_to(server) as pool:
        whole = await ask(pool)
        assert [await ask(pool) for _ in answers] == [whole] * len(answers)


async def test_a_response_may_come_byte_by_byte() -> None:
    pieces = [bytes([byte]) for byte in CHUNKED]
    async with hostile_server(raw(*pieces)) as server, pool_to(server) as pool:
        assert (await ask(pool)).body == b"abcde"


async def test_interim_responses_are_skipped() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    async with hostile_server(raw(interim + OK)) as server, pool_to(server) as pool:
        response = await ask(pool)
    assert (response.status, dict(response.headers).get(b"link")) == (200, None)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (b"gzip", gzip.compress(b"hello")),
        (b"x-gzip", gzip.compress(b"hel") + gzip.compress(b"lo")),
        (b"deflate", zlib.compress(b"hello")),
        (b"deflate", zlib.compressobj(wbits=-15).compress(b"") + zlib.compress(b"hello", wbits=-15)),
        (b"identity", b"hello"),
        (b"deflate, gzip", gzip.compress(zlib.compress(b"hello"))),
    ],
    ids=["gzip", "two gzip members", "zlib", "bare deflate", "identity", "both"],
)
async def test_a_compressed_body_is_decompressed(coding: bytes, body: bytes) -> None:
    async with hostile_server(raw(with_body(body, b"Content-Encoding: " + coding))) as server, pool_to(server) as pool:
        assert (await ask(pool)).body == b"hello"


# Which connections are used again


async def test_a_connection_is_kept_alive() -> None:
    async with hostile_server(raw(OK), raw(CHUNKED), raw(TRAILERS), raw(OK)) as server, pool_to(server) as pool:
        for _ in range(4):
            await ask(pool)
    assert server.carriers == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "response",
    [
        with_body(b"{}", b"Connection: close"),
        OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
        OK + OK,
        OK + b"HTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n",
        OK + b"garbage",
        OK + b"H",
        with_body(b"{}", b"Connection: close") + b"garbage",
    ],
    ids=["close", "1.0", "twice", "two in one packet", "garbage", "a byte", "garbage after close"],
)
async def test_a_connection_in_doubt_is_not_used_again(response: bytes) -> None:
    async with hostile_server(raw(response), raw(CHUNKED)) as server, pool_to(server) as pool:
        bodies = [(await ask(pool)).body, (await ask(pool)).body]
    assert bodies == [b"{}", b"abcde"]
    assert server.carriers == [0, 1]


async def test_bytes_on_an_idle_connection_close_it() -> None:
    async def answer_and_later_more(peer: Peer) -> None:
        await peer.send(OK)
        await idle.wait()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled")
        await peer.wait_for_end()

    idle = asyncio.Event()
    async with hostile_server(answer_and_later_more, raw(CHUNKED)) as server, pool_to(server) as pool:
        await ask(pool)
        idle.set()
        await server.ended[0].wait()
        assert (await ask(pool)).body == b"abcde"


async def test_a_response_before_the_request_was_sent_ends_the_connection() -> None:
    large = REQUEST.replace(b"length: 2", b"length: 20000000") + bytes(20_000_000 - 2)

    async def answer_early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await seen.wait()
        writer.close()

    seen = asyncio.Event()
    async with await asyncio.start_server(answer_early, "127.0.0.1", 0) as listener:
        pool = Pool(parse_endpoint(f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"), PoolOptions())
        assert (await pool.post(large, timeout_seconds=ENOUGH)).body == b"{}"
        assert pool.open_connections == 0
        seen.set()
        await pool.aclose()


async def test_an_expired_connection_is_not_used_again() -> None:
    async with hostile_server(raw(OK)) as server, pool_to(server, PoolOptions(idle_seconds=0)) as pool:
        await ask(pool)
        await ask(pool)
    assert server.carriers == [0, 1]


async def test_idle_connections_are_closed_without_being_asked_for() -> None:
    async with hostile_server(raw(OK)) as server, pool_to(server, PoolOptions(idle_seconds=0.01)) as pool:
        await ask(pool)
        await server.ended[0].wait()
        assert pool.open_connections == 0


async def test_a_connection_that_the_peer_closed_while_idle_is_not_used() -> None:
    async with hostile_server(raw_then_close(OK), raw(OK)) as server, pool_to(server) as pool:
        await ask(pool)
        await server.ended[0].wait()
        await asyncio.sleep(SOON)
        assert pool.open_connections == 0
        await ask(pool)
    assert server.carriers == [0, 1]


async def test_a_connection_that_is_half_closed_after_a_response_is_not_used() -> None:
    async def answer_and_half_close(peer: Peer) -> None:
        await peer.send(OK)
        peer.writer.write_eof()

    async with hostile_server(answer_and_half_close, raw(CHUNKED)) as server, pool_to(server) as pool:
        await ask(pool)
        await server.ended[0].wait()
        assert (await ask(pool)).body == b"abcde"
    assert server.carriers == [0, 1]


async def test_a_connection_that_is_half_closed_without_a_response_is_lost() -> None:
    async def half_close(peer: Peer) -> None:
        peer.writer.write_eof()
        await peer.wait_for_end()

    async with hostile_server(half_close) as server, pool_to(server) as pool:
        with pytest.raises(ConnectionLostError, match="before a response"):
            await ask(pool)
        assert pool.open_connections == 0


# A connection that died while it was idle


async def test_a_query_on_a_dead_connection_is_sent_again_on_a_new_one() -> None:
    async with hostile_server(raw(OK), raw_then_close(), raw(CHUNKED)) as server, pool_to(server) as pool:
        await ask(pool)
        assert (await ask(pool, may_retry=True)).body == b"abcde"
    assert server.carriers == [0, 0, 1]


async def test_a_query_is_sent_again_only_once() -> None:
    async with hostile_server(raw(OK), raw_then_close()) as server, pool_to(server) as pool:
        await ask(pool)
        with pytest.raises(ConnectionLostError):
            await ask(pool, may_retry=True)
    assert server.carriers == [0, 0, 1]


async def test_a_query_that_is_sent_again_comes_before_those_that_wait() -> None:
    options = PoolOptions(max_connections=1)
    answers = [raw(OK), raw_then_close(), raw(CHUNKED), raw(OK)]
    async with hostile_server(*answers) as server, pool_to(server, options) as pool:
        await ask(pool)
        again = pool.call(REQUEST, timeout_seconds=ENOUGH, may_retry=True)
        waiting = pool.call(REQUEST, timeout_seconds=ENOUGH)
        assert [(await again).body, (await waiting).body] == [b"abcde", b"{}"]
    assert server.carriers == [0, 0, 1, 1]


async def test_a_mutation_is_not_sent_again() -> None:
    async with hostile_server(raw(OK), raw_then_reset()) as server, pool_to(server) as pool:
        await ask(pool)
        with pytest.raises(ConnectionLostError):
            await ask(pool, may_retry=False)
    assert server.carriers == [0, 0]


async def test_a_query_is_not_sent_again_once_a_byte_has_arrived() -> None:
    async with hostile_server(raw(OK), raw_then_close(b"H")) as server, pool_to(server) as pool:
        await ask(pool)
        with pytest.raises(ConnectionLostError):
            await ask(pool, may_retry=True)
    assert len(server.requests) == 2


async def test_a_query_on_a_new_connection_is_not_sent_again() -> None:
    async with hostile_server(raw_then_close()) as server, pool_to(server) as pool:
        with pytest.raises(ConnectionLostError):
            await ask(pool, may_retry=True)
    assert len(server.requests) == 1


# Responses that are refused


@pytest.mark.parametrize(
    "response",
    [
        b"garbage\r\n\r\n",
        b"<html>no http</html>",
        b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 099 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nFolded: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
        b"HTTP/1.1 200 OK\r\nNa me: a\r\nContent-Length: 2\r\n\r\n{}",
        with_body(b"{}", b"Content-Encoding: br"),
        with_body(b"not gzip", b"Content-Encoding: gzip"),
        with_body(gzip.compress(b"hello", mtime=0)[:-3], b"Content-Encoding: gzip"),
    ],
)
async def test_a_response_that_is_not_valid_is_refused(response: bytes) -> None:
    async with hostile_server(raw(response), raw(OK)) as server, pool_to(server) as pool:
        with pytest.raises(MalformedResponseError):
            await ask(pool)
        assert (await ask(pool)).body == b"{}"
    assert server.carriers == [0, 1]


@pytest.mark.parametrize("cut", [1, 20, len(OK) - 1])
async def test_a_response_that_is_cut_off_is_refused(cut: int) -> None:
    async with hostile_server(raw_then_close(OK[:cut])) as server, pool_to(server) as pool:
        with pytest.raises(ConnectionLostError, match="in the middle"):
            await ask(pool)


async def test_a_chunked_response_without_its_last_chunk_is_refused() -> None:
    async with hostile_server(raw_then_close(CHUNKED[:-5])) as server, pool_to(server) as pool:
        with pytest.raises(ConnectionLostError):
            await ask(pool)


async def test_a_body_that_is_damaged_and_ends_with_the_connection_is_refused() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    async with hostile_server(raw_then_close(head + gzip.compress(b"hello")[:-3])) as server, pool_to(server) as pool:
        with pytest.raises(MalformedResponseError):
            await ask(pool)
        assert pool.open_connections == 0


async def test_a_reset_in_the_middle_is_an_error_even_where_the_end_would_complete_the_response() -> None:
    async def reset_after_delivery(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nab")
        await asyncio.sleep(SOON)
        peer.reset()

    async with hostile_server(reset_after_delivery) as server, pool_to(server) as pool:
        with pytest.raises(ConnectionLostError):
            await ask(pool)


@pytest.mark.parametrize(
    "response",
    [
        with_body(b"x" * 101),
        b"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"32\r\n%b\r\n" % (b"x" * 50) * 3,
        with_body(gzip.compress(b"x" * 101), b"Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nX: %b\r\nContent-Length: 2\r\n\r\n{}" % (b"x" * 70_000),
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 4_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 100_000,
    ],
    ids=["body", "announced", "chunks", "gzip bomb", "header", "endless header", "endless interim", "chunk extension"],
)
async def test_a_response_beyond_its_limit_is_refused(response: bytes) -> None:
    options = PoolOptions(limit_bytes=100)
    async with hostile_server(raw(response)) as server, pool_to(server, options) as pool:
        with pytest.raises(ResponseTooLargeError):
            await ask(pool)


# Time, cancellation and limits


async def test_a_silent_server_is_given_up() -> None:
    async with hostile_server(silence) as server, pool_to(server) as pool:
        with pytest.raises(UpstreamTimeoutError, match="no complete response"):
            await ask(pool, within=SOON)
        assert pool.open_connections == 0


async def test_a_slow_drip_is_given_up_although_bytes_keep_coming() -> None:
    async def drip(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not peer.writer.is_closing():
            await peer.send(b"x")
            await asyncio.sleep(0.005)

    async with hostile_server(drip) as server, pool_to(server) as pool:
        with pytest.raises(UpstreamTimeoutError):
            await ask(pool, within=SOON)


async def test_a_cancelled_call_closes_its_connection() -> None:
    async def note_and_be_silent(peer: Peer) -> None:
        asked.set()
        await silence(peer)

    asked = asyncio.Event()
    async with hostile_server(note_and_be_silent) as server, pool_to(server) as pool:
        future = pool.call(REQUEST, timeout_seconds=ENOUGH)
        await asked.wait()
        future.cancel()
        await server.ended[0].wait()
        assert pool.open_connections == 0


async def test_an_answer_that_comes_with_the_cancellation_is_dropped() -> None:
    async with hostile_server(silence) as server, pool_to(server) as pool:
        future = pool.call(REQUEST, timeout_seconds=ENOUGH)
        (exchange,) = pool._running
        future.cancel()
        exchange.end(HttpResponse(200, "", b"", ()))
        with pytest.raises(asyncio.CancelledError):
            await future
        await pool.aclose()
    assert (exchange.is_over, pool._running) == (True, set())


async def test_an_exchange_may_get_more_time() -> None:
    told = FakeWaiter()

    async def answer_later(peer: Peer) -> None:
        await later.wait()
        await peer.send(OK)

    later = asyncio.Event()
    async with hostile_server(raw(OK), answer_later) as server, pool_to(server) as pool:
        await ask(pool)
        exchange = Exchange(pool, REQUEST, told, may_retry=False)
        pool.carry(exchange, timeout_seconds=SOON)
        pool.extend(exchange, exchange.deadline + ENOUGH)
        with pytest.raises(UpstreamTimeoutError):
            await ask(pool, within=SOON * 2)  # by then the first deadline has passed
        later.set()
        assert isinstance(await told.told, HttpResponse)


async def test_a_call_cancelled_before_its_connection_opened_leaves_nothing() -> None:
    async with hostile_server(raw(OK)) as server, pool_to(server) as pool:
        pool.call(REQUEST, timeout_seconds=ENOUGH).cancel()
        await pool.aclose()
        assert (pool.open_connections, server.requests) == (0, [])


async def test_a_late_response_does_not_reach_the_next_call() -> None:
    async def late(peer: Peer) -> None:
        await given_up.wait()
        await peer.send(with_body(b"late"))

    given_up = asyncio.Event()
    async with hostile_server(late, raw(OK)) as server, pool_to(server) as pool:
        with pytest.raises(UpstreamTimeoutError):
            await ask(pool, within=SOON)
        given_up.set()
        assert (await ask(pool)).body == b"{}"


async def test_each_call_gets_its_own_response() -> None:
    async def echo(peer: Peer) -> None:
        await asyncio.sleep(0)
        await peer.send(with_body(server.requests[-1].rsplit(b"\r\n\r\n")[-1]))

    async def one(number: int) -> bytes:
        body = b"%03d" % number
        message = b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 3\r\n\r\n" + body
        return (await pool.post(message, timeout_seconds=ENOUGH)).body

    options = PoolOptions(max_connections=1)
    async with hostile_server(echo) as server, pool_to(server, options) as pool, asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one(number)) for number in range(50)]
    assert [task.result() for task in running] == [b"%03d" % number for number in range(50)]


async def test_calls_beyond_the_connections_wait_in_line() -> None:
    async with hostile_server(raw(OK)) as server, pool_to(server, PoolOptions(max_connections=2)) as pool:
        for future in [pool.call(REQUEST, timeout_seconds=ENOUGH) for _ in range(10)]:
            await future
    assert (len(server.requests), server.connections) == (10, 2)


async def test_a_line_that_is_full_refuses_at_once() -> None:
    options = PoolOptions(max_connections=1, max_pending=1)
    async with hostile_server(raw(OK)) as server, pool_to(server, options) as pool:
        running, waiting, refused = [pool.call(REQUEST, timeout_seconds=ENOUGH) for _ in range(3)]
        with pytest.raises(OverloadedError):
            await refused
        assert [(await running).body, (await waiting).body] == [b"{}", b"{}"]


async def test_waiting_in_line_ends_with_the_timeout() -> None:
    async with hostile_server(silence, raw(OK)) as server, pool_to(server, PoolOptions(max_connections=1)) as pool:
        running = pool.call(REQUEST, timeout_seconds=ENOUGH)
        with pytest.raises(UpstreamTimeoutError, match="busy"):
            await ask(pool, within=SOON)
        running.cancel()


async def test_a_connection_that_fails_makes_room_for_the_next_in_line() -> None:
    options = PoolOptions(max_connections=1)
    async with hostile_server(raw_then_reset(), raw(OK)) as server, pool_to(server, options) as pool:
        first, second = pool.call(REQUEST, timeout_seconds=ENOUGH), pool.call(REQUEST, timeout_seconds=ENOUGH)
        with pytest.raises(ConnectionLostError):
            await first
        assert (await second).body == b"{}"


async def test_nobody_listening_is_a_connect_error() -> None:
    async with hostile_server(raw(OK)) as server:
        pass
    async with pool_to(server) as pool:
        with pytest.raises(ConnectError):
            await ask(pool)
        assert pool.open_connections == 0


async def test_a_host_that_cannot_be_a_name_is_a_connect_error() -> None:
    pool = Pool(parse_endpoint(f"http://{'x' * 80}.test/"), PoolOptions())
    with pytest.raises(ConnectError):
        await ask(pool)
    await pool.aclose()


async def test_closing_the_pool_lets_running_calls_finish() -> None:
    async def wait_for_close(peer: Peer) -> None:
        await closing.wait()
        await peer.send(OK)

    closing = asyncio.Event()
    async with hostile_server(wait_for_close) as server:
        pool = Pool(parse_endpoint(f"http://127.0.0.1:{server.port}/"), PoolOptions())
        running = pool.call(REQUEST, timeout_seconds=ENOUGH)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(pool.aclose())
            await asyncio.sleep(0)
            closing.set()
        assert (await running).body == b"{}"


async def test_a_closed_pool_takes_no_calls() -> None:
    async with hostile_server(raw(OK)) as server, pool_to(server) as pool:
        await pool.aclose()
        with pytest.raises(ConnectError):
            await ask(pool)
    assert server.connections == 0


@pytest.mark.parametrize("seed", range(5))
async def test_no_fault_of_the_server_mixes_responses_or_loses_connections(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  a test case, not a secret

    async def answer_somehow(peer: Peer) -> None:
        echo = with_body(server.requests[-1].rsplit(b"\r\n\r\n")[-1])
        match chance.randrange(8):
            case 0:
                await peer.send(echo + with_body(b"smuggled"))
            case 1:
                await peer.send(echo[: chance.randrange(len(echo))])
                peer.close()
            case 2:
                await peer.send(echo[: chance.randrange(len(echo))])
                peer.reset()
            case 3:
                await peer.send(b"HTTP/1.1 100 Continue\r\n\r\n" + echo[:10], echo[10:])
            case 4:
                await peer.send(echo)
                peer.close()
            case 5:
                await asyncio.sleep(SOON)
                await peer.send(echo)
            case _:
                await peer.send(echo)

    async def one(number: int) -> None:
        body = b"%03d" % number
        message = b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 3\r\n\r\n" + body
        with suppress(UpstreamError):
            within = 0.01 if number % 7 == 0 else ENOUGH
            response = await pool.post(message, timeout_seconds=within, may_retry=number % 2 == 0)
            answers[number] = response.body

    answers: dict[int, bytes] = {}
    async with hostile_server(answer_somehow) as server:
        pool = Pool(parse_endpoint(f"http://127.0.0.1:{server.port}/"), PoolOptions(max_connections=4))
        async with asyncio.TaskGroup() as tasks:
            for number in range(200):
                tasks.create_task(one(number))
        assert pool.open_connections <= 4
        await pool.aclose()
    assert pool.open_connections == 0
    assert len(answers) > 50
    assert answers == {number: b"%03d" % number for number in answers}
