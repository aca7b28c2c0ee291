"""Limits on how long something may take.

``asyncio.timeout`` does the same for several times the price; this is for what every request does.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType


class TimeLimits:
    """Limits of one length, for the tasks of one event loop. They share a timer, as those that began first end first.

    Attributes:
        seconds: How long something may take.
        error: Makes what is raised if it takes longer.
    """

    def __init__(self, seconds: float, error: Callable[[], Exception]) -> None:
        self.seconds = seconds
        self.error = error
        self._ends: dict[TimeLimit, float] = {}  # in the order in which they come
        self._is_waiting = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def __call__(self) -> "TimeLimit":
        """A limit that begins when it is entered."""
        return TimeLimit(self)

    def begin(self, limit: "TimeLimit") -> asyncio.AbstractEventLoop:
        """From now on its time runs; returns the event loop, which is looked up once."""
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        self._ends[limit] = loop.time() + self.seconds
        if not self._is_waiting:
            self._is_waiting = True
            loop.call_later(self.seconds, self._look, loop)
        return loop

    def end(self, limit: "TimeLimit") -> None:
        """It is over, or was."""
        self._ends.pop(limit, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Expire what is due. The timer is not moved when something ends, so it may come too early."""
        while self._ends:
            limit, end = next(iter(self._ends.items()))
            if end > loop.time():
                loop.call_at(end, self._look, loop)
                return
            del self._ends[limit]
            limit.expire()
        self._is_waiting = False


class TimeLimit:
    """A context manager that raises an error if its block takes too long. To be used once, in a task."""

    __slots__ = ("_cancelling", "_has_expired", "_limits", "_task")

    _task: asyncio.Task[object]

    def __init__(self, limits: TimeLimits) -> None:
        self._limits = limits
        self._has_expired = False

    def __enter__(self) -> None:
        """Let time run."""
        task = asyncio.current_task(self._limits.begin(self))
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise the error if that is why the block has ended, and not because somebody else has cancelled the task."""
        self._limits.end(self)
        if self._has_expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise self._limits.error() from error

    def expire(self) -> None:
        """Time is up."""
        self._has_expired = True
        self._task.cancel()
