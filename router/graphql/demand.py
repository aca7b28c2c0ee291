"""What operations cost, and which are too dear.

variables ──▶ estimate ──▶ refuse, or plan ──▶ what each subgraph is asked ──▶ execute ──▶ actual cost
              ▲ you are here, all along, if ``demand_control`` is on or a rate limit counts costs
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from router.config.demand_control import DemandControlSection
from router.errors import ClientError
from router.executor.codec import decode_json
from router.executor.outcome import FetchFailure, FetchOutcome, FetchRequest, Send
from router.policy.modes import Modes
from router.policy.request import Request
from router.policy.spending import OperationCost
from supergraph import Supergraph
from supergraph.operation.cost import CostModel, Estimate, Variables
from supergraph.operation.fetched import fetched_entities, fetched_selection
from supergraph.operation.model import Operation, SelectionSet
from supergraph.plan import Path, QueryPlan

NAME = "cost"
"""Its name among the policies."""

_CACHED = 1024

SUBGRAPH_TOO_EXPENSIVE = "SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE"

ObserveCost = Callable[[str, float], None]
"""Told ``estimated`` or ``actual``, and the cost."""


class TooExpensiveError(ClientError):
    """The operation is expected to cost more than ``demand_control`` allows."""

    code = "COST_ESTIMATED_TOO_EXPENSIVE"
    title = "The operation is expected to cost too much."


@dataclass(slots=True, eq=False)
class Bill:
    """The costs of one request.

    Attributes:
        refused: Subgraphs that are not asked, because that would cost too much.
    """

    estimate: Estimate
    actual: float | None = None
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one fetch asks: of the root, or of the entities at some places."""

    subgraph: str
    selections: tuple[SelectionSet, ...]
    places: tuple[tuple[str, ...], ...] | None = field(default=None)


class DemandControl:
    """Costs of the operations on one supergraph."""

    def __init__(
        self, supergraph: Supergraph, section: DemandControlSection, *, modes: Modes, observe: ObserveCost
    ) -> None:
        self._section = section
        self._limits = section.strategy.static_estimated
        self._schema = supergraph.schema
        self._model = CostModel(supergraph.schema, supergraph.features, list_size=self._limits.list_size)
        self._modes = modes
        self._observe = observe
        # By the id of a plan, which is kept with it so that the id stays its own.
        self._asked: dict[int, tuple[QueryPlan, tuple[_Asked, ...]]] = {}

    def check(self, request: Request, operation: Operation, variables: Variables) -> Bill | None:
        """Estimate an operation, for ``request.cost`` too; raises ``TooExpensiveError``.

        Returns:
            ``None`` if nobody asks: costs are not controlled, and ``request.cost`` has no place for one.
        """
        is_on = self._section.enabled
        if not is_on and request.cost is None:
            return None
        bill = Bill(self._model.estimate(operation, variables))
        total, most = bill.estimate.total, self._limits.max
        request.cost = OperationCost(estimated=total)
        self._observe("estimated", total)
        request.log_fields["cost_estimated"] = total
        if is_on and self._section.expose_headers:
            request.response_headers["X-Cost-Estimated"] = f"{total:g}"
            request.response_headers["X-Cost-Max"] = f"{most:g}"
        if is_on and total > most:
            self._refuse(
                request, TooExpensiveError(f"The operation is expected to cost {total:g}, and may cost {most:g}")
            )
        return bill

    def _refuse(self, request: Request, error: TooExpensiveError) -> None:
        if self._section.mode == "enforce":
            self._modes.refuse(NAME, request, error)
        elif self._modes.mode(NAME, request) != "off":
            self._modes.let_pass(NAME, request, error)

    def sending(self, send: Send, request: Request, plan: QueryPlan, bill: Bill, variables: Variables) -> Send:
        """``send``, without what would cost a subgraph too much."""
        limits = self._limits.subgraph
        if not self._section.enabled:
            return send
        if limits.all.max is None and not any(each.max is not None for each in limits.subgraphs.values()):
            return send
        refused = set()
        for subgraph, cost in self._by_subgraph(plan, bill.estimate, variables).items():
            most = limits.subgraphs.get(subgraph, limits.all).max
            if most is not None and cost > most:
                error = TooExpensiveError(f"Subgraph {subgraph} would be asked for {cost:g}, and may be for {most:g}")
                try:
                    self._refuse(request, error)
                except TooExpensiveError:
                    refused.add(subgraph)
        bill.refused = frozenset(refused)
        return send if not refused else _without(send, bill.refused)

    def settle(
        self,
        request: Request,
        operation: Operation,
        bill: Bill,
        data: bytes,
        variables: Variables,
        *,
        is_whole: bool = True,
    ) -> None:
        """Count what came back; unless that is all there will be, ``request.cost`` does not hear of it."""
        bill.actual = self._model.actual(operation, decode_json(data), variables)
        if request.cost is not None and is_whole:
            request.cost.actual = bill.actual
        self._observe("actual", bill.actual)
        request.log_fields["cost_actual"] = bill.actual
        if self._section.enabled and self._section.expose_headers:
            request.response_headers["X-Cost-Actual"] = f"{bill.actual:g}"

    def _by_subgraph(self, plan: QueryPlan, estimate: Estimate, variables: Variables) -> Mapping[str, float]:
        costs: defaultdict[str, float] = defaultdict(float)
        for each in self._asked_by(plan):
            for selection in each.selections:
                if each.places is None:
                    costs[each.subgraph] += self._model.of_root(selection, variables)
                else:
                    count = sum(estimate.objects.get(place, 1.0) for place in each.places)
                    costs[each.subgraph] += self._model.of_entities(selection, count, variables)
        return costs

    def _asked_by(self, plan: QueryPlan) -> tuple[_Asked, ...]:
        known = self._asked.get(id(plan))
        if known is None:
            if len(self._asked) >= _CACHED:
                self._asked.clear()
            known = self._asked[id(plan)] = plan, tuple(self._read(plan))
        return known[1]

    def _read(self, plan: QueryPlan) -> Iterable[_Asked]:
        for fetch in plan.fetches:
            if not fetch.entities:
                yield _Asked(fetch.subgraph, (fetched_selection(self._schema, fetch),))
            for call in fetch.entities:
                selections = fetched_entities(self._schema, fetch, call.alias)
                yield _Asked(fetch.subgraph, selections, tuple(map(_place, call.paths)))


def _place(path: Path) -> tuple[str, ...]:
    return tuple(step.key for step in path if step.key is not None)


def _without(send: Send, refused: frozenset[str]) -> Send:
    def send_or_refuse(fetch_request: FetchRequest) -> asyncio.Future[FetchOutcome]:
        subgraph = fetch_request.fetch.subgraph
        if subgraph not in refused:
            return send(fetch_request)
        future: asyncio.Future[FetchOutcome] = asyncio.get_running_loop().create_future()
        text = f"What subgraph {subgraph} is asked is expected to cost too much."
        future.set_result(FetchFailure(SUBGRAPH_TOO_EXPENSIVE, text))
        return future

    return send_or_refuse
