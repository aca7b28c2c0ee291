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
from typing import Protocol

from router.upstream.connection import Exchange
from router.upstream.failures import UpstreamError, UpstreamTimeoutError
from router.upstream.pool import Pool
from router.upstream.response import HttpResponse

Key = tuple[bytes, bytes]
"""What tells requests to one subgraph apart: its header lines and its body."""


class Waiter(Protocol):
    """Who waits for an answer."""

    def end(self, result: HttpResponse | UpstreamError, /) -> None:
        """Take what came of the request; does nothing if it is not waiting any more."""


class InFlight:
    """The queries to one subgraph that are out."""

    __slots__ = ("_calls", "_pool")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._calls: dict[Key, SharedCall] = {}

    def join(self, key: Key, waiter: Waiter, *, timeout_seconds: float) -> "SharedCall | None":
        """Let ``waiter`` have the answer to the same request, if it is out."""
        call = self._calls.get(key)
        if call is not None:
            call.add(waiter, timeout_seconds)
        return call

    def begin(self, key: Key, message: bytes, waiter: Waiter, *, timeout_seconds: float) -> "SharedCall":
        """Send a request that others may join."""
        call = self._calls[key] = SharedCall(self, self._pool, key, waiter)
        call.exchange = self._pool.carry(message, call.end, timeout_seconds=timeout_seconds, may_retry=True)
        return call

    def forget(self) -> None:
        """Let nobody join what is out now; those who have joined get their answer."""
        self._calls.clear()

    def remove(self, key: Key, call: "SharedCall") -> None:
        """The call is over."""
        if self._calls.get(key) is call:
            del self._calls[key]


class SharedCall:
    """A request that is out, and everyone who waits for its answer.

    Timers are made when a second fetch joins: until then the exchange's own deadline is enough.
    """

    __slots__ = ("_in_flight", "_key", "_pool", "_waiting", "exchange")

    exchange: Exchange

    def __init__(self, in_flight: InFlight, pool: Pool, key: Key, waiter: Waiter) -> None:
        self._in_flight = in_flight
        self._pool = pool
        self._key = key
        self._waiting: dict[Waiter, asyncio.TimerHandle | None] = {waiter: None}

    def add(self, waiter: Waiter, timeout_seconds: float) -> None:
        """Let one more have the answer."""
        loop = asyncio.get_running_loop()
        for alone, timer in self._waiting.items():
            if timer is None:
                self._waiting[alone] = loop.call_at(self.exchange.deadline, self._time_out, alone)
        deadline = loop.time() + timeout_seconds
        self._waiting[waiter] = loop.call_at(deadline, self._time_out, waiter)
        self._pool.extend(self.exchange, deadline)

    def leave(self, waiter: Waiter) -> None:
        """Whoever leaves is told nothing; without anyone left the request is cancelled."""
        if waiter not in self._waiting:
            return
        timer = self._waiting.pop(waiter)
        if timer is not None:
            timer.cancel()
        if not self._waiting:
            self._in_flight.remove(self._key, self)
            self.exchange.cancel()

    def end(self, result: HttpResponse | UpstreamError) -> None:
        """Tell everyone what came of the request."""
        self._in_flight.remove(self._key, self)
        waiting, self._waiting = self._waiting, {}
        for timer in waiting.values():
            if timer is not None:
                timer.cancel()
        first, *others = waiting
        for waiter in others:
            # Each for itself: one that fails costs the others nothing.
            asyncio.get_running_loop().call_soon(waiter.end, result)
        first.end(result)

    def _time_out(self, waiter: Waiter) -> None:
        self.leave(waiter)
        waiter.end(UpstreamTimeoutError("no complete response in time"))
