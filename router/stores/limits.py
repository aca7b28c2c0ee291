"""Rate limits as values: what is asked of a store of counters, and what it answers.

    policy ──▶ charges ──▶ LimitStore (memory | Redis) ──▶ decisions ──▶ headers, refusal
               ▲ you are here                              └──▶ refunds ──▶ LimitStore

All charges of one request are decided together: if one is refused, none is spent. So a caller who runs into one limit
does not use up the others by knocking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from router.stores.calendar_windows import Calendar


class Algorithm(StrEnum):
    """How a limit counts.

    A token bucket lets a burst of ``capacity`` pass and then refills steadily, in ``interval`` from empty to full. A
    sliding window never lets more than ``capacity`` pass in any ``interval``, and remembers each unit for that. A
    sliding window counter remembers two numbers: what was spent in this interval and in the one before, which it takes
    as spread evenly. A fixed window starts anew at each multiple of ``interval``, or with each day or month of its
    calendar; that allows twice the capacity around that moment.
    """

    TOKEN_BUCKET = "token_bucket"  # noqa: S105 - not a password
    SLIDING_WINDOW = "sliding_window"
    SLIDING_WINDOW_COUNTER = "sliding_window_counter"
    FIXED_WINDOW = "fixed_window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One limit: ``capacity`` in ``interval_seconds``, under a name that clients see.

    Attributes:
        calendar: Whose days or months the windows are, if the limit is a quota; for a fixed window only.
    """

    name: str
    algorithm: Algorithm
    capacity: int
    interval_seconds: float
    calendar: Calendar | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """What one request costs under one rule.

    Attributes:
        key: Whose counter it is.
        measured: The rule is only tried out: when it refuses, the others are spent all the same.
    """

    rule: Rule
    key: str
    cost: int = 1
    measured: bool = False


Source = Literal["store", "local", "nobody"]
"""Who counted: the store itself, this process in its place, or nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of a charge.

    Attributes:
        allowed: Whether this rule lets the request pass.
        remaining: What could still be spent at this moment.
        reset_seconds: Until the bucket is full, the oldest entry leaves the window, or the window ends.
        retry_after_seconds: Until the same charge would pass; 0 if it did.
        at: When, by the clock of whoever counted.
    """

    rule: Rule
    allowed: bool
    remaining: int
    reset_seconds: float
    retry_after_seconds: float = 0.0
    at: float = 0.0
    source: Source = "store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Units that were spent and turned out not to be needed.

    Attributes:
        at: ``Decision.at`` of what was spent; a window that began later gets nothing back.
        source: Likewise: who counted.
    """

    rule: Rule
    key: str
    units: int
    at: float
    source: Source = "store"


class LimitStore(Protocol):
    """Keeps the counters."""

    async def take(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """Decide all charges at once, in order; spend them if every one that is not measured is allowed.

        Raises ``RateLimitStoreError`` if it cannot decide.
        """

    def give_back(self, refunds: Sequence[Refund]) -> None:
        """Take back what was not needed, now or in ``work``; never does more than undo the spending."""

    async def work(self) -> None:
        """What the store does beside requests. Returns when there is nothing (more) to do."""

    async def close(self) -> None:
        """Give back what is owed, and connections."""
