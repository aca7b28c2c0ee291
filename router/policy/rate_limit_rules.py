"""The limits that the configuration names: whom they concern, whose counter is charged, and how much."""

import hashlib
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from router.config.ratelimit import GlobalRateLimit, Limits, RateLimitPolicy, RateLimitSection
from router.config.units import format_duration
from router.policy.client_ip import client_ip, network_key
from router.policy.request import Request
from router.stores.calendar_windows import LONGEST_SECONDS, Calendar, Period
from router.stores.limits import Algorithm, Charge, Rule
from supergraph.operation.model import Operation

_log = logging.getLogger(__name__)

FREE = "free"
"""The plan of callers who have none, or one that is not listed."""

_LONGEST_KEY = 128
_MOST_PLANS_TOLD = 100

Rules = tuple[Rule, ...]
Key = Callable[[Request, Operation | None], str | None]
"""Whose counter a request is charged to; ``None`` if it has no such key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit, and whom it concerns.

    Attributes:
        rules: What applies to a caller, by their plan.
        key: Whose counters are charged.
        concerns: Whether a request is counted.
        by_operation: Whether the key can only be told with the operation.
        counts_costs: Whether a request costs what its operation is expected to cost, or its route's cost.
        measured: It refuses nobody.
        reject_status: HTTP status of a refusal.
        route_costs: What calls of REST routes cost, if it is not 1.
    """

    name: str
    rules: Callable[[Request], Rules]
    key: Key
    concerns: Callable[[Request], bool] = field(default=lambda _request: True)
    by_operation: bool = False
    counts_costs: bool = False
    measured: bool = False
    reject_status: int = 429
    route_costs: Mapping[str, int] = field(default_factory=dict)

    @property
    def needs_operations(self) -> bool:
        """Whether some requests can only be charged with their operation."""
        return self.by_operation or self.counts_costs

    def waits_for_operation(self, request: Request) -> bool:
        """Whether this request can only be charged with its operation."""
        return self.by_operation or (self.counts_costs and request.door == "graphql")

    def charges(self, request: Request, operation: Operation | None) -> tuple[Charge, ...]:
        """What the request costs; nothing if the limit does not concern it."""
        if not self.concerns(request):
            return ()
        key = self.key(request, operation)
        if key is None:
            return ()
        cost = self._cost(request) if self.counts_costs else 1
        return tuple(Charge(rule, _bounded(key), cost, self.measured) for rule in self.rules(request))

    def _cost(self, request: Request) -> int:
        if request.door == "rest":
            return self.route_costs.get(request.route_name, 1)
        estimated = request.cost.estimated if request.cost is not None else None
        # At least 1: an operation that costs nothing is a request all the same.
        return max(1, math.ceil(estimated or 0.0))


def build_limits(
    section: RateLimitSection,
    *,
    alias: GlobalRateLimit | None = None,
    route_costs: Mapping[str, int] | None = None,
) -> tuple[Limit, ...]:
    """The limits of the configuration, the global one first.

    Args:
        section: The block ``ratelimit``.
        alias: ``traffic_shaping.router.global_rate_limit``, Apollo's name for ``ratelimit.global``.
        route_costs: ``cost`` of REST routes, by name.

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
    kept = (policy for policy in section.policies if policy.mode != "off")
    return (*limits, *(_keyed(policy, route_costs or {}) for policy in kept))


def tell_unknown_plans(section: RateLimitSection, plans: frozenset[str]) -> None:
    """Warn of plans that callers are known to be on, and that policies by plan do not list."""
    for policy in section.policies:
        for plan in sorted(plans - policy.plans.keys()) if policy.plans else ():
            _tell_unknown_plan(policy.name, plan)


def _global(limit: GlobalRateLimit, reject_status: int) -> Limit:
    rule = Rule(
        name="global",
        algorithm=Algorithm.TOKEN_BUCKET,
        capacity=limit.capacity,
        interval_seconds=limit.interval,
    )
    rules = (rule,)
    return Limit(name=rule.name, rules=lambda _request: rules, key=lambda *_: "", reject_status=reject_status)


def _keyed(policy: RateLimitPolicy, route_costs: Mapping[str, int]) -> Limit:
    return Limit(
        name=policy.name,
        rules=_rules_by_plan(policy) if policy.plans else _same_rules(policy),
        key=_key(policy),
        concerns=_CONCERNS[policy.when],
        by_operation=policy.key.startswith("operation."),
        counts_costs=policy.cost == "operation_cost",
        measured=policy.mode == "measure",
        route_costs=route_costs,
    )


def _same_rules(policy: RateLimitPolicy) -> Callable[[Request], Rules]:
    rules = _rules(policy, policy)
    return lambda _request: rules


def _rules_by_plan(policy: RateLimitPolicy) -> Callable[[Request], Rules]:
    by_plan = {plan: _rules(policy, limits) for plan, limits in policy.plans.items()}
    free = by_plan[FREE]
    told: set[str] = set()

    def rules(request: Request) -> Rules:
        plan = request.identity.plan if request.identity else None
        if plan is None:
            return free
        known = by_plan.get(plan)
        if known is None and plan not in told and len(told) < _MOST_PLANS_TOLD:
            told.add(plan)
            _tell_unknown_plan(policy.name, plan)
        return known or free

    return rules


def _tell_unknown_plan(limit: str, plan: str) -> None:
    _log.warning("a usage plan is not listed, its callers get the plan free", extra={"plan": plan, "limit": limit})


def _rules(policy: RateLimitPolicy, limits: Limits) -> Rules:
    windows = limits.all_windows
    rules = []
    for window in windows:
        # A name for each rule, because each has a counter; one window alone has the name of its policy. No policy's
        # name has a slash.
        length = f"/{format_duration(window.interval_seconds)}" if len(windows) > 1 else ""
        rules.append(
            Rule(
                name=policy.name + length,
                algorithm=Algorithm(policy.algorithm),
                capacity=window.capacity,
                interval_seconds=window.interval_seconds,
            )
        )
    if quota := limits.quota:
        calendar = Calendar(Period(quota.period), quota.timezone)
        rules.append(
            Rule(
                name=f"{policy.name}/{quota.period}",
                algorithm=Algorithm.FIXED_WINDOW,
                capacity=quota.limit,
                interval_seconds=LONGEST_SECONDS[calendar.period],
                calendar=calendar,
            )
        )
    return tuple(rules)


_CONCERNS: Mapping[str, Callable[[Request], bool]] = {
    "always": lambda _request: True,
    "anonymous": lambda request: request.identity is None,
    "authenticated": lambda request: request.identity is not None,
}


def _key(policy: RateLimitPolicy) -> Key:
    kind, _, name = policy.key.partition(".")
    match kind:
        case "consumer":
            return lambda request, _: request.identity.id if request.identity else None
        case "client":
            depth = policy.trusted_proxy_depth
            return lambda request, _: network_key(client_ip(request, trusted_proxy_depth=depth))
        case "route":
            return lambda request, _: request.route_name
        case "header":
            return lambda request, _: request.headers.get(name)
        case "operation":
            return _operation_name if name == "name" else _operation_hash
        case _:
            return lambda request, _: _claim(request, name)


def _operation_name(_request: Request, operation: Operation | None) -> str | None:
    # Those without a name are counted together: nobody gets around a limit by leaving it out.
    return operation.name or "" if operation is not None else None


def _operation_hash(_request: Request, operation: Operation | None) -> str | None:
    return operation.document_key if operation is not None else None


def _claim(request: Request, name: str) -> str | None:
    value = request.identity.claims.get(name) if request.identity else None
    return None if value is None else str(value)


def _bounded(key: str) -> str:
    """The key, or what stands for it if the client made it long."""
    return key if len(key) <= _LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
