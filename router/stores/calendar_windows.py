"""Windows that end when a day or a month ends, somewhere on earth."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

_QUARTER_SECONDS = 900


class Period(StrEnum):
    """What a window of a calendar is."""

    DAY = "day"
    MONTH = "month"


LONGEST_SECONDS = {Period.DAY: 86_400.0, Period.MONTH: 31 * 86_400.0}
"""What is said of their length; days of 25 hours and months of 28 days are told by when they end."""


class Starts(NamedTuple):
    """Where the window before, the one of the moment, and the one after it begin, and where the last of them ends."""

    before: float
    current: float
    following: float
    end: float


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days or months of a time zone, by its name in the IANA database."""

    period: Period
    timezone: str = "UTC"

    def window(self, now: float) -> tuple[float, float]:
        """Beginning and end of the window that ``now`` is in, as seconds since 1970."""
        starts = self.starts(now)
        if now < starts.following:
            return starts.current, starts.following
        return starts.following, starts.end

    def starts(self, now: float) -> Starts:
        """The windows around ``now``, for a server whose clock is not ours; ``now`` is in the second or the third."""
        return _starts(self, int(now // _QUARTER_SECONDS))


@lru_cache(maxsize=64)
def _starts(calendar: Calendar, quarter: int) -> Starts:
    # A look into the database costs as much as a decision; so there is one for each quarter of an hour.
    zone = ZoneInfo(calendar.timezone)
    today = datetime.fromtimestamp(quarter * _QUARTER_SECONDS, zone).date()
    days = _days(today) if calendar.period is Period.DAY else _months(today)
    # A midnight that clocks skip is the moment at which they do.
    return Starts(*(datetime.combine(day, time(), zone).timestamp() for day in days))


def _days(today: date) -> list[date]:
    return [today + timedelta(days=number) for number in (-1, 0, 1, 2)]


def _months(today: date) -> list[date]:
    first = today.replace(day=1)
    months = [(first - timedelta(days=1)).replace(day=1), first]
    for _ in range(2):
        months.append((months[-1] + timedelta(days=31)).replace(day=1))
    return months
