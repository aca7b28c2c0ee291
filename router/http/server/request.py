"""A request as the server hands it over: its head is whole, its body may still be coming.

    socket ──▶ Connection ──▶ RequestReader ──▶ IncomingRequest ──▶ answer
                                                ▲ you are here

Almost always the body has come with the head, and reading it waits for nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct
from multidict import CIMultiDictProxy

from router.identity.certificate import ClientCertificate
from router.policy.request import Response

_ROOM_BYTES = 65_536
"""What is taken of a body before somebody says how much of it is wanted."""


class BrokenBodyError(Exception):
    """The rest of the body is not valid HTTP: a wrong chunk, or far more framing than content."""


class BodySource(Protocol):
    """Where the bytes of a body come from."""

    def send_continue(self) -> None:
        """Tell a client that asked that its body is wanted."""

    def regulate(self) -> None:
        """Read, or stop reading, as the body's ``is_full`` demands."""


class RequestBody:
    """Bytes that arrive while the request is answered.

    Args:
        source: Where they come from.
        whole: All of them, if they are there.

    Attributes:
        is_complete: Nothing of it is missing.
        expects_continue: The client waits for a sign before it sends the body.
    """

    __slots__ = (
        "_first",
        "_is_broken",
        "_more",
        "_room_bytes",
        "_source",
        "_waiter",
        "expects_continue",
        "is_complete",
    )

    def __init__(self, source: BodySource, *, expects_continue: bool = False, whole: bytes | None = None) -> None:
        self._source = source
        self._first = b"" if whole is None else whole
        self._more: bytearray | None = None  # not a list: a body may come in pieces of one byte
        self._room_bytes = _ROOM_BYTES
        self._is_broken = False
        self._waiter: asyncio.Future[None] | None = None
        self.expects_continue = expects_continue
        self.is_complete = whole is not None

    @property
    def size_bytes(self) -> int:
        """How much there is."""
        return len(self._first) if self._more is None else len(self._more)

    @property
    def is_full(self) -> bool:
        """Whether there is more than anybody wants for now."""
        return (len(self._first) if self._more is None else len(self._more)) > self._room_bytes

    @property
    def at_hand(self) -> bytes | None:
        """The whole body, if it has come with the head, in one piece, and its client does not wait for a sign."""
        if not self.is_complete or self._more is not None or self.expects_continue or self._is_broken:
            return None
        return self._first

    async def read(self, limit_bytes: int) -> bytes:
        """The whole body; of a body beyond the limit one byte more than that. To be called once.

        Raises:
            BrokenBodyError: The rest of it cannot be read.
        """
        if self.expects_continue:
            # https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
            self._source.send_continue()
        if not self.is_complete:
            self._room_bytes = limit_bytes
            await self._wait()
        if self._is_broken:
            raise BrokenBodyError
        body = self._first if self._more is None else bytes(self._more)
        return body if len(body) <= limit_bytes else body[: limit_bytes + 1]

    async def _wait(self) -> None:
        self._source.regulate()
        if not (self._is_broken or self.is_full):
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter

    # Called by the reader.

    def feed(self, piece: bytes) -> None:
        """Take what arrived."""
        if self._more is not None:
            self._more += piece
        elif self._first:
            self._more = bytearray(self._first) + piece
        else:
            self._first = piece
        if self._waiter is not None and self.is_full:
            self._wake()

    def complete(self) -> None:
        """That was all."""
        self.is_complete = True
        self._wake()

    def fail(self) -> None:
        """The rest cannot be read."""
        self._is_broken = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class IncomingRequest(Struct, eq=False):
    """One request.

    Attributes:
        method: Upper case.
        target: As it stands in the request line.
        headers: As received, without the white space around values.
        body: May still be coming.
        peer_ip: Address of the socket's other end; empty for a Unix socket.
        is_http_1_0: The client knows neither chunks nor interim responses.
        keeps_alive: The client takes another response on this connection.
        peer_certificate: The client's, verified while the connection was made.
    """

    method: str
    target: str
    headers: CIMultiDictProxy[str]
    body: RequestBody
    peer_ip: str
    is_http_1_0: bool = False
    keeps_alive: bool = True
    peer_certificate: ClientCertificate | None = None


Answer = Callable[[IncomingRequest], Awaitable[Response]]
"""Answers a request. Is cancelled when the client goes away."""
