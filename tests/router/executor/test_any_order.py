"""Whatever arrives first, and whatever goes wrong with it, the response is the same."""

import asyncio
import random

import pytest

from router.executor.outcome import ExecutionResult, FetchFailure, FetchOutcome, FetchRequest
from router.executor.program import Program
from router.executor.run import PlanRun
from router.executor.schedule import execute
from tests.router.executor.executing import (
    answer,
    call,
    data,
    data_of,
    entity_fetch,
    leaf,
    program,
    root_fetch,
    run,
    supergraph,
    template,
)

GRAPH = supergraph(
    """
    type Query { all: [Thing] one: Thing me: User }
    type Thing { id: ID! x: Int y: Int z: Int! owner: User }
    type User { id: ID! name: String }
    """
)
THING, USER = template("Thing", leaf("id")), template("User", leaf("id"))
TEXT = "{ all { x y owner { name } } one { x z } me { name } }"
GOOD: dict[int, object] = {
    0: data(all=[{"id": "1"}, None, {"id": "2"}], one={"id": "1"}),
    1: data(me={"id": "7"}),
    2: data(_e0=[{"x": 1, "owner": {"id": "8"}}, {"x": 2, "owner": None}], _e1=[{"x": 1}]),
    3: data(_e0=[{"y": 1}, {"y": 2}], _e1=[{"z": 3}]),
    4: data(_e0=[{"name": "Ada"}], _e1=[{"name": "Bob"}]),
}
FAULTS: dict[str, object] = {
    "timeout": FetchFailure("GATEWAY_TIMEOUT", "slow"),
    "500": answer(b"oops", status=500, content_type="text/plain"),
    "malformed": answer(b"{"),
    "data null": {"data": None, "errors": [{"message": "broken"}]},
    "error with path": {"data": {"_e0": [None, None], "_e1": [None]}, "errors": [{"message": "m", "path": ["_e0", 1]}]},
    "short list": {"data": {"_e0": [], "_e1": []}},
    "wrong kinds": None,
}
WRONG_KINDS: dict[int, object] = {0: data(all=3, one=[]), 1: data(me="x")}


def failed(fetch_id: int, fault: str) -> object:
    """What a fetch brings that fails in this way. It never says anything that it was not asked for."""
    return FAULTS[fault] or WRONG_KINDS.get(fetch_id, data(_e0="x", _e1=[3]))


def five_fetches() -> Program:
    return program(
        GRAPH,
        TEXT,
        root_fetch(0, "things"),
        root_fetch(1, "users"),
        entity_fetch(2, "xs", call("all.@", templates=[THING], number=0), call("one", templates=[THING], number=1)),
        entity_fetch(3, "ys", call("all.@", templates=[THING], number=0), call("one", templates=[THING], number=1)),
        entity_fetch(
            4,
            "names",
            call("all.@.owner", templates=[USER], number=0),
            call("me", templates=[USER], number=1),
            needs=[1, 2],
        ),
    )


class ShuffledSubgraphs:
    """Answers one request at a time, in an order that the seed decides."""

    def __init__(self, answers: dict[int, object], seed: int) -> None:
        self._answers = answers
        self._chosen = random.Random(seed)  # noqa: S311  # a test
        self._open: list[tuple[int, asyncio.Future[FetchOutcome]]] = []

    def send(self, request: FetchRequest) -> asyncio.Future[FetchOutcome]:
        loop = asyncio.get_running_loop()
        if not self._open:
            loop.call_soon(self._answer_one)
        future: asyncio.Future[FetchOutcome] = loop.create_future()
        self._open.append((request.fetch.id, future))
        return future

    def _answer_one(self) -> None:
        fetch_id, future = self._open.pop(self._chosen.randrange(len(self._open)))
        entry = self._answers[fetch_id]
        future.set_result(entry if isinstance(entry, FetchOutcome) else answer(entry))
        if self._open:
            asyncio.get_running_loop().call_soon(self._answer_one)


async def shuffled(answers: dict[int, object], seed: int) -> ExecutionResult:
    return await execute(PlanRun(five_fetches(), {}), ShuffledSubgraphs(answers, seed).send)


@pytest.mark.parametrize("seed", range(20))
async def test_the_order_of_arrival_does_not_change_the_response(seed: int) -> None:
    assert await shuffled(GOOD, seed) == run(five_fetches(), GOOD)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("fetch_id", GOOD)
async def test_the_order_of_arrival_does_not_change_what_a_fault_leaves(fetch_id: int, fault: str) -> None:
    answers = {**GOOD, fetch_id: failed(fetch_id, fault)}
    expected = run(five_fetches(), answers)
    assert [await shuffled(answers, seed) for seed in range(5)] == [expected] * 5


@pytest.mark.parametrize("first", FAULTS)
@pytest.mark.parametrize("second", FAULTS)
async def test_the_order_of_arrival_does_not_change_what_two_faults_leave(first: str, second: str) -> None:
    answers = {**GOOD, 1: failed(1, first), 2: failed(2, second)}
    expected = run(five_fetches(), answers)
    assert [await shuffled(answers, seed) for seed in range(3)] == [expected] * 3


def test_without_faults_everything_is_there() -> None:
    result = run(five_fetches(), GOOD)
    assert data_of(result) == {
        "all": [{"x": 1, "y": 1, "owner": {"name": "Ada"}}, None, {"x": 2, "y": 2, "owner": None}],
        "one": {"x": 1, "z": 3},
        "me": {"name": "Bob"},
    }
    assert result.errors == ()
