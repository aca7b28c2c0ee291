"""What the four ways to count promise, whatever calls come when."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from router.stores.limits import Algorithm, Charge, Refund, Rule
from router.stores.memory_limits import MemoryLimitStore
from tests.fake_clock import FakeClock

CAPACITY = 5
INTERVAL = 8

# Eighths of seconds, which floats hold exactly.
pauses = st.lists(st.integers(min_value=0, max_value=24), max_size=60)


def passed_at(algorithm: Algorithm, waits: list[int]) -> list[float]:
    """When calls were let through that came after these pauses."""
    clock = FakeClock(0.0)
    store = MemoryLimitStore(now=clock)
    rule = Rule(name="r", algorithm=algorithm, capacity=CAPACITY, interval_seconds=INTERVAL)
    passed = []
    for wait in waits:
        clock.advance(wait / 8)
        (decision,) = store.take_now([Charge(rule, "k")])
        if decision.allowed:
            passed.append(clock.now)
    return passed


def most_within(moments: list[float], seconds: float) -> int:
    """The most moments in any window that is open at its end."""
    return max((sum(start <= moment < start + seconds for moment in moments) for start in moments), default=0)


@given(waits=pauses)
def test_a_sliding_window_never_lets_more_than_its_capacity_pass_in_any_interval(waits: list[int]) -> None:
    assert most_within(passed_at(Algorithm.SLIDING_WINDOW, waits), INTERVAL) <= CAPACITY


@given(waits=pauses)
def test_a_fixed_window_never_lets_more_than_twice_its_capacity_pass(waits: list[int]) -> None:
    assert most_within(passed_at(Algorithm.FIXED_WINDOW, waits), INTERVAL) <= 2 * CAPACITY


@given(
    waits=pauses,
    seconds=st.integers(min_value=1, max_value=40),
    algorithm=st.sampled_from([Algorithm.TOKEN_BUCKET, Algorithm.SLIDING_WINDOW_COUNTER]),
)
def test_never_does_more_than_a_burst_and_the_refill_pass(waits: list[int], seconds: int, algorithm: Algorithm) -> None:
    passed = most_within(passed_at(algorithm, waits), seconds)
    assert passed <= CAPACITY + CAPACITY / INTERVAL * seconds


@given(waits=pauses)
def test_a_sliding_window_counter_never_lets_more_than_its_capacity_pass_in_an_interval_of_the_clock(
    waits: list[int],
) -> None:
    passed = passed_at(Algorithm.SLIDING_WINDOW_COUNTER, waits)
    assert max(Counter(moment // INTERVAL for moment in passed).values(), default=0) <= CAPACITY


@given(waits=pauses, algorithm=st.sampled_from(Algorithm), kept=st.integers(min_value=0, max_value=3))
def test_what_is_given_back_at_once_was_never_spent(waits: list[int], algorithm: Algorithm, kept: int) -> None:
    clock, rule = FakeClock(0.0), Rule(name="r", algorithm=algorithm, capacity=CAPACITY, interval_seconds=INTERVAL)
    cautious, exact = MemoryLimitStore(now=clock), MemoryLimitStore(now=clock)
    for wait in waits:
        clock.advance(wait / 8)
        (first,) = cautious.take_now([Charge(rule, "k", 3)])
        if first.allowed:
            exact.take_now([Charge(rule, "k", kept)])
            cautious.give_back([Refund(rule=rule, key="k", units=3 - kept, at=first.at)])
        looked = [store.take_now([Charge(rule, "k", 0)])[0].remaining for store in (cautious, exact)]
        assert looked[0] == looked[1]


@given(waits=pauses, algorithm=st.sampled_from(Algorithm))
def test_a_refused_call_passes_when_it_was_told_to_come_back(waits: list[int], algorithm: Algorithm) -> None:
    clock = FakeClock(0.0)
    store = MemoryLimitStore(now=clock)
    charge = Charge(Rule(name="r", algorithm=algorithm, capacity=CAPACITY, interval_seconds=INTERVAL), "k")
    for wait in waits:
        clock.advance(wait / 8)
        (decision,) = store.take_now([charge])
        if not decision.allowed:
            clock.advance(decision.retry_after_seconds)
            (again,) = store.take_now([charge])
            assert again.allowed
