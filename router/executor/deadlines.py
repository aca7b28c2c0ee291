"""When operations must end: one timer for all that run.

execute ──▶ Deadlines ──▶ event loop
            ▲ you are here

A timer for each operation would cost it 7 µs: it is made, started, stopped and closed. Most operations end long before
their time, so the one timer goes off for the first deadline that it was told of, whether anybody still has it, and then
looks who is late. It is not stopped when nothing runs: it finds that out by itself.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context
from math import inf

TIMER_SLACK_SECONDS = 0.001
"""Event loops fire timers up to so much too early."""

End = Callable[[], None]
"""Ends an operation that is late; does not raise."""


class Deadlines:
    """The deadlines of the operations of one event loop."""

    __slots__ = ("_alarm", "_alarm_at", "_running")

    def __init__(self) -> None:
        self._running: dict[End, float] = {}
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = inf

    def add(self, end: End, deadline: float) -> None:
        """Call ``end`` at ``deadline``, in loop time, unless it is dropped before."""
        self._running[end] = deadline
        if deadline < self._alarm_at:
            self._watch(deadline)

    def drop(self, end: End) -> None:
        """It has ended, in time or not."""
        self._running.pop(end, None)

    def close(self) -> None:
        """Watch nothing any more."""
        self._running.clear()
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = None, inf

    def _watch(self, deadline: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        # In no request's context: the timer may outlive each of them.
        self._alarm = asyncio.get_running_loop().call_at(deadline, self._end_late, context=Context())
        self._alarm_at = deadline

    def _end_late(self) -> None:
        self._alarm, self._alarm_at = None, inf
        now = asyncio.get_running_loop().time() + TIMER_SLACK_SECONDS
        for end in [end for end, deadline in self._running.items() if deadline <= now]:
            if self._running.pop(end, None) is not None:  # else another one that was late has dropped it
                end()
        if self._running:
            self._watch(min(self._running.values()))
