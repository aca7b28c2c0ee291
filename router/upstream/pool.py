"""The connections to one origin: kept alive, limited, shared by all requests to it.

    Upstreams ──▶ Pool ──▶ Connection ──▶ socket
                  ▲ you are here

``carry`` does not wait: the connection calls back. No task runs per exchange; one is made only to open a connection.
Nor has an exchange a timer: the pool has one, for the first that is due. While a connection is being opened for it an
exchange is due at ``connect_timeout``, afterwards at its own timeout, which counts from the start.

An exchange takes the idle connection that was used last, else opens one while there are fewer than
``max_connections``, else waits in line; if ``max_pending`` wait already it fails at once. A connection that becomes
free serves the line.
"""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from functools import partial
from math import inf

from router.upstream.connection import Connection, Exchange
from router.upstream.endpoint import Connect, Endpoint
from router.upstream.failures import ConnectError, OverloadedError, UpstreamError, UpstreamTimeoutError
from router.upstream.response import HttpResponse

LIMIT_RESPONSE_BYTES = 100_000_000

TIMER_SLACK_SECONDS = 0.001
"""Event loops fire timers up to so much too early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions:
    """How a pool behaves.

    Attributes:
        idle_seconds: An idle connection older than this is closed, not used.
        limit_bytes: Of one response body, as sent and decompressed.
        tls: For ``https`` endpoints; required there.
        connect: How connections are opened.
    """

    max_connections: int = 1024
    max_pending: int = 512
    connect_timeout_seconds: float = 5.0
    idle_seconds: float = 30.0
    limit_bytes: int = LIMIT_RESPONSE_BYTES
    tls: ssl.SSLContext | None = None
    connect: Connect = Endpoint.connect


class Pool:
    """Keep-alive connections to one endpoint."""

    def __init__(self, endpoint: Endpoint, options: PoolOptions) -> None:
        if endpoint.scheme == "https" and options.tls is None:
            raise ValueError("an https endpoint needs a TLS context")
        self.endpoint = endpoint
        self._options = options
        self._idle_seconds = options.idle_seconds
        self._loop: asyncio.AbstractEventLoop | None = (
            None  # known with the first request: to ask for it is a system call
        )
        self._idle: dict[Connection, None] = {}  # the one that was used last stands last
        self._held: set[Connection] = set()  # opening, busy or idle: they count against max_connections
        self._sockets: set[Connection] = set()  # everything whose socket is not gone yet
        self._waiting: deque[Exchange] = deque()
        self._running: set[Exchange] = set()
        self._sweep: asyncio.TimerHandle | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = inf
        self._closing = False
        self._changed = asyncio.Event()

    @property
    def open_connections(self) -> int:
        """Connections that are being opened, are busy, or are kept."""
        return len(self._held)

    def carry(self, exchange: Exchange, timeout_seconds: float) -> None:
        """Send a request; who waits for it is told what came of it, after this has returned.

        Cancelling the exchange closes the connection that carries the request.

        Args:
            exchange: The request, which was not sent before.
            timeout_seconds: From now to the last byte of the response.
        """
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        now = loop.time()
        exchange.deadline = exchange.due = due = now + timeout_seconds
        self._running.add(exchange)
        if self._closing:
            loop.call_soon(exchange.end, ConnectError("the pool is closed"))
            return
        if due < self._alarm_at:
            self._watch(due)
        idle = self._idle
        while idle:
            connection, _ = idle.popitem()
            if now - connection.idle_since < self._idle_seconds and connection.start(exchange):
                return
            connection.close()
        self._line_up(exchange)

    def call(self, message: bytes, *, timeout_seconds: float, may_retry: bool = False) -> asyncio.Future[HttpResponse]:
        """As ``carry``, with a future for the response or an ``UpstreamError``; it can be cancelled."""
        response = _Response(loop=asyncio.get_running_loop())
        response.exchange = Exchange(self, message, response, may_retry=may_retry)
        self.carry(response.exchange, timeout_seconds)
        return response

    async def post(self, message: bytes, *, timeout_seconds: float, may_retry: bool = False) -> HttpResponse:
        """Send a request and wait; raises ``UpstreamError``."""
        return await self.call(message, timeout_seconds=timeout_seconds, may_retry=may_retry)

    def extend(self, exchange: Exchange, deadline: float) -> None:
        """Let an exchange take longer: until ``deadline``, in loop time."""
        exchange.deadline = max(exchange.deadline, deadline)
        if exchange.opening is None:
            exchange.due = exchange.deadline

    async def aclose(self) -> None:
        """Take no more calls, let the running ones finish (each has its timeout), close all connections."""
        self._closing = True
        if self._sweep is not None:
            self._sweep.cancel()
        while self._running:
            self._changed.clear()
            await self._changed.wait()
        if self._alarm is not None:
            self._alarm.cancel()
        for connection in tuple(self._idle):
            connection.close()
        while self._held or self._sockets:
            self._changed.clear()
            await self._changed.wait()

    # Called by exchanges and connections.

    def ended(self, exchange: Exchange) -> None:
        """The exchange is over, for whatever reason: nothing may go on in its name."""
        if exchange.connection is not None:
            exchange.connection.close()
        if exchange.opening is not None:
            exchange.opening.cancel()
        if exchange.waits:
            self._waiting.remove(exchange)
        self._running.discard(exchange)
        if self._closing:
            self._changed.set()

    def opened(self, connection: Connection) -> None:
        """The socket is connected."""
        self._sockets.add(connection)

    def release(self, connection: Connection) -> None:
        """The connection is free: serve the line, or keep it."""
        if self._waiting:
            self._start(connection, self._next_waiting())
            return
        if self._closing:
            connection.close()
            return
        loop = self._loop
        assert loop is not None
        connection.idle_since = loop.time()
        self._idle[connection] = None
        if self._sweep is None:
            self._sweep = loop.call_later(self._idle_seconds, self._close_expired)

    def forget(self, connection: Connection) -> None:
        """The connection cannot be used any more: another one may be opened in its place."""
        self._idle.pop(connection, None)
        if connection in self._held:
            self._held.discard(connection)
            self._changed.set()
            self._open_for_waiting()

    def retry(self, exchange: Exchange) -> None:
        """Send the exchange on a connection that is new for certain."""
        self._open(exchange)

    def closed(self, connection: Connection) -> None:
        """The socket is gone."""
        self._sockets.discard(connection)
        self._changed.set()

    def _line_up(self, exchange: Exchange) -> None:
        """No connection is idle."""
        if len(self._held) < self._options.max_connections:
            self._open(exchange)
        elif len(self._waiting) < self._options.max_pending:
            exchange.waits = True
            self._waiting.append(exchange)
        else:
            problem = OverloadedError(f"{len(self._held)} requests run and {len(self._waiting)} wait")
            asyncio.get_running_loop().call_soon(exchange.end, problem)

    def _next_waiting(self) -> Exchange:
        exchange = self._waiting.popleft()
        exchange.waits = False
        return exchange

    def _open_for_waiting(self) -> None:
        while self._waiting and len(self._held) < self._options.max_connections:
            self._open(self._next_waiting())

    def _open(self, exchange: Exchange) -> None:
        loop = asyncio.get_running_loop()
        connection = Connection(self, self._options.limit_bytes)
        self._held.add(connection)
        exchange.due = min(exchange.deadline, loop.time() + self._options.connect_timeout_seconds)
        self._watch(exchange.due)
        exchange.opening = loop.create_task(self._options.connect(self.endpoint, connection, self._options.tls))
        exchange.opening.add_done_callback(partial(self._connected, connection, exchange))

    def _connected(self, connection: Connection, exchange: Exchange, opening: asyncio.Task[None]) -> None:
        exchange.opening = None
        problem = None if opening.cancelled() else opening.exception()
        if opening.cancelled() or problem is not None or not connection.is_open:
            self.forget(connection)
            # An attempt that is cancelled just when it succeeds: uvloop closes the socket and tells nobody.
            self.closed(connection)
            place = self.endpoint.unix_path or f"{self.endpoint.host}:{self.endpoint.port}"
            exchange.end(ConnectError(f"{place}: {problem or 'closed as soon as it was open'}"))
        elif exchange.is_over:
            self.release(connection)
        else:
            exchange.due = exchange.deadline
            self._start(connection, exchange)

    def _start(self, connection: Connection, exchange: Exchange) -> None:
        started = connection.start(exchange)
        assert started, "it is open"

    def _watch(self, due: float) -> None:
        """Look after deadlines at ``due``, or before that."""
        if due < self._alarm_at:
            if self._alarm is not None:
                self._alarm.cancel()
            self._alarm = asyncio.get_running_loop().call_at(due, self._end_late)
            self._alarm_at = due

    def _end_late(self) -> None:
        self._alarm, self._alarm_at = None, inf
        now = asyncio.get_running_loop().time() + TIMER_SLACK_SECONDS
        for exchange in [each for each in self._running if each.due <= now]:
            exchange.end(UpstreamTimeoutError(_reason(exchange)))
        if self._running:
            self._watch(min(exchange.due for exchange in self._running))

    def _close_expired(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweep = None
        for connection in tuple(self._idle):
            expires = connection.idle_since + self._idle_seconds
            if expires > loop.time():
                self._sweep = loop.call_at(expires, self._close_expired)
                return
            connection.close()


class _Response(asyncio.Future[HttpResponse]):
    """A response that somebody waits for. Cancelled, it gives the request up."""

    exchange: Exchange

    def end(self, result: HttpResponse | UpstreamError) -> None:
        """Take what came of the request."""
        if isinstance(result, UpstreamError):
            self.set_exception(result)
        else:
            self.set_result(result)

    def cancel(self, msg: object = None) -> bool:
        """Do not wait any longer."""
        cancelled = super().cancel(msg)
        self.exchange.leave(self)
        return cancelled


def _reason(exchange: Exchange) -> str:
    """Why an exchange that is late is not over."""
    if exchange.connection is not None:
        return "no complete response in time"
    if exchange.opening is not None:
        return "no connection in time"
    return "all connections were busy"
