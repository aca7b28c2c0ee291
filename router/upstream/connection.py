"""One connection to an origin: it carries one exchange at a time.

    Pool ──▶ Connection ──▶ socket
             ▲ you are here

    opening ──▶ idle ──start──▶ busy ──response──▶ idle
                 │               │
                 └───── any doubt ──────▶ closed

A connection returns to the pool only after a complete response behind which nothing came, with everything that we
had to say sent. Everything else closes it: bytes that nobody asked for, a response that is not valid, an exchange
that was cancelled or ran out of time (its response may still come, and must not be taken for the next one's).
"""

import asyncio
from typing import Protocol, cast

from msgspec import Struct

from router.upstream.failures import ConnectionLostError, UpstreamError
from router.upstream.reading import ResponseReader
from router.upstream.response import HttpResponse


class Waiter(Protocol):
    """Who waits for what comes of a request."""

    def end(self, result: HttpResponse | UpstreamError, /) -> None:
        """Take it; called once at most."""


class Exchange(Struct, eq=False):  # a struct, because it takes a quarter of the time to make
    """One request, and who is told what came of it.

    Attributes:
        message: The whole request, as it is sent: a POST with a ``Content-Length``.
        may_retry: The request has no side effects, and can be sent a second time if an idle connection turns out to be
            dead.
        deadline: Loop time at which the exchange fails.
        due: The same, or before that while a connection is being opened for it.
        connection: The connection that carries it at this moment.
        opening: The task that opens a connection for it.
        waits: It stands in the pool's line.
    """

    _owner: "ExchangeOwner"
    message: bytes
    _waiter: Waiter | None
    may_retry: bool = False
    deadline: float = 0.0  # set when it starts
    due: float = 0.0
    connection: "Connection | None" = None
    opening: asyncio.Task[None] | None = None
    waits: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or was cancelled."""
        return self._waiter is None

    def end(self, result: HttpResponse | UpstreamError) -> None:
        """Tell what came of it, unless it ended before."""
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            self._owner.ended(self)
            waiter.end(result)

    def leave(self, waiter: Waiter) -> None:
        """Tell ``waiter`` nothing; a request that nobody waits for is cancelled."""
        if waiter is self._waiter:
            self.cancel()

    def cancel(self) -> None:
        """Give it up: nothing goes on in its name, and nobody is told."""
        if self._waiter is not None:
            self._waiter = None
            self._owner.ended(self)


class ExchangeOwner(Protocol):
    """Who makes exchanges."""

    def ended(self, exchange: Exchange) -> None:
        """The exchange is over, for whatever reason: nothing may go on in its name."""


class ConnectionOwner(Protocol):
    """What a connection needs of its pool."""

    def opened(self, connection: "Connection") -> None:
        """The socket is connected; called once, if ever."""

    def release(self, connection: "Connection") -> None:
        """The connection is free and can carry another exchange."""

    def forget(self, connection: "Connection") -> None:
        """The connection carries nothing any more; called once or more often."""

    def retry(self, exchange: Exchange) -> None:
        """Send the exchange again on a new connection."""

    def closed(self, connection: "Connection") -> None:
        """The socket is gone; called once for each ``opened``."""


class Connection(asyncio.Protocol):
    """The protocol of one socket."""

    __slots__ = ("_exchange", "_owner", "_reader", "_transport", "_used", "idle_since")

    def __init__(self, owner: ConnectionOwner, limit_bytes: int) -> None:
        self._owner = owner
        self._reader = ResponseReader(limit_bytes)
        self._transport: asyncio.Transport | None = None
        self._exchange: Exchange | None = None
        self._used = False
        self.idle_since = 0.0

    @property
    def is_open(self) -> bool:
        """Whether an exchange can be started on it."""
        return self._transport is not None and not self._transport.is_closing()

    def start(self, exchange: Exchange) -> bool:
        """Send a request; the connection must be idle. Whether it was open."""
        transport = self._transport
        assert self._exchange is None
        if transport is None or transport.is_closing():
            return False
        self._exchange = exchange
        exchange.connection = self
        if self._reader.started:
            self._reader.reset()
        transport.write(exchange.message)
        return True

    def close(self) -> None:
        """Give the connection up; what it carries must be settled by the caller."""
        if self._exchange is not None:
            self._exchange.connection = None
            self._exchange = None
        self._owner.forget(self)
        if self._transport is not None:
            # Not close(): that waits until the peer has read what we wrote, which it may never do.
            self._transport.abort()

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is connected."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transports are, but do not inherit from it
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of the response, or bytes that nobody asked for."""
        if self._exchange is None:
            self.close()
            return
        try:
            response = self._reader.feed(data)
        except UpstreamError as error:
            self._fail(error)
            return
        if response is not None:
            self._finish(response)

    def eof_received(self) -> bool:
        """The peer sends no more: the end of some responses, too early for others. Nothing is half-open here."""
        if self._exchange is not None:
            try:
                response = self._reader.end()
            except UpstreamError as error:
                self._fail(error)
                return False
            if response is not None:
                self._finish(response)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.connection = None
            self._settle_lost(exchange, exc)
        self._owner.forget(self)  # now, so that a retry gets the place and not someone in the line
        self._owner.closed(self)

    def _settle_lost(self, exchange: Exchange, reason: Exception | None) -> None:
        # A server may close an idle connection just when we send on it. No byte of an answer on a connection that
        # worked before means, for a request without side effects, that it can be sent again; once.
        # https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2
        if self._used and not self._reader.started and exchange.may_retry and not exchange.is_over:
            exchange.may_retry = False
            self._owner.retry(exchange)
            return
        when = "in the middle of the response" if self._reader.started else "before a response"
        exchange.end(ConnectionLostError(f"connection closed {when}" + (f": {reason}" if reason else "")))

    def _fail(self, error: UpstreamError) -> None:
        exchange = self._exchange
        self.close()
        if exchange is not None:
            exchange.end(error)

    def _finish(self, response: HttpResponse) -> None:
        exchange, transport = self._exchange, self._transport
        assert exchange is not None
        assert transport is not None
        # A response to a request that is not sent in full: the peer may take the rest of it for the next request.
        if self._reader.reusable and transport.get_write_buffer_size() == 0 and not transport.is_closing():
            self._exchange = exchange.connection = None
            self._used = True
            self._owner.release(self)
        else:
            self.close()
        exchange.end(response)
