"""An answer may be taken when it comes: what becomes ready is sent at once, and not with the next turn of the loop."""

import asyncio
import gc
from contextvars import ContextVar

import pytest

from router.executor.outcome import ExecutionResult, FetchOutcome, FetchRequest, PromptAnswer
from router.executor.run import PlanRun
from router.executor.schedule import execute
from tests.router.executor.executing import (
    answer,
    call,
    data_of,
    entity_fetch,
    leaf,
    program,
    root_fetch,
    supergraph,
    template,
)

GRAPH = supergraph("type Query { a: Thing } type Thing { id: ID! x: Int }")
PROGRAM = program(
    GRAPH,
    "{ a { x } }",
    root_fetch(0, "one"),
    entity_fetch(1, "two", call("a", templates=[template("Thing", leaf("id"))]), needs=[0]),
)
ROOT = {"data": {"a": {"__typename": "Thing", "id": "1"}}}
ENTITY = {"data": {"_entities": [{"x": 1}]}}

CALLER: ContextVar[str] = ContextVar("CALLER")


class Answers:
    """What was sent and is not answered yet, with the caller on whose behalf it was sent."""

    def __init__(self) -> None:
        self.out: list[PromptAnswer] = []
        self.callers: list[str] = []

    def send(self, _: FetchRequest) -> asyncio.Future[FetchOutcome]:
        sent = PromptAnswer(loop=asyncio.get_running_loop())
        sent.receiver = None
        self.out.append(sent)
        self.callers.append(CALLER.get("nobody"))
        return sent

    def deliver(self, body: object) -> None:
        self.out.pop().deliver(answer(body))


async def started(answers: Answers) -> asyncio.Task[ExecutionResult]:
    """An operation whose first request is out."""
    executing = asyncio.get_running_loop().create_task(execute(PlanRun(PROGRAM, {}), answers.send))
    await asyncio.sleep(0)
    return executing


async def test_what_follows_is_sent_when_the_answer_comes() -> None:
    answers = Answers()
    executing = await started(answers)
    answers.deliver(ROOT)
    answers.deliver(ENTITY)
    assert data_of(await executing) == {"a": {"x": 1}}


async def test_what_follows_is_sent_on_behalf_of_the_same_caller() -> None:
    answers = Answers()
    CALLER.set("alice")
    executing = await started(answers)
    CALLER.set("bob")  # whose connection brings the answer
    answers.deliver(ROOT)
    answers.deliver(ENTITY)
    await executing
    assert answers.callers == ["alice", "alice"]


async def test_a_bug_is_told_to_the_operation_and_not_to_who_brings_the_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = Answers()
    executing = await started(answers)
    monkeypatch.setattr(PlanRun, "receive", lambda *_: 1 // 0)
    answers.deliver(ROOT)
    with pytest.raises(ZeroDivisionError):
        await executing


async def test_an_answer_that_somebody_else_cancels_ends_the_operation() -> None:
    answers = Answers()
    executing = await started(answers)
    answers.out[0].cancel()
    with pytest.raises(RuntimeError, match="cancelled"):
        await executing


async def test_a_cancelled_operation_cancels_its_answers() -> None:
    answers = Answers()
    executing = await started(answers)
    executing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await executing
    assert answers.out[0].cancelled()


async def test_callbacks_know_before_the_operation_goes_on() -> None:
    answers, told = Answers(), list[str]()
    executing = await started(answers)
    executing.add_done_callback(lambda _: told.append("operation"))
    answers.deliver(ROOT)
    answers.out[0].add_done_callback(lambda _: told.append("answer"))
    answers.deliver(ENTITY)
    await executing
    await asyncio.sleep(0)
    assert told == ["answer", "operation"]


@pytest.mark.parametrize("ends", [True, False])
async def test_nothing_is_left_for_the_garbage_collector(*, ends: bool) -> None:
    async def run() -> None:
        answers = Answers()
        executing = await started(answers)
        answers.deliver(ROOT)
        if ends:
            answers.deliver(ENTITY)
        else:
            executing.cancel()
        await asyncio.wait([executing])

    await run()
    gc.collect()
    gc.disable()
    try:
        await run()
        assert gc.collect() == 0
    finally:
        gc.enable()
