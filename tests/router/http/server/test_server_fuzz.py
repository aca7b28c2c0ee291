"""Whatever a client sends, the server goes on, and nothing is left behind."""

import asyncio
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire import Asked, Wire

FRAGMENTS = (
    b"GET / HTTP/1.1\r\n",
    b"POST /a HTTP/1.1\r\n",
    b"HEAD / HTTP/1.0\r\n",
    b"CONNECT x:1 HTTP/1.1\r\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"host: x\r\n",
    b"content-length: 3\r\n",
    b"content-length: 0\r\n",
    b"transfer-encoding: chunked\r\n",
    b"connection: close\r\n",
    b"connection: upgrade\r\nupgrade: h2c\r\n",
    b"expect: 100-continue\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"abc",
    b"3\r\nabc\r\n",
    b"0\r\n\r\n",
    b"1;x=y\r\na\r\n",
    b"x: " + b"y" * 5000 + b"\r\n",
    b"\0",
    b"\xff\xfe",
    b":",
    b" ",
)
Bytes = st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=20))
Pieces = st.lists(st.lists(Bytes, max_size=8).map(b"".join), max_size=6)


def others() -> set[asyncio.Task[object]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def exchange(pieces: list[bytes], *, holds: bool) -> None:
    wire = Wire(Asked())
    if holds:
        wire.asked.hold.clear()
    await wire.send(*pieces)
    statuses = set(wire.statuses)
    assert statuses <= {100, 200, 400, 500, 501, 505}
    # An answer that fails is a bug here: nothing that a client sends may be one. (A body of our own is broken HTTP.)
    assert 500 not in statuses or all(not head.body.is_complete for head in wire.asked.heads[-1:])
    assert len(wire.statuses) <= sum(map(len, pieces))
    await wire.leave()
    assert not others()


@settings(deadline=None, max_examples=100)
@given(pieces=Pieces)
def test_random_pieces_leave_nothing_behind(pieces: list[bytes]) -> None:
    for holds in (False, True):
        asyncio.run(exchange(pieces, holds=holds))


@settings(deadline=None, max_examples=40)
@given(pieces=Pieces)
def test_it_does_not_matter_how_random_bytes_are_cut(pieces: list[bytes]) -> None:
    async def answers(*cut: bytes) -> bytes:
        wire = Wire(Asked())
        answer = await wire.send(*cut)
        await wire.leave()
        return answer

    async def both() -> tuple[bytes, bytes]:
        data = b"".join(pieces)
        return await answers(*pieces), await answers(*(data[at : at + 1] for at in range(len(data))))

    in_pieces, in_bytes = asyncio.run(both())
    assert in_pieces == in_bytes


async def test_a_server_that_was_sent_noise_still_answers() -> None:
    noise = random.Random(1)  # noqa: S311 - a reproducible example, not a secret
    wire = Wire(Asked())
    for _ in range(200):
        connection = wire.server()
        connection.connection_made(wire.transport.__class__())
        connection.data_received(noise.randbytes(noise.randint(1, 3000)))
        connection.connection_lost(None)
    assert (await wire.send(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
    assert not others()
