"""A loopback server that answers with the bytes that a test gives it, in the pieces that the test wants."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[["Peer"], Awaitable[None]]
"""What the server does with one request, after reading it."""


@dataclass(eq=False)
class Peer:
    """The server's end of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int

    async def send(self, *pieces: bytes) -> None:
        """Send the pieces one by one, giving the other side a turn after each."""
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def wait_for_end(self) -> bytes:
        """Read until the other side closes."""
        try:
            return await self.reader.read()
        except ConnectionError:
            return b""

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        """Close in a way that the other side sees as a reset."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@dataclass(eq=False)
class HostileServer:
    """Answers the n-th request, over all connections, with the n-th answer; the last one repeats.

    Attributes:
        requests: The bytes of each request, head and body.
        connections: How many were opened.
        carriers: For each request the number of the connection that brought it.
    """

    answers: list[Answer]
    requests: list[bytes] = field(default_factory=list)
    carriers: list[int] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    ended: list[asyncio.Event] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer, self.connections)
        self.connections += 1
        end = asyncio.Event()
        self.ended.append(end)
        try:
            while (request := await _read_request(reader)) is not None:
                answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
                self.requests.append(request)
                self.carriers.append(peer.number)
                await answer(peer)
        except ConnectionError:
            pass
        finally:
            end.set()
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> bytes | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)


def raw(*pieces: bytes) -> Answer:
    """Send these bytes, piece by piece, and go on."""

    async def answer(peer: Peer) -> None:
        await peer.send(*pieces)

    return answer


def raw_then_close(*pieces: bytes) -> Answer:
    """Send these bytes and close."""

    async def answer(peer: Peer) -> None:
        await peer.send(*pieces)
        peer.close()

    return answer


def raw_then_reset(*pieces: bytes) -> Answer:
    """Send these bytes and reset the connection."""

    async def answer(peer: Peer) -> None:
        await peer.send(*pieces)
        peer.reset()

    return answer


async def silence(peer: Peer) -> None:
    """Answer nothing until the client gives up."""
    await peer.wait_for_end()


@asynccontextmanager
async def hostile_server(*answers: Answer) -> AsyncIterator[HostileServer]:
    """Run the server on a free port."""
    server = HostileServer(list(answers))
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listener:
        server.port = listener.sockets[0].getsockname()[1]
        yield server
        listener.close()
