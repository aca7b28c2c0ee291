"""A connection of the gateway's HTTP server without a socket: what a client sends is a call, what it gets is bytes."""

import asyncio
import re
from collections.abc import Iterable

from multidict import CIMultiDict

from router.http.server import HttpServer, IncomingRequest, RequestBody, Timeouts
from router.policy.request import Response

_DATE = re.compile(rb"date: [^\r]*\r\n")


class FakeTransport(asyncio.Transport):
    """Remembers what was written.

    Attributes:
        sent: All that the client could have read.
        unsent_bytes: What is told as the size of the write buffer.
        reads: Not paused.
        has_ended: The sending side was closed, or everything.
    """

    def __init__(self, peer: object = ("192.0.2.7", 1234)) -> None:
        super().__init__({"peername": peer})
        self.sent = bytearray()
        self.unsent_bytes = 0
        self.reads = True
        self.has_ended = False
        self.is_aborted = False
        self.writes = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.is_closing()
        self.sent += data
        self.writes += 1

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.write(b"".join(list_of_data))

    def write_eof(self) -> None:
        self.has_ended = True

    def can_write_eof(self) -> bool:
        return True

    def close(self) -> None:
        self._closing = self.has_ended = True

    def abort(self) -> None:
        self.is_aborted = True
        self.close()

    def is_closing(self) -> bool:
        return getattr(self, "_closing", False)

    def pause_reading(self) -> None:
        assert self.reads
        self.reads = False

    def resume_reading(self) -> None:
        assert not self.reads
        self.reads = True

    def get_write_buffer_size(self) -> int:
        return self.unsent_bytes


class Asked:
    """Answers requests, and remembers them.

    Attributes:
        requests: What was asked, as ``METHOD target body``.
        response: The answer; without it, what was asked.
        arrived: Set when a request has come, with its body.
        hold: While it is not set, requests wait for it.
        cancelled: How many requests were cancelled.
    """

    def __init__(self, *, reads_body: bool = True, limit_bytes: int = 1000) -> None:
        self.requests: list[str] = []
        self.heads: list[IncomingRequest] = []
        self.bodies: list[RequestBody] = []
        self.response: Response | Exception | None = None
        self.arrived = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()
        self.cancelled = 0
        self._reads_body = reads_body
        self._limit_bytes = limit_bytes

    async def __call__(self, request: IncomingRequest) -> Response:
        self.heads.append(request)
        try:
            body = await request.body.read(self._limit_bytes) if self._reads_body else b""
            text = f"{request.method} {request.target} {body.decode()}".strip()
            self.requests.append(text)
            self.arrived.set()
            await self.hold.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if isinstance(self.response, Exception):
            raise self.response
        return self.response or Response(status=200, body=text.encode(), headers=CIMultiDict({"x-test": "1"}))


class Wire:
    """One connection to a server whose clock stands still.

    ``send`` is the client; it lets the server do all it can do before it returns.
    """

    def __init__(self, asked: Asked, timeouts: Timeouts | None = None, *, peer: object = ("192.0.2.7", 1234)) -> None:
        self.asked = asked
        self.server = HttpServer(asked, timeouts)
        self.server.look(0.0, 0.0)
        self.transport = FakeTransport(peer)
        self.connection = self.server()
        self.connection.connection_made(self.transport)

    async def send(self, *pieces: bytes) -> bytes:
        """Send pieces; returns all that was answered until now, without the ``date`` of each response."""
        for piece in pieces:
            self.connection.data_received(piece)
            await self.settle()
        await self.settle()
        return self.received

    async def pass_time(self, seconds: float) -> None:
        """Let the server look at its clock."""
        self.server.look(self.server.now + seconds, 0.0)
        await self.settle()

    async def leave(self) -> None:
        """The client closes."""
        if not self.connection.eof_received():
            self.transport.close()
        self.connection.connection_lost(None)
        await self.settle()

    async def settle(self) -> None:
        """Let everything happen that waits for nothing from outside."""
        for _ in range(20):
            await asyncio.sleep(0)

    @property
    def received(self) -> bytes:
        """What the client has got, without the ``date`` of each response."""
        return _DATE.sub(b"", bytes(self.transport.sent))

    @property
    def bodies(self) -> list[bytes]:
        """The bodies of all responses, which tell their length."""
        rest, bodies = self.received, []
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            size = int(length[1]) if length else 0
            bodies.append(rest[:size])
            rest = rest[size:]
        return bodies

    @property
    def statuses(self) -> list[int]:
        """The status codes of all responses."""
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", self.received)]


def ok(body: bytes, *, head: bytes = b"") -> bytes:
    """The response of ``Asked``."""
    start = b"HTTP/1.1 200 OK\r\nx-test: 1\r\nserver: supergate\r\n"
    return start + b"content-length: %d\r\n%b\r\n%b" % (len(body), head, body)
