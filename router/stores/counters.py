"""The three ways to count, for one key in memory.

Each counter answers three questions about a moment, and spends. The script in ``redis_script`` does the same on a
server; both are held to the same tests.
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

    def wait(self, rule: Rule, now: float, cost: int) -> float:
        """Until enough of the oldest units have left."""
        must_leave = len(self._spent) + cost - rule.capacity
        return self._spent[must_leave - 1] + rule.interval_seconds - now if must_leave > 0 else 0.0

    def reset(self, rule: Rule, now: float) -> float:
        """Until the oldest unit leaves."""
        return self._spent[0] + rule.interval_seconds - now if self._spent else 0.0


class FixedWindow:
    """The number of the current window, and what was spent in it."""

    __slots__ = ("_spent", "_window")

    def __init__(self, _rule: Rule, _now: float) -> None:
        self._window = 0
        self._spent = 0

    def available(self, rule: Rule, now: float) -> float:
        """Start anew in a new window, and count."""
        window = int(now // rule.interval_seconds)
        if window != self._window:
            self._window, self._spent = window, 0
        return float(max(0, rule.capacity - self._spent))

    def spend(self, _rule: Rule, _now: float, cost: int) -> None:
        """Add up."""
        self._spent += cost

    def wait(self, rule: Rule, now: float, cost: int) -> float:
        """Until the window ends, unless there is enough."""
        return self.reset(rule, now) if self._spent + cost > rule.capacity else 0.0

    def reset(self, rule: Rule, now: float) -> float:
        """Until the window ends."""
        return rule.interval_seconds - now % rule.interval_seconds


COUNTERS: dict[Algorithm, type[TokenBucket | SlidingWindow | FixedWindow]] = {
    Algorithm.TOKEN_BUCKET: TokenBucket,
    Algorithm.SLIDING_WINDOW: SlidingWindow,
    Algorithm.FIXED_WINDOW: FixedWindow,
}
