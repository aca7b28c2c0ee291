"""Counting in memory, with a clock that stands still."""

import pytest

from router.stores.calendar_windows import Calendar, Period
from router.stores.limits import Algorithm, Charge, Decision, Rule
from router.stores.memory_limits import MemoryLimitStore
from tests.fake_clock import FakeClock


def rule(algorithm: Algorithm, capacity: int, interval_seconds: float, name: str = "r") -> Rule:
    return Rule(name=name, algorithm=algorithm, capacity=capacity, interval_seconds=interval_seconds)


BUCKET = rule(Algorithm.TOKEN_BUCKET, 20, 2.0)
SLIDING = rule(Algorithm.SLIDING_WINDOW, 100, 60.0)
COUNTER = rule(Algorithm.SLIDING_WINDOW_COUNTER, 100, 60.0)
FIXED = rule(Algorithm.FIXED_WINDOW, 100, 60.0)


class Limiter:
    """A store with one rule and one key."""

    def __init__(self, charged: Rule) -> None:
        # The beginning of a minute, so that fixed windows begin here.
        self.clock = FakeClock(1_700_000_040.0)
        self._rule = charged
        self._store = MemoryLimitStore(now=self.clock)

    def take(self, cost: int = 1) -> Decision:
        (decision,) = self._store.take_now([Charge(self._rule, "k", cost)])
        return decision

    def passes(self, calls: int) -> int:
        return sum(self.take().allowed for _ in range(calls))


def test_a_token_bucket_lets_a_burst_pass_and_then_one_call_each_tenth_of_a_second() -> None:
    limiter = Limiter(BUCKET)
    assert limiter.passes(21) == 20
    for _ in range(50):
        limiter.clock.advance(0.1)
        assert limiter.passes(2) == 1


def test_a_token_bucket_fills_no_higher_than_its_capacity() -> None:
    limiter = Limiter(BUCKET)
    limiter.clock.advance(3600)
    assert limiter.passes(50) == 20


def test_a_refused_call_on_a_bucket_says_when_it_would_pass() -> None:
    limiter = Limiter(BUCKET)
    limiter.passes(20)
    refused = limiter.take(5)
    assert refused.retry_after_seconds == pytest.approx(0.5)
    assert refused.reset_seconds == pytest.approx(2.0)
    limiter.clock.advance(refused.retry_after_seconds)
    assert limiter.take(5).allowed


def test_a_clock_that_runs_backwards_takes_no_tokens_away() -> None:
    limiter = Limiter(BUCKET)
    limiter.passes(10)
    limiter.clock.advance(-100)
    assert limiter.passes(20) == 10


def test_a_sliding_window_has_no_double_burst_at_its_edge() -> None:
    limiter = Limiter(SLIDING)
    limiter.clock.advance(59)
    assert limiter.passes(150) == 100
    limiter.clock.advance(2)
    assert limiter.passes(150) == 0
    limiter.clock.advance(58)
    assert limiter.passes(150) == 100


def test_a_refused_call_on_a_window_may_come_back_when_the_oldest_entry_leaves() -> None:
    limiter = Limiter(SLIDING)
    limiter.take()
    limiter.clock.advance(10)
    limiter.passes(99)
    refused = limiter.take()
    assert refused.retry_after_seconds == pytest.approx(50)
    assert limiter.take(2).retry_after_seconds == pytest.approx(60)
    limiter.clock.advance(50)
    assert limiter.passes(2) == 1


def test_refused_calls_do_not_stay_in_the_window() -> None:
    limiter = Limiter(SLIDING)
    limiter.passes(100)
    for _ in range(59):
        limiter.clock.advance(1)
        assert limiter.passes(10) == 0
    limiter.clock.advance(1)
    assert limiter.passes(150) == 100


def test_a_sliding_window_counter_lets_as_much_pass_as_has_left_of_the_window_before() -> None:
    limiter = Limiter(COUNTER)
    limiter.clock.advance(30)
    assert limiter.passes(150) == 100
    limiter.clock.advance(30)
    assert limiter.passes(150) == 0  # a new window, and all of the one before counts
    limiter.clock.advance(15)
    assert limiter.passes(150) == 25
    limiter.clock.advance(30)
    assert limiter.passes(150) == 50
    limiter.clock.advance(75)
    assert limiter.passes(150) == 100  # two windows later nothing is left


def test_a_refused_call_on_a_counter_comes_back_when_enough_of_the_window_before_has_left() -> None:
    limiter = Limiter(COUNTER)
    limiter.passes(100)
    limiter.clock.advance(60)
    assert limiter.take(10).retry_after_seconds == pytest.approx(6)
    limiter.clock.advance(6)
    assert limiter.passes(20) == 10


def test_a_refused_call_on_a_full_counter_comes_back_in_the_next_window() -> None:
    limiter = Limiter(COUNTER)
    limiter.clock.advance(10)
    limiter.passes(100)
    assert limiter.take(10).retry_after_seconds == pytest.approx(50 + 6)


def test_a_daily_quota_starts_anew_at_midnight() -> None:
    clock = FakeClock(1_700_006_399.0)  # one second before the 15th of November 2023
    store = MemoryLimitStore(now=clock)
    daily = Rule(
        name="q",
        algorithm=Algorithm.FIXED_WINDOW,
        capacity=5,
        interval_seconds=86_400,
        calendar=Calendar(Period.DAY),
    )
    passes = [store.take_now([Charge(daily, "k")])[0] for _ in range(6)]
    assert [decision.allowed for decision in passes] == [True] * 5 + [False]
    assert passes[-1].retry_after_seconds == pytest.approx(1)
    clock.advance(1)
    assert store.take_now([Charge(daily, "k", 5)])[0].allowed


def test_a_fixed_window_starts_anew_at_its_boundary() -> None:
    limiter = Limiter(FIXED)
    limiter.clock.advance(50)
    assert limiter.passes(150) == 100
    assert limiter.take().retry_after_seconds == pytest.approx(10)
    limiter.clock.advance(10)
    assert limiter.passes(150) == 100


@pytest.mark.parametrize("charged", [BUCKET, SLIDING, COUNTER, FIXED], ids=lambda each: each.algorithm)
def test_what_remains_is_told_with_every_decision(charged: Rule) -> None:
    limiter = Limiter(charged)
    assert limiter.take().remaining == charged.capacity - 1
    assert limiter.take(3).remaining == charged.capacity - 4


@pytest.mark.parametrize("charged", [BUCKET, SLIDING, COUNTER, FIXED], ids=lambda each: each.algorithm)
def test_a_charge_beyond_the_capacity_never_passes(charged: Rule) -> None:
    limiter = Limiter(charged)
    decision = limiter.take(charged.capacity + 1)
    assert not decision.allowed
    assert decision.retry_after_seconds == charged.interval_seconds
    assert limiter.take(charged.capacity).allowed


def test_if_one_limit_refuses_none_is_charged() -> None:
    store = MemoryLimitStore(now=FakeClock())
    tight, wide = rule(Algorithm.TOKEN_BUCKET, 1, 60, "tight"), rule(Algorithm.SLIDING_WINDOW, 5, 60, "wide")
    charges = [Charge(tight, "k"), Charge(wide, "k")]
    store.take_now(charges)
    refused = [store.take_now(charges) for _ in range(10)]
    assert [decision.allowed for decision in refused[-1]] == [False, True]
    assert refused[-1][1].remaining == 4


def test_keys_are_counted_apart() -> None:
    store = MemoryLimitStore(now=FakeClock())
    once = rule(Algorithm.FIXED_WINDOW, 1, 60)
    assert [store.take_now([Charge(once, key)])[0].allowed for key in ("a", "b", "a")] == [True, True, False]


async def test_the_least_recently_used_key_is_forgotten() -> None:
    store = MemoryLimitStore(now=FakeClock(), max_keys=2)
    once = rule(Algorithm.FIXED_WINDOW, 1, 60)
    passes = [(await store.take([Charge(once, key)]))[0].allowed for key in ("a", "b", "a", "c", "a", "b")]
    assert passes == [True, True, False, True, False, True]
