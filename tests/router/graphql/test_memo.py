import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from router.graphql.memo import Memo


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield pool


class Remembering(Memo[str, str]):
    """A memo of one function."""

    def __init__(self, compute: Callable[[str], str], executor: ThreadPoolExecutor, limit: int, clock: Clock) -> None:
        super().__init__(executor=executor, limit=limit, failure_seconds=30.0, clock=clock)
        self.compute = compute

    async def of(self, key: str) -> str:
        return await self.get(key, partial(self.compute, key))


def make_memo(
    compute: Callable[[str], str], executor: ThreadPoolExecutor, *, limit: int = 10, clock: Clock | None = None
) -> Remembering:
    return Remembering(compute, executor, limit, clock or Clock())


async def test_a_value_is_computed_once(executor: ThreadPoolExecutor) -> None:
    calls: list[str] = []

    def compute(key: str) -> str:
        calls.append(key)
        return key.upper()

    memo = make_memo(compute, executor)
    assert [await memo.of("a"), await memo.of("a")] == ["A", "A"]
    assert calls == ["a"]


async def test_what_was_never_asked_for_is_not_at_hand(executor: ThreadPoolExecutor) -> None:
    memo = make_memo(str.upper, executor)
    assert memo.peek("a") is None
    await memo.of("a")
    assert memo.peek("a") == "A"


async def test_equal_keys_in_flight_share_one_run(executor: ThreadPoolExecutor) -> None:
    calls: list[str] = []
    go = threading.Event()

    def compute(key: str) -> str:
        calls.append(key)
        go.wait(timeout=5)
        return key.upper()

    memo = make_memo(compute, executor)
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(memo.of("a")) for _ in range(3)]
        await asyncio.sleep(0)
        go.set()
    assert [task.result() for task in waiting] == ["A", "A", "A"]
    assert calls == ["a"]


async def test_a_cancelled_waiter_does_not_cancel_the_others(executor: ThreadPoolExecutor) -> None:
    go = threading.Event()

    def compute(key: str) -> str:
        go.wait(timeout=5)
        return key.upper()

    memo = make_memo(compute, executor)
    async with asyncio.TaskGroup() as tasks:
        leader = tasks.create_task(memo.of("a"))
        follower = tasks.create_task(memo.of("a"))
        await asyncio.sleep(0)
        leader.cancel()
        go.set()
    assert leader.cancelled()
    assert follower.result() == "A"


async def test_the_least_recently_used_value_makes_room(executor: ThreadPoolExecutor) -> None:
    memo = make_memo(str.upper, executor, limit=2)
    await memo.of("a")
    await memo.of("b")
    memo.peek("a")
    await memo.of("c")
    assert (memo.peek("a"), memo.peek("b"), memo.peek("c")) == ("A", None, "C")


async def test_a_failure_is_remembered_for_a_while(executor: ThreadPoolExecutor) -> None:
    calls: list[str] = []

    def compute(key: str) -> str:
        calls.append(key)
        raise ValueError(key)

    clock = Clock()
    memo = make_memo(compute, executor, clock=clock)
    with pytest.raises(ValueError, match="a"):
        await memo.of("a")
    clock.now = 29.0
    with pytest.raises(ValueError, match="a"):
        await memo.of("a")
    assert calls == ["a"]
    clock.now = 31.0
    with pytest.raises(ValueError, match="a"):
        await memo.of("a")
    assert calls == ["a", "a"]


async def test_the_most_used_keys_are_known(executor: ThreadPoolExecutor) -> None:
    memo = make_memo(str.upper, executor)
    for key in ("a", "b", "c", "b", "c", "c", "d"):
        await memo.of(key)
    assert memo.most_used(2) == ["c", "b"]


async def test_of_keys_that_were_used_as_often_the_last_one_comes_first(executor: ThreadPoolExecutor) -> None:
    memo = make_memo(str.upper, executor)
    for key in ("a", "b", "a", "b"):
        await memo.of(key)
    assert memo.most_used(10) == ["b", "a"]


async def test_what_made_room_is_not_among_the_most_used(executor: ThreadPoolExecutor) -> None:
    memo = make_memo(str.upper, executor, limit=1)
    for key in ("a", "a", "b"):
        await memo.of(key)
    assert memo.most_used(10) == ["b"]
