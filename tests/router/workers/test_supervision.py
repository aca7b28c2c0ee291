"""Which workers are started when; time passes only when a test says so."""

from router.supervision import (
    FAILED_STARTS,
    FIRST_PAUSE_SECONDS,
    LONG_SECONDS,
    LONGEST_PAUSE_SECONDS,
    Supervision,
)


def serving(count: int) -> Supervision:
    """Workers that have all started at the moment 0 and serve."""
    group = Supervision(count, now=0.0)
    assert group.take_due(0.0) == [0]
    group.ready(0, 0.0)
    for number in group.take_due(0.0):
        group.ready(number, 0.0)
    return group


def test_the_first_worker_starts_alone() -> None:
    group = Supervision(3, now=0.0)
    assert group.take_due(0.0) == [0]
    assert group.take_due(100.0) == []
    assert group.seconds_until_due(100.0) is None


def test_the_others_start_when_it_serves() -> None:
    group = Supervision(3, now=0.0)
    group.take_due(0.0)
    group.ready(0, 1.0)
    assert group.take_due(1.0) == [1, 2]


def test_a_first_worker_that_cannot_serve_is_the_end() -> None:
    group = Supervision(3, now=0.0)
    group.take_due(0.0)
    group.ended(0, 0.5)
    assert group.given_up
    assert group.take_due(100.0) == []


def test_a_worker_that_ends_is_started_at_once() -> None:
    group = serving(2)
    group.ended(1, 5.0)
    assert not group.given_up
    assert group.take_due(5.0) == [1]


def test_one_that_ends_again_and_again_waits_longer_each_time() -> None:
    group, now, pauses = serving(2), 0.0, []
    for _ in range(10):
        group.ended(1, now)
        pause = group.seconds_until_due(now)
        assert pause is not None
        pauses.append(pause)
        now += pause
        assert group.take_due(now) == [1]
    first = [0.0, FIRST_PAUSE_SECONDS, 2 * FIRST_PAUSE_SECONDS, 4 * FIRST_PAUSE_SECONDS]
    assert (pauses[:4], pauses[-1]) == (first, LONGEST_PAUSE_SECONDS)


def test_a_pause_is_not_cut_short() -> None:
    group = serving(2)
    group.ended(1, 0.0)
    group.take_due(0.0)
    group.ended(1, 0.0)
    assert group.take_due(FIRST_PAUSE_SECONDS - 0.1) == []
    assert group.take_due(FIRST_PAUSE_SECONDS) == [1]


def test_one_that_was_well_for_long_starts_at_once_again() -> None:
    group = serving(2)
    group.ended(1, 0.0)
    group.take_due(0.0)
    group.ended(1, LONG_SECONDS)
    assert group.take_due(LONG_SECONDS) == [1]


def test_while_others_serve_one_that_cannot_start_is_tried_for_ever() -> None:
    group, now = serving(2), 0.0
    for _ in range(50):
        group.ended(1, now)
        now += group.seconds_until_due(now) or 0.0
        assert group.take_due(now) == [1]
    assert not group.given_up


def test_if_nobody_serves_and_no_start_succeeds_that_is_the_end() -> None:
    group, now = serving(1), 0.0
    group.ended(0, now)
    for _ in range(FAILED_STARTS):
        assert not group.given_up
        now += group.seconds_until_due(now) or 0.0
        assert group.take_due(now) == [0]
        group.ended(0, now)
    assert group.given_up


def test_a_start_that_succeeds_makes_failed_ones_forgotten() -> None:
    group, now = serving(1), 0.0
    for _ in range(3 * FAILED_STARTS):
        group.ended(0, now)
        now += group.seconds_until_due(now) or 0.0
        group.take_due(now)
        group.ready(0, now)
    assert not group.given_up


def test_after_a_stop_nobody_is_started() -> None:
    group = serving(2)
    group.ended(0, 0.0)
    group.stop()
    group.ended(1, 0.0)
    assert group.take_due(1000.0) == []
    assert not group.given_up


def test_one_that_gets_ready_after_a_stop_brings_nobody_along() -> None:
    group = Supervision(2, now=0.0)
    group.take_due(0.0)
    group.stop()
    group.ready(0, 0.0)
    assert group.take_due(1.0) == []
