"""Counters in the memory of one process: exact, and as many as ``max_keys``."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from router.stores.counters import COUNTERS, Counter
from router.stores.limits import Charge, Decision, Refund


class MemoryLimitStore:
    """Decides at once, without waiting; so nothing else runs between a test and its spending."""

    def __init__(self, *, now: Callable[[], float], max_keys: int = 100_000) -> None:
        self._now = now
        self._max_keys = max_keys
        self._counters: OrderedDict[tuple[str, str], Counter] = OrderedDict()

    async def take(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """Decide all charges; spend them if every one is allowed."""
        return self.take_now(charges)

    def take_now(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """The same for callers that do not wait."""
        now = self._now()
        return decide(charges, [self.counter(charge, now) for charge in charges], now)

    def give_back(self, refunds: Sequence[Refund]) -> None:
        """Take back what was not needed; a key that was forgotten has nothing to get back."""
        now = self._now()
        for refund in refunds:
            counter = self._counters.get((refund.rule.name, refund.key))
            if counter is not None:
                counter.give_back(refund.rule, now, refund.units, refund.at)

    async def work(self) -> None:
        """Nothing to do beside requests."""

    async def close(self) -> None:
        """Forget everything."""
        self._counters.clear()

    def counter(self, charge: Charge, now: float) -> Counter:
        """The counter of a charge's key."""
        key = (charge.rule.name, charge.key)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = COUNTERS[charge.rule.algorithm](charge.rule, now)
            if len(self._counters) > self._max_keys:
                self._counters.popitem(last=False)
        else:
            self._counters.move_to_end(key)
        return counter


def decide(charges: Sequence[Charge], counters: Sequence[Counter], now: float) -> tuple[Decision, ...]:
    """Decide charges that have these counters; spend them if every one that is not measured is allowed."""
    allowed = [
        counter.available(charge.rule, now) >= charge.cost for counter, charge in zip(counters, charges, strict=True)
    ]
    if all(allowed):
        for counter, charge in zip(counters, charges, strict=True):
            counter.spend(charge.rule, now, charge.cost)
    elif all(each or charge.measured for each, charge in zip(allowed, charges, strict=True)):
        for counter, charge, each in zip(counters, charges, allowed, strict=True):
            if each:
                counter.spend(charge.rule, now, charge.cost)
    return tuple(map(_decision, charges, counters, allowed, [now] * len(charges)))


def _decision(charge: Charge, counter: Counter, allowed: bool, now: float) -> Decision:  # noqa: FBT001 - from a map
    rule = charge.rule
    wait = 0.0
    if not allowed:
        # A charge beyond the capacity never passes; a finite answer keeps the client from asking at once.
        wait = counter.wait(rule, now, charge.cost) if charge.cost <= rule.capacity else rule.interval_seconds
    return Decision(
        rule=rule,
        allowed=allowed,
        remaining=int(counter.available(rule, now)),
        reset_seconds=counter.reset(rule, now),
        retry_after_seconds=wait,
        at=now,
    )
