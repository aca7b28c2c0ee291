"""Counters that all workers of one machine share, as exact as those of one process."""

import logging
from collections.abc import Callable, Sequence

from router.stores.counters import Counter
from router.stores.limits import Charge, Decision, Rule
from router.stores.memory_limits import MemoryLimitStore, decide
from router.stores.shared_memory import SharedCounter, SharedCounters, Table

_log = logging.getLogger(__name__)


class SharedLimitStore:
    """Decides with the lock on the counters; a rule that has no room among them is counted by this process alone.

    Args:
        clock: Monotonic seconds, for all workers the same.
    """

    def __init__(self, counters: SharedCounters, *, clock: Callable[[], float], max_keys: int = 100_000) -> None:
        self._counters = counters
        self._clock = clock
        self._max_keys = max_keys
        self._tables: dict[str, tuple[Rule, Table | None]] = {}
        self._private = MemoryLimitStore(now=clock, max_keys=max_keys)

    async def take(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """Decide all charges; spend them if every one is allowed."""
        return self.take_now(charges)

    def take_now(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """The same for callers that do not wait, but for the lock."""
        self._counters.acquire()
        try:
            now = self._counters.wall_offset + self._clock()  # with the lock, so that it does not run backwards
            shared: list[SharedCounter] = []
            counters = [self._counter(charge, now, shared) for charge in charges]
            decisions = decide(charges, counters, now)
            for counter in shared:
                counter.store()
        finally:
            self._counters.release()
        return decisions

    async def close(self) -> None:
        """The counters stay: they belong to all workers."""
        await self._private.close()

    def _counter(self, charge: Charge, now: float, shared: list[SharedCounter]) -> Counter:
        known = self._tables.get(charge.rule.name)
        # Not ``==``: it costs more than the rest of the look-up, and the rules of a configuration are always the same.
        table = known[1] if known is not None and known[0] is charge.rule else self._open(charge.rule)
        if table is None:
            return self._private.counter(charge, now)
        counter = table.counter(charge, now)
        shared.append(counter)
        return counter

    def _open(self, rule: Rule) -> Table | None:
        table = self._counters.table(rule, self._max_keys)
        if table is None:
            _log.error("no memory to share this rate limit, each worker counts alone", extra={"limit": rule.name})
        self._tables[rule.name] = rule, table
        return table
