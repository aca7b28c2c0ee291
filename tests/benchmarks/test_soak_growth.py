"""Whether memory grows: a straight line through many looks."""

import pytest

from benchmarks.soak import Sample, growth, judge


def test_memory_that_stays_does_not_grow() -> None:
    assert growth([(0, 90.0), (100, 90.0), (200, 90.0)]) == 0


def test_steady_growth_is_found_whole() -> None:
    assert growth([(number * 1000.0, 80 + number * 0.5) for number in range(11)]) == pytest.approx(5)


def test_what_goes_up_and_down_does_not_count_as_growth() -> None:
    assert abs(growth([(number, 90 + 4 * (number % 2)) for number in range(51)])) < 0.5


def test_memory_that_shrinks_grows_by_less_than_nothing() -> None:
    assert growth([(0, 95.0), (100, 94.0), (200, 93.0)]) == pytest.approx(-2)


def test_one_look_is_not_enough_to_see_growth() -> None:
    assert growth([(1000, 90.0)]) == 0


def looks(*megabytes: float, bad: int = 0) -> list[Sample]:
    nothing = (0, 0, 0, 0.0, 0.0)
    return [Sample(number * 100, rss_mb, nothing, 1000.0, bad) for number, rss_mb in enumerate(megabytes)]


def test_growth_beyond_the_bound_is_not_good() -> None:
    assert not judge(looks(80, 90, 100, 110), bound_mb=8)[1]


def test_caches_may_fill_in_the_first_half() -> None:
    assert judge(looks(80, 120, 121, 121), bound_mb=8)[1]


def test_a_bad_answer_is_not_good() -> None:
    assert not judge(looks(90, 90, bad=1), bound_mb=8)[1]
