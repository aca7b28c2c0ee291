"""Rate limits: the global one, and those by key.

    request ──▶ all limits but ▼ ──▶ … ──▶ operation, its cost ──▶ limits by operation or cost ──▶ execute ──▶ refund
                ▲ one step of the store                            ▲ one more, if there are any

A request that is refused spends nothing, and is told when to come back. Each step is decided whole; so a request whose
operation is refused has been counted as a request.
"""

import logging
import math
from collections.abc import Callable, Sequence

from router.errors import RateLimitedError
from router.policy.pipeline import Policy
from router.policy.rate_limit_answer import rate_limit_headers, refusal
from router.policy.rate_limit_rules import Limit
from router.policy.request import Request, Response
from router.policy.spending import OperationCost, Spending
from router.stores.limits import Charge, Decision, LimitStore, Refund
from supergraph.operation.model import Operation

_log = logging.getLogger(__name__)

WouldReject = Callable[[str, str, str], None]
"""Told the limit, the route and the consumer."""


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
        on_would_reject: WouldReject = lambda *_: None,
    ) -> None:
        self._limits = tuple(limits)
        self._statuses = {limit.name: limit.reject_status for limit in limits}
        self._store = store
        self._wall_clock = wall_clock
        self._on_remaining = on_remaining
        self._on_would_reject = on_would_reject

    async def on_request(self, request: Request) -> Response | None:
        """Charge the request; raise ``RateLimitedError`` when a limit is spent."""
        charges: list[Charge] = []
        for limit in self._limits:
            if not limit.waits_for_operation(request):
                charges += limit.charges(request, None)
            elif limit.counts_costs and request.cost is None and limit.concerns(request):
                request.cost = OperationCost()  # asks for an estimate
        await self._spend(request, charges)
        return None

    async def work(self) -> None:
        """Do what the store does beside requests."""
        await self._store.work()

    async def close(self) -> None:
        """Close the store."""
        await self._store.close()

    async def _spend(self, request: Request, charges: Sequence[Charge]) -> Sequence[Decision]:
        if not charges:
            return ()
        decisions = await self._store.take(charges)
        if request.spending is None:
            request.spending = Spending()
        refused: list[tuple[Charge, Decision]] = []
        for charge, decision in zip(charges, decisions, strict=True):
            self._on_remaining(decision.rule.name, decision.remaining)
            if not charge.measured:
                request.spending.decisions.append(decision)
            if not decision.allowed:
                refused.append((charge, decision))
        shown = request.spending.decisions
        if shown:
            request.response_headers.update(rate_limit_headers(shown, self._wall_clock()))
        if refused:
            self._refuse(request, refused)
        return decisions

    def _refuse(self, request: Request, refused: Sequence[tuple[Charge, Decision]]) -> None:
        """Raise, unless all of these limits are only tried out."""
        enforced = [each for each in refused if not each[0].measured]
        if not enforced:
            for charge, _ in refused:
                self._let_pass(request, charge.rule.name)
            return
        charge, decision = max(enforced, key=lambda each: each[1].retry_after_seconds)
        raise refusal(charge, decision, status=self._statuses.get(charge.rule.name, 429), wall_clock=self._wall_clock())

    def _let_pass(self, request: Request, limit: str) -> None:
        consumer = "" if request.identity is None else request.identity.id
        fields = {"policy": self.name, "limit": limit, "code": RateLimitedError.code}
        _log.info("policy would refuse", extra={**fields, "route": request.route_name, "request_id": request.id})
        self._on_would_reject(f"{self.name}.{limit}", request.route_name, consumer)


class OperationRateLimit(RateLimit):
    """The same with limits that wait for the operation: they count by its name, or what it costs."""

    reads_operations_whole = False

    async def on_operation(self, request: Request, operation: Operation) -> None:
        """Charge what depends on the operation; raise ``RateLimitedError`` when a limit is spent."""
        waiting = [limit for limit in self._limits if limit.waits_for_operation(request)]
        counted = [(limit, charge) for limit in waiting for charge in limit.charges(request, operation)]
        decisions = await self._spend(request, [charge for _, charge in counted])
        if request.spending is None:
            return
        request.spending.estimated += [
            (charge, decision)
            for (limit, charge), decision in zip(counted, decisions, strict=True)
            if decision.allowed and limit.counts_costs and request.door == "graphql"
        ]

    def on_response(self, request: Request, _response: Response) -> None:
        """Give back what the operation did not cost."""
        if request.cost is None or request.cost.actual is None or request.spending is None:
            return
        # At least 1, as for the estimate: a request is a request.
        actual = max(1, math.ceil(request.cost.actual))
        refunds = [
            Refund(
                rule=charge.rule,
                key=charge.key,
                units=charge.cost - actual,
                at=decision.at,
                source=decision.source,
            )
            for charge, decision in request.spending.estimated
            if charge.cost > actual
        ]
        request.spending.estimated.clear()
        if refunds:
            self._store.give_back(refunds)
