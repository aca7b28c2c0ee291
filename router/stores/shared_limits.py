"""Counters that all workers of one machine share, as exact as those of one process."""

import logging
from collections.abc import Callable, Sequence

from router.stores.counters import Counter
from router.stores.limits import Charge, Decision, Refund, Rule
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
        # By the id of the rule: to hash a rule costs more than the rest of the look-up, and the rules of a gateway are
        # always the same. The rule is kept with its table, so that the id stays its own.
        self._tables: dict[int, tuple[Rule, Table | None]] = {}
        self._private = MemoryLimitStore(now=self._now, max_keys=max_keys)

    async def take(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """Decide all charges; spend them if every one is allowed."""
        return self.take_now(charges)

    def take_now(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """The same for callers that do not wait, but for the lock."""
        self._counters.acquire()
        try:
            now = self._now()  # with the lock, so that it does not run backwards
            shared: list[SharedCounter] = []
            counters = [self._counter(charge, now, shared) for charge in charges]
            decisions = decide(charges, counters, now)
            for counter in shared:
                counter.store()
        finally:
            self._counters.release()
        return decisions

    def give_back(self, refunds: Sequence[Refund]) -> None:
        """Take back what was not needed; a key that was forgotten has nothing to get back."""
        alone = []
        self._counters.acquire()
        try:
            now = self._now()
            for refund in refunds:
                table = self._table(refund.rule)
                if table is None:
                    alone.append(refund)
                elif (counter := table.known_counter(refund.key, now)) is not None:
                    counter.give_back(refund.rule, now, refund.units, refund.at)
                    counter.store()
        finally:
            self._counters.release()
        self._private.give_back(alone)

    async def work(self) -> None:
        """Nothing to do beside requests."""

    async def close(self) -> None:
        """The counters stay: they belong to all workers."""
        await self._private.close()

    def _counter(self, charge: Charge, now: float, shared: list[SharedCounter]) -> Counter:
        table = self._table(charge.rule)
        if table is None:
            return self._private.counter(charge, now)
        counter = table.counter(charge, now)
        shared.append(counter)
        return counter

    def _table(self, rule: Rule) -> Table | None:
        known = self._tables.get(id(rule))
        return known[1] if known is not None else self._open(rule)

    def _open(self, rule: Rule) -> Table | None:
        table = self._counters.table(rule, self._max_keys)
        if table is None:
            _log.error("no memory to share this rate limit, each worker counts alone", extra={"limit": rule.name})
        self._tables[id(rule)] = rule, table
        return table

    def _now(self) -> float:
        return self._counters.wall_offset + self._clock()
