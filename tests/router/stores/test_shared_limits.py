"""Limits that processes share: they decide as one process does, and nobody stands in the way of the others."""

import os
import signal
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.stores.limits import Algorithm, Charge, Rule
from router.stores.memory_limits import MemoryLimitStore
from router.stores.shared_limits import SharedLimitStore
from router.stores.shared_memory import GROUP, SharedCounters
from tests.fake_clock import FakeClock

MEGABYTE = 1 << 20
DAY = 86_400.0


def rule(algorithm: Algorithm, capacity: int = 5, interval_seconds: float = 8.0, name: str = "r") -> Rule:
    return Rule(name=name, algorithm=algorithm, capacity=capacity, interval_seconds=interval_seconds)


def shared_store(clock: FakeClock, counters: SharedCounters | None = None, *, max_keys: int = 100) -> SharedLimitStore:
    return SharedLimitStore(counters or SharedCounters.create(MEGABYTE), clock=clock, max_keys=max_keys)


# Eighths of seconds, which floats hold exactly.
steps = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=24),
        st.lists(
            st.tuples(st.sampled_from(Algorithm), st.sampled_from("abc"), st.integers(min_value=1, max_value=6)),
            min_size=1,
            max_size=3,
            unique_by=lambda asked: asked[:2],  # a request has no two charges to one counter
        ),
    ),
    max_size=40,
)


@given(steps=steps)
def test_two_processes_decide_as_one_does(steps: list[tuple[int, list[tuple[Algorithm, str, int]]]]) -> None:
    clock, counters = FakeClock(0.0), SharedCounters.create(MEGABYTE)
    counters.wall_offset = 0.0
    alone = MemoryLimitStore(now=clock)
    both = [shared_store(clock, counters), shared_store(clock, counters)]
    for number, (wait, asked) in enumerate(steps):
        clock.advance(wait / 8)
        charges = [Charge(rule(algorithm, name=algorithm), key, cost) for algorithm, key, cost in asked]
        assert both[number % 2].take_now(charges) == alone.take_now(charges)


async def test_keys_beyond_the_limit_make_the_least_recently_used_ones_leave() -> None:
    clock = FakeClock()
    store = shared_store(clock, max_keys=GROUP // 2)  # one group
    once = rule(Algorithm.FIXED_WINDOW, 1, DAY)

    async def passes(key: str) -> bool:
        clock.advance(0.001)
        (decision,) = await store.take([Charge(once, key)])
        return decision.allowed

    assert [await passes(str(number)) for number in range(GROUP)] == [True] * GROUP
    assert not await passes("0")
    assert await passes("one more")
    assert not await passes("0")
    assert await passes("1")
    await store.close()


def test_a_key_that_takes_a_place_begins_anew() -> None:
    clock = FakeClock()
    store = shared_store(clock, max_keys=1)
    window = rule(Algorithm.SLIDING_WINDOW, 2, DAY)
    for number in range(5 * GROUP):
        clock.advance(0.001)
        assert store.take_now([Charge(window, str(number), 2)])[0].allowed


def test_a_rule_that_changes_counts_anew_and_one_that_does_not_goes_on() -> None:
    clock, counters = FakeClock(), SharedCounters.create(MEGABYTE)
    changed, kept = rule(Algorithm.TOKEN_BUCKET, name="changed"), rule(Algorithm.TOKEN_BUCKET, name="kept")
    shared_store(clock, counters).take_now([Charge(changed, "k", 5), Charge(kept, "k", 5)])
    changed = rule(Algorithm.TOKEN_BUCKET, capacity=6, name="changed")
    first, second = shared_store(clock, counters).take_now([Charge(changed, "k", 1), Charge(kept, "k", 1)])
    assert (first.allowed, second.allowed) == (True, False)


def test_a_rule_without_room_is_counted_by_each_process(caplog: pytest.LogCaptureFixture) -> None:
    clock, counters = FakeClock(), SharedCounters.create(128 * 1024)
    large = rule(Algorithm.SLIDING_WINDOW, capacity=10_000, interval_seconds=DAY)
    first, second = shared_store(clock, counters), shared_store(clock, counters)
    decisions = [store.take_now([Charge(large, "k", 6000)])[0].allowed for store in (first, first, second)]
    assert decisions == [True, False, True]
    assert {record.message for record in caplog.records} == {
        "no memory to share this rate limit, each worker counts alone"
    }


def forked(count: int, work: Callable[[int], object]) -> list[int]:
    """Processes that do some work and end."""
    children = []
    for number in range(count):
        child = os.fork()
        if child == 0:
            try:
                work(number)
            finally:
                os._exit(0)
        children.append(child)
    return children


def passed_by(store: SharedLimitStore, charged: Rule, calls: int) -> int:
    return sum(store.take_now([Charge(charged, "k")])[0].allowed for _ in range(calls))


@pytest.mark.parametrize("algorithm", Algorithm)
def test_of_four_processes_exactly_the_capacity_passes(algorithm: Algorithm) -> None:
    counters = SharedCounters.create()
    charged = rule(algorithm, capacity=1000, interval_seconds=1000 * DAY)
    end, counted = os.pipe()

    def work(_number: int) -> None:
        passed = passed_by(SharedLimitStore(counters, clock=time.monotonic), charged, 1000)
        os.write(counted, passed.to_bytes(4, "big"))

    for child in forked(4, work):
        os.waitpid(child, 0)
    passed = [int.from_bytes(os.read(end, 4), "big") for _ in range(4)]
    os.close(end)
    os.close(counted)
    assert sum(passed) == 1000


def test_a_process_that_dies_with_the_lock_gives_it_back() -> None:
    counters = SharedCounters.create()
    end, holding = os.pipe()

    def work(_number: int) -> None:
        counters.acquire()
        os.write(holding, b"!")
        signal.pause()

    (child,) = forked(1, work)
    os.read(end, 1)
    os.kill(child, signal.SIGKILL)
    store = SharedLimitStore(counters, clock=time.monotonic)
    (decision,) = store.take_now([Charge(rule(Algorithm.TOKEN_BUCKET), "k")])
    os.waitpid(child, 0)
    os.close(end)
    os.close(holding)
    assert decision.allowed
