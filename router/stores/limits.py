"""Rate limits as values: what is asked of a store of counters, and what it answers.

    policy ──▶ charges ──▶ LimitStore (memory | Redis) ──▶ decisions ──▶ headers, refusal
               ▲ you are here

All charges of one request are decided together: if one is refused, none is spent. So a caller who runs into one limit
does not use up the others by knocking.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Algorithm(StrEnum):
    """How a limit counts.

    A token bucket lets a burst of ``capacity`` pass and then refills steadily, in ``interval`` from empty to full. A
    sliding window never lets more than ``capacity`` pass in any ``interval``. A fixed window starts anew at each
    multiple of ``interval``, which allows twice the capacity around that moment.
    """

    TOKEN_BUCKET = "token_bucket"  # noqa: S105 - not a password
    SLIDING_WINDOW = "sliding_window"
    FIXED_WINDOW = "fixed_window"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One limit: ``capacity`` in ``interval_seconds``, under a name that clients see."""

    name: str
    algorithm: Algorithm
    capacity: int
    interval_seconds: float


@dataclass(frozen=True, slots=True)
class Charge:
    """What one request costs under one rule; ``key`` says whose counter it is."""

    rule: Rule
    key: str
    cost: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of a charge.

    Attributes:
        allowed: Whether this rule lets the request pass.
        remaining: What could still be spent at this moment.
        reset_seconds: Until the bucket is full, the oldest entry leaves the window, or the window ends.
        retry_after_seconds: Until the same charge would pass; 0 if it did.
    """

    rule: Rule
    allowed: bool
    remaining: int
    reset_seconds: float
    retry_after_seconds: float = 0.0


class LimitStore(Protocol):
    """Keeps the counters."""

    async def take(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """Decide all charges at once, in order; spend them if every one is allowed.

        Raises ``RateLimitStoreError`` if it cannot decide.
        """

    async def close(self) -> None:
        """Give back connections."""
