"""Results that are worth keeping: an LRU that counts uses, single flight, and failures remembered for a while.

    document ──▶ memo(prepare) ──▶ memo(plan) ──▶ execute
                 ▲ you are here, twice

The function that is remembered is synchronous and may take long, so it runs in a worker thread; equal keys that meet
in flight share one run. A waiter that is cancelled does not cancel the run: the others, and the next one, want it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_FAILURES = 256


@dataclass(slots=True)
class _Entry(Generic[V]):
    """A value, and how often it was asked for."""

    value: V
    uses: int = 1


class Memo(Generic[K, V]):
    """What was computed, by its key.

    Args:
        executor: Where it is computed.
        limit: Values that are kept.
        failure_seconds: How long an exception is given again without another run.
        clock: Seconds; ``time.monotonic`` outside tests.
    """

    def __init__(
        self,
        *,
        executor: Executor,
        limit: int,
        failure_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._executor = executor
        self._limit = limit
        self._failure_seconds = failure_seconds
        self._clock = clock
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()
        self._failures: OrderedDict[K, tuple[float, Exception]] = OrderedDict()
        self._pending: dict[K, asyncio.Future[V]] = {}

    def peek(self, key: K) -> V | None:
        """The value, if it is at hand. The way of a request that was seen before: no await, one look-up."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        entry.uses += 1
        self._entries.move_to_end(key)
        return entry.value

    async def get(self, key: K, compute: Callable[[], V]) -> V:
        """The value, computed if need be; raises what ``compute`` raised, which is the same for equal keys."""
        value = self.peek(key)
        if value is not None:
            return value
        self._raise_remembered(key)
        future = self._pending.get(key)
        if future is None:
            future = asyncio.get_running_loop().run_in_executor(self._executor, compute)
            self._pending[key] = future
            future.add_done_callback(partial(self._finished, key))
        return await asyncio.shield(future)

    def most_used(self, count: int) -> list[K]:
        """The keys that were asked for most often, the most used first; of equals, the one that was used last."""
        return nlargest(count, reversed(self._entries), key=lambda key: self._entries[key].uses)

    def __len__(self) -> int:
        return len(self._entries)

    def _raise_remembered(self, key: K) -> None:
        remembered = self._failures.get(key)
        if remembered is None:
            return
        until, error = remembered
        if self._clock() < until:
            raise error.with_traceback(None)  # else every raise would lengthen the traceback that is kept
        del self._failures[key]

    def _finished(self, key: K, future: asyncio.Future[V]) -> None:
        del self._pending[key]
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._entries[key] = _Entry(future.result())
            if len(self._entries) > self._limit:
                self._entries.popitem(last=False)
        elif isinstance(error, Exception):
            # Without its traceback, which holds every value of every frame that it passed.
            self._failures[key] = (self._clock() + self._failure_seconds, error.with_traceback(None))
            if len(self._failures) > _FAILURES:
                self._failures.popitem(last=False)
