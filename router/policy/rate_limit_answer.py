"""What clients are told of rate limits: on every answer where they stand, and in a refusal why and until when."""

import math
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from router.config.units import format_duration
from router.errors import RateLimitedError
from router.stores.limits import Charge, Decision


class QuotaExceededError(RateLimitedError):
    """The quota of the day or month is used up; ``Retry-After`` says when the next one begins."""

    code = "QUOTA_EXCEEDED"
    title = "The quota is used up."


def rate_limit_headers(decisions: Sequence[Decision], wall_clock: float) -> dict[str, str]:
    """What a client reads: every limit in the standard's words, the tightest one in the customary ones.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """
    tightest = min(decisions, key=lambda decision: (decision.allowed, decision.remaining))
    return {
        "RateLimit-Policy": ", ".join(
            f'"{decision.rule.name}";q={decision.rule.capacity};w={_whole_seconds(decision.rule.interval_seconds)}'
            for decision in decisions
        ),
        "RateLimit": ", ".join(
            f'"{decision.rule.name}";r={decision.remaining};t={_whole_seconds(decision.reset_seconds)}'
            for decision in decisions
        ),
        "X-RateLimit-Limit": str(tightest.rule.capacity),
        "X-RateLimit-Remaining": str(tightest.remaining),
        "X-RateLimit-Reset": str(math.ceil(wall_clock + tightest.reset_seconds)),
    }


def refusal(charge: Charge, decision: Decision, *, status: int, wall_clock: float) -> RateLimitedError:
    """The error that refuses a charge."""
    rule = charge.rule
    seconds = _whole_seconds(decision.retry_after_seconds)
    if rule.calendar is None:
        text = f"The rate limit {rule.name} allows {rule.capacity} in {format_duration(rule.interval_seconds)}"
    else:
        until = datetime.fromtimestamp(round(wall_clock + decision.reset_seconds), ZoneInfo(rule.calendar.timezone))
        text = f"The quota {rule.name} of {rule.capacity} for each {rule.calendar.period} ends {until.isoformat()}"
    if charge.cost > rule.capacity:
        text = f"{text}, and this request costs {charge.cost}"
    elif charge.cost > 1:
        text = f"{text}; {decision.remaining} are left, and this request costs {charge.cost}"
    error = RateLimitedError if rule.calendar is None else QuotaExceededError
    return error(text, status=status, retry_after_seconds=seconds)


def _whole_seconds(seconds: float) -> int:
    return max(1, math.ceil(seconds - 1e-6)) if seconds > 0 else 0
