"""A limit on how long something may take.

``asyncio.timeout`` does the same for twice the price; this is for what every request does.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType


class TimeLimit:
    """A context manager that raises what ``error`` makes if its block takes longer. To be used once, in a task."""

    __slots__ = ("_cancelling", "_error", "_has_expired", "_seconds", "_task", "_timer")

    _task: asyncio.Task[object]
    _timer: asyncio.TimerHandle

    def __init__(self, seconds: float, error: Callable[[], Exception]) -> None:
        self._seconds = seconds
        self._error = error
        self._has_expired = False

    def __enter__(self) -> None:
        """Set the timer."""
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._timer = task.get_loop().call_later(self._seconds, self._expire)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise the error if that is why the block has ended, and not because somebody else has cancelled the task."""
        self._timer.cancel()
        if self._has_expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise self._error() from error

    def _expire(self) -> None:
        self._has_expired = True
        self._task.cancel()
