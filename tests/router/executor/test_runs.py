"""When an operation is prepared to be run fast, and when fast runs are left."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from router.executor.program import Program
from router.executor.run import PlanRun
from router.executor.runs import COMPILED_AFTER, JUDGED_AFTER, MAX_COMPILED, RESTS, Runs
from router.executor.schedule import run_sync
from router.executor.speculative_run import SpeculativeRun
from router.executor.ways import WAYS
from tests.compiled_programs import program_of
from tests.router.executor.executing import FakeSubgraphs, data

GOOD = data(products=[{"id": "1"}])
BAD = data(products=[{"id": 1}])


class Beside:
    """Another thread, as far as these tests care: what it is to do waits until it is let."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], None]] = []

    def submit(self, job: Callable[[], None]) -> None:
        self.jobs.append(job)

    def work(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()


def runs_of(program: Program) -> tuple[Runs, Beside]:
    beside = Beside()
    return Runs(program, submit=beside.submit), beside


def start_many(runs: Runs, count: int, answer: object, variables: dict[str, object] | None = None) -> set[type[object]]:
    """Run to the end; what kinds of runs these were."""
    kinds: set[type[object]] = set()
    for _ in range(count):
        run = runs.start(variables or {})
        kinds.add(type(run))
        run_sync(run, FakeSubgraphs({0: answer}))
    return kinds


def gives_up(runs: Runs, answer: object) -> bool:
    """Whether a fast run is left for the interpreter."""
    run = runs.start({})
    assert isinstance(run, SpeculativeRun)
    run_sync(run, FakeSubgraphs({0: answer}))
    return run.is_interpreted


def compiled_runs(operation: str = "{ products { id } }") -> Runs:
    runs, beside = runs_of(program_of(operation))
    start_many(runs, COMPILED_AFTER, GOOD)
    beside.work()
    return runs


def test_the_first_runs_are_interpreted() -> None:
    runs, beside = runs_of(program_of("{ products { id } }"))

    assert start_many(runs, COMPILED_AFTER - 1, GOOD) == {PlanRun}
    assert beside.jobs == []


def test_an_operation_that_comes_again_is_compiled_beside_the_requests() -> None:
    runs, beside = runs_of(program_of("{ products { id } }"))

    assert start_many(runs, COMPILED_AFTER + 5, GOOD) == {PlanRun}
    assert len(beside.jobs) == 1
    beside.work()

    assert start_many(runs, 1, GOOD) == {SpeculativeRun}


def test_each_truth_of_the_conditions_is_compiled_by_itself() -> None:
    runs, beside = runs_of(program_of("query ($a: Boolean!) { products { id name @include(if: $a) } }"))
    start_many(runs, COMPILED_AFTER, GOOD, {"a": False})
    beside.work()

    assert start_many(runs, 1, GOOD, {"a": False}) == {SpeculativeRun}
    assert start_many(runs, 1, GOOD, {"a": True}) == {PlanRun}


def test_what_cannot_be_compiled_is_tried_once() -> None:
    runs, beside = runs_of(program_of('{ products { id } __type(name: "Product") { name } }'))
    start_many(runs, COMPILED_AFTER, GOOD)
    beside.work()

    assert start_many(runs, 2 * COMPILED_AFTER, GOOD) == {PlanRun}
    assert beside.jobs == []


def test_without_another_thread_everything_is_interpreted() -> None:
    runs = Runs(program_of("{ products { id } }"), submit=None)

    assert start_many(runs, 2 * COMPILED_AFTER, GOOD) == {PlanRun}


@pytest.mark.skipif(len(WAYS) == 1, reason="the extension module is not built, so there is no next way")
def test_where_runs_give_up_often_the_next_way_is_taken() -> None:
    runs, beside = runs_of(program_of("{ products { id } }"))
    start_many(runs, COMPILED_AFTER, GOOD)
    beside.work()

    start_many(runs, JUDGED_AFTER, BAD)
    assert beside.jobs == []
    assert start_many(runs, 1, BAD) == {SpeculativeRun}
    assert len(beside.jobs) == 1


@pytest.mark.skipif(len(WAYS) == 1, reason="the extension module is not built, so there is no next way")
def test_what_one_way_gives_up_the_next_may_not() -> None:
    runs, beside = runs_of(program_of("{ products { id name } }"))
    in_another_order = data(products=[{"name": "a", "id": "1"}])
    start_many(runs, COMPILED_AFTER, in_another_order)
    beside.work()
    assert gives_up(runs, in_another_order)

    start_many(runs, JUDGED_AFTER, in_another_order)
    beside.work()

    assert not gives_up(runs, in_another_order)


def test_what_cannot_be_run_in_one_way_is_run_in_the_next() -> None:
    runs, beside = runs_of(program_of("{ media { title __typename } }"))
    nothing = data(media=None)
    start_many(runs, COMPILED_AFTER, nothing)
    beside.work()

    assert not gives_up(runs, nothing)


def test_runs_that_give_up_often_in_the_last_way_are_interpreted_for_a_while() -> None:
    runs, beside = runs_of(program_of("{ products { id } }"))
    start_many(runs, COMPILED_AFTER, GOOD)
    beside.work()
    for _ in WAYS[1:]:
        start_many(runs, JUDGED_AFTER + 1, BAD)
        beside.work()

    assert start_many(runs, JUDGED_AFTER, BAD) == {SpeculativeRun}
    assert start_many(runs, RESTS, BAD) == {PlanRun}
    assert start_many(runs, 1, GOOD) == {SpeculativeRun}


def test_runs_that_give_up_now_and_then_go_on() -> None:
    runs = compiled_runs()

    start_many(runs, JUDGED_AFTER // 4, BAD)
    start_many(runs, JUDGED_AFTER - JUDGED_AFTER // 4, GOOD)

    assert start_many(runs, JUDGED_AFTER, GOOD) == {SpeculativeRun}


def test_an_operation_is_compiled_for_a_few_truths_only() -> None:
    names = [f"a{number}" for number in range(4)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: id @include(if: ${name})" for name in names)
    runs, beside = runs_of(program_of(f"query ({declared}) {{ products {{ id {fields} }} }}"))

    for number in range(16):
        values = {name: bool(number & 1 << index) for index, name in enumerate(names)}
        for _ in range(COMPILED_AFTER):
            runs.start(values)

    assert len(beside.jobs) == MAX_COMPILED


def test_a_mistake_in_compiling_is_told_and_costs_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    program = program_of("{ products { id } }")
    fetch = replace(program.fetches[0], fetch=replace(program.plan.fetches[0], operation="{"))
    runs, beside = runs_of(replace(program, fetches=(fetch,)))

    start_many(runs, COMPILED_AFTER, GOOD)
    beside.work()

    assert start_many(runs, 1, GOOD) == {PlanRun}
    assert [record.message for record in caplog.records] == ["operation was not compiled"]


def test_truths_that_come_one_after_the_other_are_forgotten_in_the_end() -> None:
    names = [f"a{number}" for number in range(7)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: id @include(if: ${name})" for name in names)
    runs, beside = runs_of(program_of(f"query ({declared}) {{ products {{ id {fields} }} }}"))
    off = dict.fromkeys(names, False)
    start_many(runs, COMPILED_AFTER, GOOD, {**off})
    beside.work()

    for number in range(64):
        runs.start({name: bool(number + 1 & 1 << index) for index, name in enumerate(names)})

    assert start_many(runs, 1, GOOD, {**off}) == {PlanRun}
