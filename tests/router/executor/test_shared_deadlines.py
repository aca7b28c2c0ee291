"""Many operations have one timer, and each ends in its own time."""

import asyncio
from collections.abc import Callable

import pytest

from router.executor.deadlines import Deadlines
from router.executor.outcome import FetchOutcome, FetchRequest
from router.executor.run import PlanRun
from router.executor.schedule import execute
from tests.router.executor.executing import FakeSubgraphs, codes_of, data, program, root_fetch, supergraph

pytestmark = pytest.mark.usefixtures("virtual_time")

SOON = 0.02
NEVER = 600.0
PROGRAM = program(supergraph("type Query { a: Int }"), "{ a }", root_fetch(0, "one"))


class Ends:
    """Who was ended, in that order."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._changed = asyncio.Event()

    def of(self, name: str) -> Callable[[], None]:
        def end() -> None:
            self.names.append(name)
            self._changed.set()

        return end

    async def until(self, *names: str) -> None:
        while self.names != list(names):
            self._changed.clear()
            await self._changed.wait()


def after(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_who_is_late_is_ended_and_no_one_else() -> None:
    deadlines, ends = Deadlines(), Ends()
    deadlines.add(ends.of("a"), after(SOON))
    deadlines.add(ends.of("b"), after(NEVER))
    await ends.until("a")
    deadlines.close()


async def test_each_is_ended_in_its_own_time() -> None:
    deadlines, ends = Deadlines(), Ends()
    deadlines.add(ends.of("last"), after(SOON * 3))
    deadlines.add(ends.of("first"), after(SOON))
    deadlines.add(ends.of("second"), after(SOON * 2))
    await ends.until("first", "second", "last")


async def test_who_was_dropped_is_not_ended() -> None:
    deadlines, ends = Deadlines(), Ends()
    dropped = ends.of("dropped")
    deadlines.add(dropped, after(SOON))
    deadlines.add(ends.of("late"), after(SOON * 2))
    deadlines.drop(dropped)
    await ends.until("late")


async def test_who_is_dropped_by_another_that_is_late_is_not_ended() -> None:
    deadlines, ends = Deadlines(), Ends()
    dropped = ends.of("dropped")
    deadlines.add(lambda: deadlines.drop(dropped), after(SOON))
    deadlines.add(dropped, after(SOON))
    deadlines.add(ends.of("late"), after(SOON * 2))
    await ends.until("late")


async def test_when_time_has_passed_with_nobody_left_the_next_are_watched() -> None:
    deadlines, ends = Deadlines(), Ends()
    deadlines.add(ends.of("a"), after(0))
    await ends.until("a")
    deadlines.add(ends.of("b"), after(SOON))
    await ends.until("a", "b")


async def test_whoever_is_watched_when_all_is_closed_is_not_ended() -> None:
    deadlines, ends = Deadlines(), Ends()
    deadlines.add(ends.of("a"), after(SOON))
    deadlines.close()
    asyncio.get_running_loop().call_later(SOON * 2, ends.of("clock"))
    await ends.until("clock")


async def test_an_operation_ends_by_the_deadlines_of_all() -> None:
    def send(_: FetchRequest) -> asyncio.Future[FetchOutcome]:
        return asyncio.get_running_loop().create_future()

    deadlines = Deadlines()
    result = await execute(PlanRun(PROGRAM, {}), send, deadline=after(SOON), deadlines=deadlines)
    assert codes_of(result) == ["GATEWAY_TIMEOUT"]


@pytest.mark.parametrize("answers", [{0: data(a=1)}, {}], ids=["answered", "bug"])
async def test_an_operation_that_has_ended_is_watched_no_more(answers: dict[int, object]) -> None:
    deadlines = Deadlines()
    running = execute(PlanRun(PROGRAM, {}), FakeSubgraphs(answers).send, deadline=after(NEVER), deadlines=deadlines)
    await asyncio.wait([asyncio.ensure_future(running)])
    watched = len(deadlines._running)
    deadlines.close()
    assert watched == 0
