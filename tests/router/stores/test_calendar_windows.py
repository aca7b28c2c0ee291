"""Days and months, wherever clocks are put forward and back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.stores.calendar_windows import LONGEST_SECONDS, Calendar, Period

HOUR = 3600.0


def at(text: str, timezone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone)).timestamp()


@pytest.mark.parametrize(
    ("period", "moment", "start", "end"),
    [
        (Period.DAY, "2026-03-01T00:00", "2026-03-01", "2026-03-02"),
        (Period.DAY, "2026-02-28T23:59:59.999", "2026-02-28", "2026-03-01"),
        (Period.DAY, "2026-12-31T12:00", "2026-12-31", "2027-01-01"),
        (Period.MONTH, "2026-02-01T00:00", "2026-02-01", "2026-03-01"),
        (Period.MONTH, "2026-01-31T23:59:59", "2026-01-01", "2026-02-01"),
        (Period.MONTH, "2026-12-31T23:59:59", "2026-12-01", "2027-01-01"),
        (Period.MONTH, "2028-02-29T12:00", "2028-02-01", "2028-03-01"),
    ],
)
def test_a_window_is_a_day_or_a_month(period: Period, moment: str, start: str, end: str) -> None:
    assert Calendar(period).window(at(moment)) == (at(start), at(end))


def test_a_day_begins_where_its_people_live() -> None:
    berlin, kolkata = Calendar(Period.DAY, "Europe/Berlin"), Calendar(Period.DAY, "Asia/Kolkata")
    now = at("2026-07-01T20:00")
    assert berlin.window(now) == (at("2026-06-30T22:00"), at("2026-07-01T22:00"))
    assert kolkata.window(now) == (at("2026-07-01T18:30"), at("2026-07-02T18:30"))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_days_on_which_clocks_are_put_forward_or_back_are_shorter_or_longer(day: str, hours: int) -> None:
    start, end = Calendar(Period.DAY, "Europe/Berlin").window(at(f"{day}T12:00", "Europe/Berlin"))
    assert (end - start) / HOUR == hours


def test_a_midnight_that_clocks_skip_is_when_they_do() -> None:
    # In Cairo the 24th of April 2026 begins at one o'clock.
    start, _ = Calendar(Period.DAY, "Africa/Cairo").window(at("2026-04-24T12:00", "Africa/Cairo"))
    assert start == at("2026-04-23T22:00")


@given(
    moment=st.floats(min_value=1.0e9, max_value=2.5e9),
    period=st.sampled_from(Period),
    timezone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago"]),
)
def test_every_moment_is_in_its_window(moment: float, period: Period, timezone: str) -> None:
    start, end = Calendar(period, timezone).window(moment)
    assert start <= moment < end
    assert end - start <= LONGEST_SECONDS[period] + HOUR


@given(moment=st.floats(min_value=1.0e9, max_value=2.5e9), period=st.sampled_from(Period))
def test_windows_follow_each_other_without_a_gap(moment: float, period: Period) -> None:
    calendar = Calendar(period, "Australia/Lord_Howe")
    _, end = calendar.window(moment)
    assert calendar.window(end)[0] == end


def test_the_windows_around_a_moment_are_told_to_a_server_whose_clock_is_not_ours() -> None:
    starts = Calendar(Period.MONTH).starts(datetime(2026, 3, 15, tzinfo=UTC).timestamp())
    assert starts == (at("2026-02-01"), at("2026-03-01"), at("2026-04-01"), at("2026-05-01"))
