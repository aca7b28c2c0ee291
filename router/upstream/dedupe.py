"""Queries that are under way already are not sent a second time.

    Sender ──▶ InFlight ──▶ Pool
               ▲ you are here

The rules:

* Requests are the same if all their bytes are: method, target, every header, body. A key leaves out only what we write
  to name a request, which says nothing about who sends it or what is wanted: see ``sender``.
* Only queries are shared, and only while they are out: nothing is kept. Where clients get a subgraph's cookies, none
  are: an answer may begin somebody's session.
* A fetch that leaves, because its client did or its time is up, does not end the call for the others. With the last
  one the call is cancelled.
* Each fetch has its own deadline; the call lasts until the latest of them.
* What was asked before a mutation has ended is not an answer to what is asked after it: see ``forget``.
"""

import asyncio

from router.upstream.connection import Exchange, Waiter
from router.upstream.failures import UpstreamError, UpstreamTimeoutError
from router.upstream.pool import Pool
from router.upstream.response import HttpResponse

Key = tuple[bytes, int, bytes]
"""Where to look for the same request: its header lines, and the length and the end of its body.

Requests with the same key need not be the same. But a body may be large, and a hash of the whole, for each request,
costs more than to compare the few that look alike.
"""

_END_BYTES = 64


class InFlight:
    """The queries to one subgraph that are out.

    Attributes:
        pool: What carries them.
    """

    __slots__ = ("_calls", "pool")

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._calls: dict[Key, SharedCall] = {}

    def carry(
        self, message: bytes, lines: bytes, body: bytes, waiter: Waiter, *, timeout_seconds: float
    ) -> "SharedCall":
        """Let ``waiter`` have the answer to the same request, if it is out, or else send this one.

        Args:
            message: The whole request.
            lines: What must be the same besides the body.
            body: The end of the message.
            waiter: Who is told what came of the request that is returned.
            timeout_seconds: How long it waits for that.
        """
        key = (lines, len(body), body[-_END_BYTES:])
        call = self._calls.get(key)
        # Their bodies are as long as each other.
        if call is not None and call.message.endswith(body):
            deadline = asyncio.get_running_loop().time() + timeout_seconds
            call.add(waiter, deadline)
            self.pool.extend(call, deadline)
            return call
        call = self._calls[key] = SharedCall(self, message, waiter, may_retry=True, key=key)
        self.pool.carry(call, timeout_seconds)
        return call

    def forget(self) -> None:
        """Let nobody join what is out now; those who have joined get their answer."""
        self._calls.clear()

    def ended(self, exchange: Exchange) -> None:
        """A call is over, for whatever reason."""
        assert isinstance(exchange, SharedCall)
        if self._calls.get(exchange.key) is exchange:
            del self._calls[exchange.key]
        self.pool.ended(exchange)


class SharedCall(Exchange, eq=False, kw_only=True):
    """A request that is out and that others may join.

    Attributes:
        key: Where it is to be found.
    """

    key: Key

    def add(self, waiter: Waiter, deadline: float) -> None:
        """Let one more have the answer, if it comes before ``deadline``, in loop time."""
        crowd = self._waiter
        assert crowd is not None, "it is over"
        if not isinstance(crowd, _Crowd):
            first, self._waiter = crowd, _Crowd(self)
            crowd = self._waiter
            crowd.add(first, self.deadline)  # for one the exchange's own deadline was enough
        crowd.add(waiter, deadline)

    def leave(self, waiter: Waiter) -> None:
        """Whoever leaves is told nothing; without anyone left the request is cancelled."""
        crowd = self._waiter
        if crowd is waiter or (isinstance(crowd, _Crowd) and crowd.drop(waiter)):
            self.cancel()


class _Crowd:
    """Everyone who waits for the answer to one request, each until a time of its own."""

    __slots__ = ("_call", "_timers")

    def __init__(self, call: SharedCall) -> None:
        self._call = call
        self._timers: dict[Waiter, asyncio.TimerHandle] = {}

    def add(self, waiter: Waiter, deadline: float) -> None:
        """One more, until ``deadline`` in loop time."""
        self._timers[waiter] = asyncio.get_running_loop().call_at(deadline, self._time_out, waiter)

    def drop(self, waiter: Waiter) -> bool:
        """One less, if it is there; whether nobody is left by that."""
        timer = self._timers.pop(waiter, None)
        if timer is None:
            return False
        timer.cancel()
        return not self._timers

    def end(self, result: HttpResponse | UpstreamError) -> None:
        """Tell everyone what came of the request."""
        timers, self._timers = self._timers, {}
        for timer in timers.values():
            timer.cancel()
        first, *others = timers
        for waiter in others:
            # Each for itself: one that fails costs the others nothing.
            asyncio.get_running_loop().call_soon(waiter.end, result)
        first.end(result)

    def _time_out(self, waiter: Waiter) -> None:
        self._call.leave(waiter)
        waiter.end(UpstreamTimeoutError("no complete response in time"))
