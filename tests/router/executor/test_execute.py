"""The asynchronous shell: what overlaps, and what is left behind."""

import asyncio
import gc

import pytest

from router.executor.outcome import FetchOutcome, FetchRequest
from router.executor.program import Program
from router.executor.run import PlanRun
from router.executor.schedule import execute, in_tasks
from tests.router.executor.executing import (
    FakeSubgraphs,
    answer,
    call,
    data,
    data_of,
    entity_fetch,
    leaf,
    program,
    root_fetch,
    supergraph,
    template,
)

GRAPH = supergraph(
    """
    type Query { a: Thing b: Thing }
    type Thing { id: ID! x: Int y: Int }
    """
)
THING = template("Thing", leaf("id"))
ANSWERS = {
    0: data(a={"id": "1"}),
    1: data(b={"id": "2"}),
    2: data(_entities=[{"x": 1}]),
    3: data(_entities=[{"y": 2}]),
}


def compiled() -> Program:
    return program(
        GRAPH,
        "{ a { x } b { y } }",
        root_fetch(0, "one"),
        root_fetch(1, "two"),
        entity_fetch(2, "three", call("a", templates=[THING]), needs=[0]),
        entity_fetch(3, "four", call("b", templates=[THING]), needs=[1]),
    )


class GatedSubgraphs:
    """Answers a fetch when the test opens its gate, and counts what is under way."""

    def __init__(self) -> None:
        self.gates = {fetch_id: asyncio.Event() for fetch_id in ANSWERS}
        self.under_way: set[int] = set()
        self.changed = asyncio.Condition()

    async def send(self, request: FetchRequest) -> FetchOutcome:
        fetch_id = request.fetch.id
        self.under_way.add(fetch_id)
        await self._tell()
        try:
            await self.gates[fetch_id].wait()
        finally:
            self.under_way.discard(fetch_id)
        return answer(ANSWERS[fetch_id])

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until_under_way(self, *fetch_ids: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: self.under_way >= set(fetch_ids))


async def test_a_plan_is_executed() -> None:
    result = await execute(PlanRun(compiled(), {}), FakeSubgraphs(ANSWERS).send)
    assert (data_of(result), result.errors) == ({"a": {"x": 1}, "b": {"y": 2}}, ())


async def test_a_local_operation_sends_nothing() -> None:
    result = await execute(PlanRun(program(GRAPH, "{ __typename }"), {}), FakeSubgraphs({}).send)
    assert data_of(result) == {"__typename": "Query"}


async def test_a_dependant_does_not_wait_for_fetches_that_it_does_not_need() -> None:
    subgraphs = GatedSubgraphs()
    async with asyncio.TaskGroup() as tasks:
        executing = tasks.create_task(execute(PlanRun(compiled(), {}), in_tasks(subgraphs.send)))
        await subgraphs.until_under_way(0, 1)
        subgraphs.gates[1].set()
        await subgraphs.until_under_way(0, 3)
        for gate in subgraphs.gates.values():
            gate.set()
    assert data_of(executing.result()) == {"a": {"x": 1}, "b": {"y": 2}}


@pytest.mark.parametrize("opened", [(), (0,), (0, 1), (0, 1, 2)])
async def test_cancelling_leaves_nothing_under_way(opened: tuple[int, ...]) -> None:
    subgraphs = GatedSubgraphs()
    before = asyncio.all_tasks()
    executing = asyncio.ensure_future(execute(PlanRun(compiled(), {}), in_tasks(subgraphs.send)))
    await subgraphs.until_under_way(0, 1)
    for fetch_id in opened:
        subgraphs.gates[fetch_id].set()
    follow_ups = {fetch_id + 2 for fetch_id in opened if fetch_id < 2 and fetch_id + 2 not in opened}
    await subgraphs.until_under_way(*follow_ups)
    executing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await executing
    assert (subgraphs.under_way, asyncio.all_tasks()) == (set(), before)


async def test_a_bug_in_sending_ends_all_fetches() -> None:
    subgraphs = GatedSubgraphs()

    async def send(request: FetchRequest) -> FetchOutcome:
        if request.fetch.id == 1:
            await subgraphs.until_under_way(0)
            raise ZeroDivisionError
        return await subgraphs.send(request)

    with pytest.raises(ZeroDivisionError):
        await execute(PlanRun(compiled(), {}), in_tasks(send))
    assert subgraphs.under_way == set()


async def test_an_operation_leaves_nothing_for_the_garbage_collector() -> None:
    shared, deadline = compiled(), asyncio.get_running_loop().time() + 60
    await execute(PlanRun(shared, {}), FakeSubgraphs(ANSWERS).send)
    gc.collect()
    gc.disable()
    try:
        await execute(PlanRun(shared, {}), FakeSubgraphs(ANSWERS).send, deadline=deadline)
        assert gc.collect() == 0
    finally:
        gc.enable()
