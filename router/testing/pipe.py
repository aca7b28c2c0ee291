"""A socket that is none: what the gateway writes is a request to a function, what it reads is the answer.

    Pool ──▶ Connection ──▶ Pipe ──▶ answer
                            ▲ you are here

So everything up to the socket is the gateway's own: connections that are kept, limits, time limits, header lines.
"""

import asyncio
from collections.abc import Awaitable, Callable

from httptools import HttpRequestParser
from multidict import CIMultiDict, CIMultiDictProxy

from router.testing.services import ServiceRequest, ServiceResponse

AnswerRequest = Callable[[ServiceRequest], Awaitable[ServiceResponse]]


class Pipe(asyncio.Transport):
    """The transport of one connection to a subgraph.

    Args:
        protocol: The gateway's end.
        answer: Answers a request. Whatever it raises closes the connection.
    """

    def __init__(self, protocol: asyncio.Protocol, answer: AnswerRequest) -> None:
        super().__init__()
        self._protocol = protocol
        self._answer = answer
        self._answering: asyncio.Task[None] | None = None
        self._is_closing = False
        self._begin()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes of a request."""
        if not self._is_closing:
            self._parser.feed_data(data)

    def get_write_buffer_size(self) -> int:
        """Everything is taken at once."""
        return 0

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._is_closing

    def close(self) -> None:
        """Close at once: nothing is buffered."""
        self.abort()

    def abort(self) -> None:
        """Close, and give up what is being answered."""
        if self._is_closing:
            return
        self._is_closing = True
        if self._answering is not None:
            self._answering.cancel()
        asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    # Called by the parser.

    def on_url(self, url: bytes) -> None:
        """A piece of the request line's target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        self._headers.add(name.decode("latin-1"), value.decode("utf-8", "surrogateescape"))

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body += body

    def on_message_complete(self) -> None:
        """The request is there: answer it."""
        request = ServiceRequest(
            method=self._parser.get_method().decode(),
            target=self._target.decode(),
            headers=CIMultiDictProxy(self._headers),
            body=self._body,
        )
        self._answering = asyncio.get_running_loop().create_task(self._respond(request))

    def _begin(self) -> None:
        self._parser = HttpRequestParser(self)
        self._target = b""
        self._headers: CIMultiDict[str] = CIMultiDict()
        self._body = b""

    async def _respond(self, request: ServiceRequest) -> None:
        try:
            response = await self._answer(request)
        except Exception:
            # The network has told the test, if this is no service that is away.
            self.abort()
            return
        self._answering = None
        self._begin()
        self._protocol.data_received(_encode(response))


def _encode(response: ServiceResponse) -> bytes:
    headers, body = response.encode()
    headers["content-length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {response.status} Answer\r\n{lines}\r\n".encode() + body
