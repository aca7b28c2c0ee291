"""An operation ends in time, with what is there; and it makes no more requests than it may."""

import asyncio

import pytest

from router.executor.outcome import ExecutionResult, FetchFailure, FetchOutcome, FetchRequest
from router.executor.program import ExecutionOptions, Program
from router.executor.run import PlanRun
from router.executor.schedule import execute, in_tasks, run_sync
from tests.router.executor.executing import (
    FakeSubgraphs,
    answer,
    call,
    codes_of,
    data,
    data_of,
    entity_fetch,
    leaf,
    paths_of,
    program,
    root_fetch,
    supergraph,
    template,
)

pytestmark = pytest.mark.usefixtures("virtual_time")

GRAPH = supergraph(
    """
    type Query { a: Thing b: Thing strict: Thing! }
    type Mutation { make: Thing }
    type Thing { id: ID! x: Int y: Int! }
    """
)
THING = template("Thing", leaf("id"))


def two_branches(*, options: ExecutionOptions | None = None) -> Program:
    return program(
        GRAPH,
        "{ a { x } b { x } }",
        root_fetch(0, "one"),
        root_fetch(1, "two"),
        entity_fetch(2, "three", call("a", templates=[THING]), needs=[0]),
        options=options,
    )


class Unanswered:
    """Answers the fetches in its table; all others stay open, and are remembered."""

    def __init__(self, answers: dict[int, object]) -> None:
        self._answers = answers
        self.open: list[asyncio.Future[FetchOutcome]] = []
        self.sent: list[int] = []

    def send(self, request: FetchRequest) -> asyncio.Future[FetchOutcome]:
        future: asyncio.Future[FetchOutcome] = asyncio.get_running_loop().create_future()
        self.sent.append(request.fetch.id)
        if request.fetch.id in self._answers:
            future.set_result(answer(self._answers[request.fetch.id]))
        else:
            self.open.append(future)
        return future


async def late(run: PlanRun, subgraphs: Unanswered) -> ExecutionResult:
    """The result when time is up while all that is open has been sent."""
    return await execute(run, subgraphs.send, deadline=asyncio.get_running_loop().time() + 0.02)


async def test_at_the_deadline_the_result_is_what_is_there() -> None:
    result = await late(
        PlanRun(two_branches(), {}), Unanswered({0: data(a={"id": "1"}), 2: data(_entities=[{"x": 1}])})
    )
    assert data_of(result) == {"a": {"x": 1}, "b": None}


async def test_at_the_deadline_there_is_one_error_for_all_that_is_missing() -> None:
    result = await late(PlanRun(two_branches(), {}), Unanswered({}))
    assert (codes_of(result), paths_of(result)) == (["GATEWAY_TIMEOUT"], [None])


async def test_a_null_that_propagates_at_the_deadline_needs_no_error_of_its_own() -> None:
    compiled = program(GRAPH, "{ a { x } strict { y } }", root_fetch(0, "one"), root_fetch(1, "two"))
    result = await late(PlanRun(compiled, {}), Unanswered({0: data(a={"x": 1})}))
    assert (data_of(result), codes_of(result)) == (None, ["GATEWAY_TIMEOUT"])


async def test_the_deadline_cancels_what_is_out() -> None:
    subgraphs = Unanswered({})
    await late(PlanRun(two_branches(), {}), subgraphs)
    assert [future.cancelled() for future in subgraphs.open] == [True, True]


async def test_errors_from_before_the_deadline_stay() -> None:
    failed = {"data": {"a": None}, "errors": [{"message": "broken", "path": ["a"]}]}
    result = await late(PlanRun(two_branches(), {}), Unanswered({0: failed}))
    assert codes_of(result) == ["DOWNSTREAM_SERVICE_ERROR", "GATEWAY_TIMEOUT"]


@pytest.mark.parametrize(("answers", "nothing"), [({}, True), ({0: data(a=None)}, False)])
async def test_a_result_tells_whether_anything_came_in_time(answers: dict[int, object], *, nothing: bool) -> None:
    result = await late(PlanRun(two_branches(), {}), Unanswered(answers))
    assert result.nothing_in_time is nothing


async def test_an_operation_that_is_done_in_time_leaves_no_timer() -> None:
    run = PlanRun(two_branches(), {})
    subgraphs = FakeSubgraphs({0: data(a={"id": "1"}), 1: data(b={"x": 2}), 2: data(_entities=[{"x": 1}])})
    result = await execute(run, subgraphs.send, deadline=asyncio.get_running_loop().time() + 0.01)
    loop = asyncio.get_running_loop()
    after = loop.create_future()
    loop.call_later(0.03, after.set_result, None)
    await after
    assert (result.errors, run.response().errors) == ((), ())


async def test_a_deadline_that_has_passed_sends_what_is_ready_and_waits_for_nothing() -> None:
    subgraphs = Unanswered({})
    result = await execute(PlanRun(two_branches(), {}), subgraphs.send, deadline=0)
    assert (subgraphs.sent, codes_of(result)) == ([0, 1], ["GATEWAY_TIMEOUT"])


async def test_a_task_that_is_cancelled_at_the_deadline_may_clean_up() -> None:
    cleaned: list[int] = []

    async def send(request: FetchRequest) -> FetchOutcome:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(request.fetch.id)
        return FetchFailure("", "")

    deadline = asyncio.get_running_loop().time() + 0.02
    await execute(PlanRun(two_branches(), {}), in_tasks(send), deadline=deadline)
    assert cleaned == [0, 1]


# What goes wrong in a callback


async def test_a_bug_at_the_deadline_ends_the_operation() -> None:
    class Broken(PlanRun):
        def time_out(self) -> None:
            raise ZeroDivisionError

    subgraphs = Unanswered({})
    with pytest.raises(ZeroDivisionError):
        await late(Broken(two_branches(), {}), subgraphs)
    assert [future.cancelled() for future in subgraphs.open] == [True, True]


async def test_after_a_bug_nothing_more_is_sent() -> None:
    subgraphs = Unanswered({})
    executing = asyncio.ensure_future(execute(PlanRun(two_branches(), {}), subgraphs.send))
    await asyncio.sleep(0)
    subgraphs.open[1].set_result("neither answer nor failure")  # type: ignore[arg-type]  # the bug
    subgraphs.open[0].set_result(answer(data(a={"id": "1"})))
    with pytest.raises(AttributeError):
        await executing
    assert subgraphs.sent == [0, 1]


async def test_a_bug_in_receiving_ends_the_operation() -> None:
    subgraphs = Unanswered({})
    executing = asyncio.ensure_future(execute(PlanRun(two_branches(), {}), subgraphs.send))
    await asyncio.sleep(0)
    subgraphs.open[0].set_result("neither answer nor failure")  # type: ignore[arg-type]  # the bug
    with pytest.raises(AttributeError):
        await executing
    assert subgraphs.open[1].cancelled()


async def test_a_bug_in_sending_what_follows_ends_the_operation() -> None:
    subgraphs = Unanswered({0: data(a={"id": "1"})})

    def send(request: FetchRequest) -> asyncio.Future[FetchOutcome]:
        if request.fetch.id == 2:
            raise ZeroDivisionError
        return subgraphs.send(request)

    with pytest.raises(ZeroDivisionError):
        await execute(PlanRun(two_branches(), {}), send)
    assert subgraphs.open[0].cancelled()


async def test_a_bug_in_sending_the_first_leaves_nothing_out() -> None:
    subgraphs = Unanswered({})

    def send(request: FetchRequest) -> asyncio.Future[FetchOutcome]:
        if request.fetch.id == 1:
            raise ZeroDivisionError
        return subgraphs.send(request)

    with pytest.raises(ZeroDivisionError):
        await execute(PlanRun(two_branches(), {}), send)
    assert subgraphs.open[0].cancelled()


async def test_a_request_that_somebody_else_cancels_ends_the_operation() -> None:
    subgraphs = Unanswered({})
    executing = asyncio.ensure_future(execute(PlanRun(two_branches(), {}), subgraphs.send))
    await asyncio.sleep(0)
    subgraphs.open[0].cancel()
    with pytest.raises(RuntimeError, match="cancelled"):
        await executing
    assert subgraphs.open[1].cancelled()


# How many requests


def limited(most: int, answers: dict[int, object]) -> tuple[ExecutionResult, FakeSubgraphs]:
    subgraphs = FakeSubgraphs(answers)
    run = PlanRun(two_branches(options=ExecutionOptions(max_requests=most)), {})
    return run_sync(run, subgraphs), subgraphs


ANSWERS: dict[int, object] = {0: data(a={"id": "1"}), 1: data(b={"x": 2}), 2: data(_entities=[{"x": 1}])}


def test_an_operation_may_make_as_many_requests_as_it_may() -> None:
    result, _ = limited(3, ANSWERS)
    assert (data_of(result), result.errors) == ({"a": {"x": 1}, "b": {"x": 2}}, ())


def test_one_request_more_is_not_made_and_the_rest_is_answered() -> None:
    result, subgraphs = limited(2, ANSWERS)
    assert data_of(result) == {"a": {"x": None}, "b": {"x": 2}}
    assert [name for name, _ in subgraphs.asked] == ["one", "two"]


def test_too_many_requests_are_told_once() -> None:
    result, _ = limited(0, ANSWERS)
    assert codes_of(result) == ["MAX_SUBREQUESTS_LIMIT"]


def test_a_fetch_that_makes_several_requests_makes_all_or_none() -> None:
    options = ExecutionOptions(max_requests=2, max_representations=1)
    compiled = program(
        supergraph("type Query { all: [Thing] } type Thing { id: ID! x: Int }"),
        "{ all { x } }",
        root_fetch(0, "one"),
        entity_fetch(1, "two", call("all.@", templates=[THING]), needs=[0]),
        options=options,
    )
    subgraphs = FakeSubgraphs({0: data(all=[{"id": "1"}, {"id": "2"}])})
    result = run_sync(PlanRun(compiled, {}), subgraphs)
    assert (data_of(result), codes_of(result)) == ({"all": [{"x": None}] * 2}, ["MAX_SUBREQUESTS_LIMIT"])
    assert len(subgraphs.asked) == 1
