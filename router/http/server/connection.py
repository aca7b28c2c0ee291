"""One connection of a client: requests come in order, and each is answered before the next begins.

    socket ◀──▶ Connection ──▶ RequestReader ──▶ answer
                ▲ you are here

    waiting ──head──▶ answering ──response──▶ waiting | lingering ──▶ closed
       └─────────── too slow, gone, server stops ───────────────────────▲

What a client sends ahead is kept as bytes and parsed when its turn comes; when that is more than a little, or a body
is more than anybody wants, nothing is read any more. Likewise the next request waits until the client has read most of
the last response. So a client can fill neither side of the gateway.

A client that ends its sending side is taken for gone, and its request is cancelled: that is how a client that closes
looks, and one that only half-closes cannot be told from it.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Protocol, cast

from router.http.server.refusals import refusal
from router.http.server.request import Answer, IncomingRequest
from router.http.server.request_reader import PIECE_BYTES, RequestReader
from router.http.server.response_head import ResponseHeadError, response_head
from router.identity.certificate import ClientCertificate
from router.policy.request import Response, Write

logger = logging.getLogger(__name__)

_LIMIT_AHEAD_BYTES = 65_536
_JOINED_BYTES = 16_384
"""Up to here copying a body behind its head is cheaper than writing two buffers."""

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_WITHOUT_BODY = frozenset({204, 304})
_NEVER = math.inf


class ConnectionOwner(Protocol):
    """What a connection needs of its server.

    Attributes:
        answer: Answers requests.
        context: What each request's task starts from.
        date_line: The ``date`` header of the moment.
        now: The time, a second old at most; it costs nothing to look at.
        is_draining: No connection is to be kept alive.
        first_head_seconds: How long a new connection may take to send the head of a request.
        keep_alive_seconds: The same for every other head, and for a client to take any of its response.
        linger_seconds: How long to read on, for nothing, what a client still sends that has its answer.
    """

    answer: Answer
    context: Context
    date_line: bytes
    now: float
    is_draining: bool
    first_head_seconds: float
    keep_alive_seconds: float
    linger_seconds: float

    def opened(self, connection: "Connection") -> None:
        """The socket is connected; called once."""

    def closed(self, connection: "Connection") -> None:
        """The socket is gone, and nothing goes on in its name; called once."""


class Connection(asyncio.Protocol):
    """The protocol of one socket.

    Attributes:
        deadline: When ``check`` has something to do.
    """

    __slots__ = (
        "_ahead",
        "_drained",
        "_is_cancelled",
        "_is_closing",
        "_is_lost",
        "_is_paused",
        "_loop",
        "_owner",
        "_reader",
        "_request",
        "_task",
        "_transport",
        "_unsent_bytes",
        "_writes_wait",
        "deadline",
    )

    _loop: asyncio.AbstractEventLoop
    _transport: asyncio.Transport
    _reader: RequestReader

    def __init__(self, owner: ConnectionOwner) -> None:
        self._owner = owner
        self._ahead = bytearray()
        self._request: IncomingRequest | None = None
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._is_cancelled = self._is_closing = self._is_lost = False
        self._is_paused = self._writes_wait = False
        self._unsent_bytes = 0
        self.deadline = _NEVER

    @property
    def task(self) -> asyncio.Task[None] | None:
        """What answers a request at this moment."""
        return self._task

    def check(self, now: float) -> None:
        """End a connection whose time is up, unless the client has read some of its response since the last look."""
        if now < self.deadline:
            return
        unsent_bytes = self._transport.get_write_buffer_size()
        if 0 < unsent_bytes < self._unsent_bytes:
            self._unsent_bytes = unsent_bytes
            self.deadline = now + self._owner.keep_alive_seconds
        else:
            self.abort()

    def drain(self) -> None:
        """Close now if no request is on its way; else the next response is the last."""
        if self._task is None and not self._ahead and not self._reader.in_message:
            self._close()

    def abort(self) -> None:
        """Close now, whatever goes on."""
        self._is_closing = True
        self._cancel()
        self._transport.abort()

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected."""
        self._loop = asyncio.get_running_loop()
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports are, but do not inherit from it
        peer = transport.get_extra_info("peername")
        peer_ip = str(peer[0]) if isinstance(peer, tuple) else ""
        self._reader = RequestReader(self, peer_ip, peer_certificate=_certificate(transport))
        self.deadline = self._owner.now + self._owner.first_head_seconds
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of the request that is on, or of one that has to wait for its answer."""
        if self._is_closing or self._reader.is_over:
            return
        if self._ahead or self._is_busy():
            self._ahead += data
        else:
            self._parse(data)
        self.regulate()

    def eof_received(self) -> bool:
        """The client sends no more; see above. What was answered is still sent."""
        self._cancel()
        self._close()
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the event loop passes it
        """The socket is gone, and with it the reason to go on."""
        self._is_closing = self._is_lost = True
        self.deadline = _NEVER
        if self._task is None:
            self._owner.closed(self)
        else:
            self._cancel()

    def pause_writing(self) -> None:
        """The client does not read as fast as we write."""
        self._writes_wait = True
        self._unsent_bytes = self._transport.get_write_buffer_size()
        self.deadline = self._owner.now + self._owner.keep_alive_seconds

    def resume_writing(self) -> None:
        """The client has read most of it."""
        self._writes_wait = False
        if self._task is not None:
            self.deadline = _NEVER
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._go_on()

    # Called by the body of a request.

    def send_continue(self) -> None:
        """Tell the client that its body is wanted."""
        if not self._transport.is_closing():
            self._transport.write(_CONTINUE)

    def regulate(self) -> None:
        """Read, unless more than enough is there already."""
        body_is_full = self._request is not None and self._request.body.is_full
        is_enough = (body_is_full or len(self._ahead) > _LIMIT_AHEAD_BYTES) and not self._is_closing
        if is_enough != self._is_paused and not self._transport.is_closing():
            self._is_paused = is_enough
            if is_enough:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    # Requests.

    def _is_busy(self) -> bool:
        """Whether what comes now belongs to a request that has to wait."""
        if self._request is not None:
            return self._request.body.is_complete
        return bool(self._reader.requests)

    def _parse(self, data: bytes | bytearray) -> None:
        if len(data) <= PIECE_BYTES:
            self._reader.feed(bytes(data))
            self._start()
            return
        for start in range(0, len(data), PIECE_BYTES):
            if self._is_busy():
                self._ahead += data[start:]
                break
            self._reader.feed(bytes(data[start : start + PIECE_BYTES]))
            self._start()

    def _start(self) -> None:
        """Answer what is first in line, if nothing is being answered."""
        if self._request is not None or self._writes_wait or self._is_closing:
            return
        if self._reader.requests:
            self.deadline = _NEVER
            self._request = request = self._reader.requests.popleft()
            # In a context of its own: a task that starts another one would hand down what it has set.
            self._task = self._loop.create_task(self._serve(request), context=self._owner.context.copy())
        elif self._reader.refusal:
            self._send(None, refusal(self._reader.refusal))
            self._linger()

    async def _serve(self, request: IncomingRequest) -> None:
        """Answer one request, and go on to the next."""
        has_answered = False
        try:
            try:
                response = await self._owner.answer(request)
            except Exception:
                # Policies and stages have turned everything else into a response.
                logger.exception("request failed")
                response = refusal(500)
            if response.rest is None:
                self._send(request, response)
            else:
                await self._send_in_parts(request, response, response.rest)
            has_answered = True
        finally:
            self._task = self._request = None
            if self._is_lost:
                self._owner.closed(self)
            elif not has_answered and not self._is_closing:
                self.abort()  # the answer was cancelled, and not by us
        self._answered(request)

    def _answered(self, request: IncomingRequest) -> None:
        if not request.body.is_complete:
            self._linger()
        elif not request.keeps_alive:
            self._close()
        else:
            self.deadline = self._owner.now + self._owner.keep_alive_seconds
            if self._ahead or self._is_paused or self._reader.requests or self._reader.refusal:
                self._go_on()

    def _go_on(self) -> None:
        """Take up what waits: requests in line, then bytes that came ahead."""
        self._start()
        if self._ahead and not self._is_closing and not self._is_busy():
            data, self._ahead = self._ahead, bytearray()
            self._parse(data)
        self.regulate()

    # Responses.

    def _send(self, request: IncomingRequest | None, response: Response) -> None:
        """Write a whole response; without a request it is a refusal."""
        if self._transport.is_closing():
            return
        body = response.body
        framing = b"content-length: %d\r\n" % len(body)
        if request is not None and request.method == "HEAD":
            if (said := response.headers.get("content-length")) is not None:
                framing = f"content-length: {said}\r\n".encode("utf-8", "surrogateescape")
            body = b""
        if response.status in _WITHOUT_BODY:
            framing, body = b"", b""
        try:
            head = self._head(response, framing + self._fate(request))
        except ResponseHeadError:
            self._send_failure(request)
            return
        if len(body) > _JOINED_BYTES:
            self._transport.writelines((head, body))
        else:
            self._transport.write(head + body)

    async def _send_in_parts(
        self, request: IncomingRequest, response: Response, rest: Callable[[Write], Awaitable[None]]
    ) -> None:
        """Write a response that is not complete yet, and the rest as it comes and as the client takes it."""
        if self._transport.is_closing():
            return
        in_chunks = not request.is_http_1_0
        if not in_chunks:
            request.keeps_alive = False  # the end of the connection is the end of the response
        framing = b"transfer-encoding: chunked\r\n" if in_chunks else b""
        try:
            head = self._head(response, framing + self._fate(request))
        except ResponseHeadError:
            self._send_failure(request)
            return
        self._transport.write(head)
        if request.method == "HEAD":
            return

        async def write(part: bytes) -> None:
            if part:  # an empty chunk is the last one
                self._transport.write(b"%x\r\n%b\r\n" % (len(part), part) if in_chunks else part)
                await self._until_drained()

        try:
            await write(response.body)
            await rest(write)
        except Exception:
            # Half of the response is on its way; that it is not all can only be told by breaking off.
            logger.exception("response broken off")
            self._is_closing = True
            self._transport.abort()
        else:
            if in_chunks:
                self._transport.write(b"0\r\n\r\n")

    async def _until_drained(self) -> None:
        if self._writes_wait:
            self._drained = self._loop.create_future()
            await self._drained

    def _head(self, response: Response, framing: bytes) -> bytes:
        return response_head(response.status, response.headers, date_line=self._owner.date_line, framing=framing)

    def _send_failure(self, request: IncomingRequest | None) -> None:
        """Instead of a response whose head cannot be sent."""
        logger.exception("response cannot be sent")
        if request is not None:
            request.keeps_alive = False
        self._send(request, refusal(500))

    def _fate(self, request: IncomingRequest | None) -> bytes:
        """What to say about the connection; decides whether it is kept alive."""
        if request is None or not request.body.is_complete or self._owner.is_draining:
            if request is not None:
                request.keeps_alive = False
            return b"connection: close\r\n"
        if not request.keeps_alive:
            return b"connection: close\r\n"
        return b"connection: keep-alive\r\n" if request.is_http_1_0 else b""

    # The end.

    def _cancel(self) -> None:
        """Cancel what is going on; once, as a second time would interrupt what it does to end well."""
        if self._task is not None and not self._is_cancelled:
            self._is_cancelled = True
            self._task.cancel()

    def _close(self) -> None:
        """Close when everything is sent, or when that takes too long."""
        self._is_closing = True
        self.deadline = self._owner.now + self._owner.keep_alive_seconds
        self._transport.close()

    def _linger(self) -> None:
        """Read on what the client still sends: closing at once would reset the connection and take the answer away.

        https://www.rfc-editor.org/rfc/rfc9112#section-9.6
        """
        self._is_closing = True
        self.deadline = self._owner.now + self._owner.linger_seconds
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()
        self.regulate()


def _certificate(transport: asyncio.BaseTransport) -> ClientCertificate | None:
    """The client's certificate, if it came with one over TLS."""
    tls = transport.get_extra_info("ssl_object")
    der = tls.getpeercert(binary_form=True) if tls is not None else None
    return ClientCertificate.read(der, tls.getpeercert()) if der else None
