"""All connections of one listener, and their clock.

    listener ──▶ HttpServer ──▶ Connection, Connection, …
                 ▲ you are here

Deadlines are not timers: every second the server looks at those of all connections. A timer that is set and cancelled
with each request would cost more than parsing the request.
"""

import asyncio
import time
from contextvars import Context, copy_context
from dataclasses import dataclass

from router.http.server.connection import Connection
from router.http.server.request import Answer
from router.http.server.response_head import date_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long connections may wait.

    Attributes:
        first_head_seconds: For the head of the first request.
        keep_alive_seconds: For each following head, and for the client to take any of a response.
        linger_seconds: For a client to stop sending after its request was refused.
    """

    first_head_seconds: float = 30.0
    keep_alive_seconds: float = 75.0
    linger_seconds: float = 5.0

    @property
    def tick_seconds(self) -> float:
        """How often to look."""
        return min(1.0, self.first_head_seconds, self.keep_alive_seconds, self.linger_seconds)


class HttpServer:
    """Makes the protocol of each connection, and ends them all.

    Attributes:
        See ``ConnectionOwner``.
    """

    def __init__(self, answer: Answer, timeouts: Timeouts | None = None) -> None:
        timeouts = timeouts or Timeouts()
        self.answer = answer
        self.context: Context = copy_context()
        self.first_head_seconds = timeouts.first_head_seconds
        self.keep_alive_seconds = timeouts.keep_alive_seconds
        self.linger_seconds = timeouts.linger_seconds
        self.is_draining = False
        self.now = 0.0
        self.date_line = b""
        self._tick_seconds = timeouts.tick_seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._connections: set[Connection] = set()
        self._all_closed = asyncio.Event()

    def __call__(self) -> Connection:
        """The protocol of a new connection; what ``create_server`` calls."""
        return Connection(self)

    def start(self) -> None:
        """Let time pass."""
        self._loop = asyncio.get_running_loop()
        self._tick()

    def look(self, now: float, wall_seconds: float) -> None:
        """It is ``now`` by the loop's clock, ``wall_seconds`` by everybody's: end what is too slow."""
        self.now = now
        self.date_line = date_line(wall_seconds)
        for connection in tuple(self._connections):
            connection.check(now)

    async def stop(self, *, grace_seconds: float) -> None:
        """Let running requests end within the grace period, then end them; returns when nothing is left.

        Connections on which no request is running or coming are closed at once.
        """
        self.is_draining = True
        for connection in tuple(self._connections):
            connection.drain()
        await self._until_all_closed(grace_seconds)
        for connection in tuple(self._connections):
            connection.abort()
        await self._until_all_closed(None)
        if self._timer is not None:
            self._timer.cancel()

    async def _until_all_closed(self, seconds: float | None) -> None:
        self._all_closed.clear()
        if self._connections:
            try:
                async with asyncio.timeout(seconds):
                    await self._all_closed.wait()
            except TimeoutError:
                pass

    # Called by connections.

    def opened(self, connection: Connection) -> None:
        """One more."""
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        """One less."""
        self._connections.discard(connection)
        if not self._connections:
            self._all_closed.set()

    def _tick(self) -> None:
        assert self._loop is not None
        self._timer = self._loop.call_later(self._tick_seconds, self._tick)
        self.look(self._loop.time(), time.time())
