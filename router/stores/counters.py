"""The four ways to count, for one key in memory.

Each counter answers three questions about a moment, spends, and takes back. The scripts in ``redis_script`` do the same
on a server; both are held to the same tests.
"""

from collections import deque
from collections.abc import Iterable
from typing import Protocol

from router.stores.limits import Algorithm, Rule

# Clocks are floats: a tenth of a second at ten tokens a second must give one token, not 0.99999.
_ROUNDING = 1e-6


class Counter(Protocol):
    """The state of one key under one rule."""

    def available(self, rule: Rule, now: float) -> float:
        """What may be spent now."""

    def spend(self, rule: Rule, now: float, cost: int) -> None:
        """Take it away. ``available`` was asked before, at the same moment."""

    def give_back(self, rule: Rule, now: float, units: int, at: float) -> None:
        """Undo the spending of some units at the moment ``at``, as far as it still matters."""

    def wait(self, rule: Rule, now: float, cost: int) -> float:
        """Seconds until ``cost`` is available; ``cost`` is at most the capacity."""

    def reset(self, rule: Rule, now: float) -> float:
        """Seconds until the bucket is full, the oldest entry leaves, or the window ends."""


class TokenBucket:
    """Tokens, and when they were counted."""

    __slots__ = ("_at", "_tokens")

    def __init__(self, rule: Rule, now: float) -> None:
        self._tokens = float(rule.capacity)
        self._at = now

    def available(self, rule: Rule, now: float) -> float:
        """Refill, and count."""
        refill = max(0.0, now - self._at) * rule.capacity / rule.interval_seconds
        self._tokens = min(float(rule.capacity), self._tokens + refill)
        self._at = now
        return self._tokens + _ROUNDING

    def spend(self, _rule: Rule, _now: float, cost: int) -> None:
        """Take tokens out."""
        self._tokens = max(0.0, self._tokens - cost)

    def give_back(self, rule: Rule, now: float, units: int, _at: float) -> None:
        """Put tokens back, as many as there is room for."""
        self.available(rule, now)
        self._tokens = min(float(rule.capacity), self._tokens + units)

    def wait(self, rule: Rule, _now: float, cost: int) -> float:
        """Until the missing tokens are there."""
        return max(0.0, cost - self._tokens) * rule.interval_seconds / rule.capacity

    def reset(self, rule: Rule, _now: float) -> float:
        """Until the bucket is full."""
        return (rule.capacity - self._tokens) * rule.interval_seconds / rule.capacity


class Moments(Protocol):
    """A queue of moments, oldest first."""

    def __len__(self) -> int:
        """How many there are."""

    def __getitem__(self, index: int, /) -> float:
        """One of them."""

    def popleft(self) -> object:
        """Take the oldest out."""

    def pop(self) -> object:
        """Take the newest out."""

    def extend(self, moments: Iterable[float], /) -> None:
        """Put newer ones behind."""


class SlidingWindow:
    """The moment of every unit that was spent in the last interval, oldest first."""

    __slots__ = ("_spent",)

    def __init__(self, _rule: Rule, _now: float, *, spent: Moments | None = None) -> None:
        self._spent = deque[float]() if spent is None else spent

    def available(self, rule: Rule, now: float) -> float:
        """Forget what has left the window, and count the rest."""
        while self._spent and self._spent[0] <= now - rule.interval_seconds:
            self._spent.popleft()
        return float(max(0, rule.capacity - len(self._spent)))

    def spend(self, _rule: Rule, now: float, cost: int) -> None:
        """Remember the moment."""
        self._spent.extend([now] * cost)

    def give_back(self, rule: Rule, now: float, units: int, at: float) -> None:
        """Forget the newest units, which are no older than those that were spent then; those have left in time."""
        if at <= now - rule.interval_seconds:
            return
        self.available(rule, now)
        for _ in range(min(units, len(self._spent))):
            self._spent.pop()

    def wait(self, rule: Rule, now: float, cost: int) -> float:
        """Until enough of the oldest units have left."""
        must_leave = len(self._spent) + cost - rule.capacity
        return self._spent[must_leave - 1] + rule.interval_seconds - now if must_leave > 0 else 0.0

    def reset(self, rule: Rule, now: float) -> float:
        """Until the oldest unit leaves."""
        return self._spent[0] + rule.interval_seconds - now if self._spent else 0.0


class SlidingWindowCounter:
    """The number of the current window, what was spent in it, and in the one before."""

    __slots__ = ("_before", "_spent", "_window")

    def __init__(self, _rule: Rule, _now: float) -> None:
        self._window = 0
        self._spent = 0
        self._before = 0

    def available(self, rule: Rule, now: float) -> float:
        """Move on to the window of the moment, and count; the one before counts as far as it has not left."""
        window = int(now // rule.interval_seconds)
        if window != self._window:
            self._before = self._spent if window == self._window + 1 else 0
            self._window, self._spent = window, 0
        left = 1 - now % rule.interval_seconds / rule.interval_seconds
        return max(0.0, rule.capacity - self._spent - self._before * left) + _ROUNDING

    def spend(self, _rule: Rule, _now: float, cost: int) -> None:
        """Add up."""
        self._spent += cost

    def give_back(self, rule: Rule, now: float, units: int, at: float) -> None:
        """Count less in the window of ``at``, if it is one of the two."""
        self.available(rule, now)
        age = self._window - int(at // rule.interval_seconds)
        if age == 0:
            self._spent = max(0, self._spent - units)
        elif age == 1:
            self._before = max(0, self._before - units)

    def wait(self, rule: Rule, now: float, cost: int) -> float:
        """Until enough of the window before has left, or else enough of this one."""
        room = rule.capacity - self._spent - cost
        elapsed = now % rule.interval_seconds
        if room >= 0:
            # A part of the window before has to leave; if it is empty, there is enough.
            part = 1 - room / self._before if self._before else 0.0
            return max(0.0, part * rule.interval_seconds - elapsed)
        part = 1 - (rule.capacity - cost) / self._spent
        return (1 + max(0.0, part)) * rule.interval_seconds - elapsed

    def reset(self, rule: Rule, now: float) -> float:
        """Until the window ends."""
        return rule.interval_seconds - now % rule.interval_seconds


class FixedWindow:
    """Which window is current, and what was spent in it."""

    __slots__ = ("_spent", "_window")

    def __init__(self, _rule: Rule, _now: float) -> None:
        self._window = 0
        self._spent = 0

    def available(self, rule: Rule, now: float) -> float:
        """Start anew in a new window, and count."""
        window = _window(rule, now)
        if window != self._window:
            self._window, self._spent = window, 0
        return float(max(0, rule.capacity - self._spent))

    def spend(self, _rule: Rule, _now: float, cost: int) -> None:
        """Add up."""
        self._spent += cost

    def give_back(self, rule: Rule, now: float, units: int, at: float) -> None:
        """Count less, if the window is still that of ``at``."""
        self.available(rule, now)
        if _window(rule, at) == self._window:
            self._spent = max(0, self._spent - units)

    def wait(self, rule: Rule, now: float, cost: int) -> float:
        """Until the window ends, unless there is enough."""
        return self.reset(rule, now) if self._spent + cost > rule.capacity else 0.0

    def reset(self, rule: Rule, now: float) -> float:
        """Until the window ends."""
        if rule.calendar is not None:
            return rule.calendar.window(now)[1] - now
        return rule.interval_seconds - now % rule.interval_seconds


def _window(rule: Rule, moment: float) -> int:
    """The number of a moment's window, or the second in which it began."""
    if rule.calendar is not None:
        return int(rule.calendar.window(moment)[0])
    return int(moment // rule.interval_seconds)


COUNTERS: dict[Algorithm, type[TokenBucket | SlidingWindow | SlidingWindowCounter | FixedWindow]] = {
    Algorithm.TOKEN_BUCKET: TokenBucket,
    Algorithm.SLIDING_WINDOW: SlidingWindow,
    Algorithm.SLIDING_WINDOW_COUNTER: SlidingWindowCounter,
    Algorithm.FIXED_WINDOW: FixedWindow,
}
