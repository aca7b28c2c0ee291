"""Rate limits: the global one, and those by key. All of a request's limits are decided in one step of the store."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from router.config.ratelimit import GlobalRateLimit, RateLimitPolicy, RateLimitSection
from router.errors import RateLimitedError
from router.policy.client_ip import client_ip, network_key
from router.policy.pipeline import Policy
from router.policy.request import Request, Response
from router.stores.limits import Algorithm, Charge, Decision, LimitStore, Rule

_LONGEST_KEY = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit, and whom it concerns.

    Attributes:
        charge: What a request costs; ``None`` if the limit does not concern it.
        reject_status: HTTP status of a refusal.
    """

    name: str
    charge: Callable[[Request], Charge | None]
    reject_status: int = 429


class RateLimit(Policy):
    """Counts requests, and refuses those beyond a limit. Tells every caller where they stand."""

    name = "rate_limit"
    priority = 1800

    def __init__(
        self,
        limits: Sequence[Limit],
        store: LimitStore,
        *,
        wall_clock: Callable[[], float],
        on_remaining: Callable[[str, int], None],
    ) -> None:
        self._limits = tuple(limits)
        self._statuses = {limit.name: limit.reject_status for limit in limits}
        self._store = store
        self._wall_clock = wall_clock
        self._on_remaining = on_remaining

    async def on_request(self, request: Request) -> Response | None:
        """Charge the request; raise ``RateLimitedError`` when a limit is spent."""
        charges = [charge for limit in self._limits if (charge := limit.charge(request))]
        if not charges:
            return None
        decisions = await self._store.take(charges)
        for decision in decisions:
            self._on_remaining(decision.rule.name, decision.remaining)
        request.response_headers.update(_headers(decisions, self._wall_clock()))
        refused = [decision for decision in decisions if not decision.allowed]
        if refused:
            worst = max(refused, key=lambda decision: decision.retry_after_seconds)
            raise RateLimitedError(
                f"The rate limit {worst.rule.name} allows {worst.rule.capacity} in {worst.rule.interval_seconds:g} s",
                status=self._statuses[worst.rule.name],
                retry_after_seconds=_whole_seconds(worst.retry_after_seconds),
            )
        return None

    async def close(self) -> None:
        """Close the store."""
        await self._store.close()


def build_limits(section: RateLimitSection, *, alias: GlobalRateLimit | None = None) -> tuple[Limit, ...]:
    """The limits of the configuration, the global one first.

    Args:
        section: The block ``ratelimit``.
        alias: ``traffic_shaping.router.global_rate_limit``, Apollo's name for ``ratelimit.global``.

    Raises:
        ValueError: Both names are used and say different things.
    """
    if section.global_limit and alias and section.global_limit != alias:
        raise ValueError(
            "ratelimit.global and traffic_shaping.router.global_rate_limit are one limit; keep one of them"
        )
    limits = []
    if limit := section.global_limit or alias:
        limits.append(_global(limit, section.reject_status))
    return (*limits, *map(_keyed, section.policies))


def _global(limit: GlobalRateLimit, reject_status: int) -> Limit:
    rule = Rule(
        name="global",
        algorithm=Algorithm.TOKEN_BUCKET,
        capacity=limit.capacity,
        interval_seconds=limit.interval,
    )
    charge = Charge(rule, "")
    return Limit(name=rule.name, charge=lambda _request: charge, reject_status=reject_status)


def _keyed(policy: RateLimitPolicy) -> Limit:
    rules = {plan: _rule(policy, limit.capacity, limit.interval) for plan, limit in policy.plans.items()}
    only = _rule(policy, policy.capacity, policy.interval) if policy.capacity and policy.interval else None

    def charge(request: Request) -> Charge | None:
        if not _concerns(policy, request):
            return None
        key = _key(policy, request)
        if key is None:
            return None
        plan = (request.identity.plan if request.identity else None) or "free"
        rule = only or rules.get(plan) or rules["free"]
        return Charge(rule, _bounded(key))

    return Limit(name=policy.name, charge=charge)


def _rule(policy: RateLimitPolicy, capacity: int, interval_seconds: float) -> Rule:
    return Rule(
        name=policy.name,
        algorithm=Algorithm(policy.algorithm),
        capacity=capacity,
        interval_seconds=interval_seconds,
    )


def _concerns(policy: RateLimitPolicy, request: Request) -> bool:
    match policy.when:
        case "anonymous":
            return request.identity is None
        case "authenticated":
            return request.identity is not None
        case "always":
            return True


def _key(policy: RateLimitPolicy, request: Request) -> str | None:
    """Whose counter this request is charged to; ``None`` if it has no such key."""
    kind, _, name = policy.key.partition(".")
    match kind:
        case "consumer":
            return request.identity.id if request.identity else None
        case "client":
            return network_key(client_ip(request, trusted_proxy_depth=policy.trusted_proxy_depth))
        case "route":
            return request.route_name
        case "header":
            return request.headers.get(name)
        case _:
            value = request.identity.claims.get(name) if request.identity else None
            return None if value is None else str(value)


def _bounded(key: str) -> str:
    """The key, or what stands for it if the client made it long."""
    return key if len(key) <= _LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _headers(decisions: Sequence[Decision], wall_clock: float) -> dict[str, str]:
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


def _whole_seconds(seconds: float) -> int:
    return max(1, math.ceil(seconds - 1e-6)) if seconds > 0 else 0
