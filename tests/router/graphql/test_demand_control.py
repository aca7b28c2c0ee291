"""Operations that are too dear: refused, measured, told; and subgraphs that are asked for too much."""

import asyncio
import json

import pytest

from router.config.demand_control import DemandControlSection
from router.executor.outcome import FetchAnswer, FetchFailure, FetchOutcome, FetchRequest
from router.graphql.demand import DemandControl, TooExpensiveError
from router.policy.modes import EVERYTHING_ENFORCES, Modes
from router.policy.request import Request
from router.policy.spending import OperationCost
from supergraph import Subgraph, compose, plan, prepare, read_supergraph
from tests.requests_in import request_in

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
ITEMS = 'type Query { items: [Item] } type Item @key(fields: "id") { id: ID }'
STOCK = 'type Item @key(fields: "id") { id: ID shelves: [Shelf] } type Shelf { n: Int }'
COMPOSED = compose([Subgraph("items", "http://items", LINK + ITEMS), Subgraph("stock", "http://stock", LINK + STOCK)])
assert COMPOSED.sdl is not None, COMPOSED.errors
GRAPH = read_supergraph(COMPOSED.sdl)
OPERATION = prepare(GRAPH, "{ items { id shelves { n } } }")
PLAN = plan(GRAPH, OPERATION)

Counted = list[tuple[str, str, str]]


def demand(
    *,
    mode: str = "enforce",
    counted: Counted | None = None,
    observed: list[tuple[str, float]] | None = None,
    **static: object,
) -> DemandControl:
    section = DemandControlSection.model_validate(
        {
            "enabled": True,
            "mode": mode,
            "expose_headers": True,
            "strategy": {"static_estimated": static},
        }
    )
    modes = Modes({}, on_would_reject=lambda *labels: (counted if counted is not None else []).append(labels))
    seen: list[tuple[str, float]] = [] if observed is None else observed
    return DemandControl(GRAPH, section, modes=modes, observe=lambda *pair: seen.append(pair))


def sent(request: Request) -> dict[str, str]:
    return dict(request.response_headers)


def test_an_operation_within_the_limit_passes_and_its_client_is_told() -> None:
    request = request_in()
    demand(max=110).check(request, OPERATION, {})
    assert sent(request) == {"X-Cost-Estimated": "110", "X-Cost-Max": "110"}


def test_an_operation_beyond_the_limit_is_refused() -> None:
    with pytest.raises(TooExpensiveError) as refused:
        demand(max=109).check(request_in(), OPERATION, {})
    assert (refused.value.code, refused.value.status) == ("COST_ESTIMATED_TOO_EXPENSIVE", 400)


def test_measuring_tells_what_would_be_refused() -> None:
    counted: Counted = []
    demand(mode="measure", counted=counted, max=5).check(request_in(), OPERATION, {})
    assert counted == [("cost", "graphql", "")]


def test_the_cost_of_the_answer_is_told_and_counted() -> None:
    observed: list[tuple[str, float]] = []
    request = request_in()
    control = demand(observed=observed)
    bill = control.check(request, OPERATION, {})
    assert bill is not None
    data = {"items": [{"id": "1", "shelves": [{"n": 1}, {"n": 2}]}, None]}
    control.settle(request, OPERATION, bill, json.dumps(data).encode(), {})
    assert bill.actual == 3
    assert sent(request)["X-Cost-Actual"] == "3"
    assert observed == [("estimated", 110.0), ("actual", 3.0)]


def test_without_demand_control_nothing_is_estimated() -> None:
    request = request_in()
    control = DemandControl(GRAPH, DemandControlSection(), modes=EVERYTHING_ENFORCES, observe=lambda *_: None)
    assert control.check(request, OPERATION, {}) is None
    assert request.cost is None


def test_a_rate_limit_that_asks_gets_estimate_and_cost_without_demand_control() -> None:
    request = request_in()
    request.cost = OperationCost()
    section = DemandControlSection.model_validate(
        {"mode": "enforce", "expose_headers": True, "strategy": {"static_estimated": {"max": 5}}}
    )
    control = DemandControl(GRAPH, section, modes=EVERYTHING_ENFORCES, observe=lambda *_: None)
    bill = control.check(request, OPERATION, {})
    assert bill is not None
    control.settle(request, OPERATION, bill, b'{"items": []}', {})
    assert (request.cost.estimated, request.cost.actual) == (110, 0)
    assert sent(request) == {}


def test_the_cost_of_a_first_part_is_not_that_of_the_operation() -> None:
    request = request_in()
    control = demand()
    bill = control.check(request, OPERATION, {})
    assert bill is not None
    control.settle(request, OPERATION, bill, b'{"items": []}', {}, is_whole=False)
    assert request.cost is not None
    assert request.cost.actual is None


async def outcomes(control: DemandControl) -> dict[str, FetchOutcome]:
    """What becomes of each fetch of the plan."""
    answer = FetchAnswer(200, "application/json", b"{}")

    def send(_: FetchRequest) -> asyncio.Future[FetchOutcome]:
        future: asyncio.Future[FetchOutcome] = asyncio.get_running_loop().create_future()
        future.set_result(answer)
        return future

    request = request_in()
    bill = control.check(request, OPERATION, {})
    assert bill is not None
    sending = control.sending(send, request, PLAN, bill, {})
    return {fetch.subgraph: await sending(FetchRequest(fetch, b"{}")) for fetch in PLAN.fetches}


async def test_a_subgraph_is_not_asked_for_more_than_it_may_be() -> None:
    found = await outcomes(demand(subgraph={"subgraphs": {"stock": {"max": 109}}}))
    refused = found["stock"]
    assert isinstance(refused, FetchFailure)
    assert refused.code == "SUBGRAPH_COST_ESTIMATED_TOO_EXPENSIVE"
    assert isinstance(found["items"], FetchAnswer)


@pytest.mark.parametrize(
    "subgraph",
    [
        {"subgraphs": {"stock": {"max": 110}}},
        {"all": {"max": 110}},
        {"all": {"max": 1}, "subgraphs": {"stock": {}, "items": {}}},
    ],
)
async def test_a_subgraph_is_asked_for_what_it_may_be(subgraph: dict[str, object]) -> None:
    found = await outcomes(demand(subgraph=subgraph))
    assert all(isinstance(outcome, FetchAnswer) for outcome in found.values())


async def test_measuring_asks_subgraphs_all_the_same() -> None:
    counted: Counted = []
    found = await outcomes(demand(mode="measure", counted=counted, subgraph={"all": {"max": 20}}))
    assert isinstance(found["stock"], FetchAnswer)
    assert counted == [("cost", "graphql", "")]
