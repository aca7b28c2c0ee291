"""What holds wherever limits are counted: in memory, in memory that workers share, and on a server."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from router.stores.calendar_windows import LONGEST_SECONDS, Calendar, Period
from router.stores.limits import Algorithm, Charge, Rule
from tests.limit_stores import PLACES, Counting, Place
from tests.redis_server import RedisServer

YEAR = 366 * 86_400.0


def quota(period: Period, capacity: int = 20, timezone: str = "UTC") -> Rule:
    return Rule(
        name="quota",
        algorithm=Algorithm.FIXED_WINDOW,
        capacity=capacity,
        interval_seconds=LONGEST_SECONDS[period],
        calendar=Calendar(period, timezone),
    )


# A year, so that no window ends while a test runs but at New Year; a bucket refills next to nothing meanwhile.
RULES: dict[str, Rule] = {
    **{str(each): Rule(name=each, algorithm=each, capacity=20, interval_seconds=YEAR) for each in Algorithm},
    "day": quota(Period.DAY),
    "month": quota(Period.MONTH),
}
each_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
each_window = pytest.mark.parametrize("rule", [rule for name, rule in RULES.items() if name != "token_bucket"])
DAY, MONTH = RULES["day"], RULES["month"]


@pytest.fixture(params=PLACES)
async def counting(request: pytest.FixtureRequest, server: RedisServer) -> AsyncIterator[Counting]:
    place: Place = request.param
    async with AsyncExitStack() as stack:
        yield Counting(place, server.url, stack)


@each_rule
async def test_exactly_the_capacity_passes_and_each_decision_tells_the_rest(counting: Counting, rule: Rule) -> None:
    assert (await counting.spend(rule, 3)).remaining == 17
    assert await counting.passes(rule, 30) == 17
    refused = await counting.spend(rule)
    assert (refused.allowed, refused.remaining) == (False, 0)
    assert refused.retry_after_seconds > 0


@each_rule
async def test_what_is_given_back_can_be_spent_again(counting: Counting, rule: Rule) -> None:
    spent = await counting.spend(rule, 15)
    await counting.give_back(rule, 10, spent.at)
    assert await counting.passes(rule, 30) == 15


@each_rule
async def test_no_more_is_given_back_than_was_spent(counting: Counting, rule: Rule) -> None:
    spent = await counting.spend(rule, 5)
    await counting.give_back(rule, 19, spent.at)
    assert await counting.passes(rule, 30) == 20


@each_window
async def test_a_window_that_began_later_gets_nothing_back(counting: Counting, rule: Rule) -> None:
    spent = await counting.spend(rule, 15)
    await counting.give_back(rule, 10, spent.at - 2.5 * rule.interval_seconds)
    assert await counting.passes(rule, 30) == 5


@each_rule
async def test_a_key_that_nobody_knows_gets_nothing_back(counting: Counting, rule: Rule) -> None:
    other = replace(rule, name="other")
    spent = await counting.spend(rule)
    await counting.give_back(other, 10, spent.at)
    assert await counting.passes(other, 30) == 20


@each_rule
async def test_a_limit_that_is_only_measured_refuses_nobody(counting: Counting, rule: Rule) -> None:
    tried = replace(rule, name="tried", capacity=2)
    decisions = [await counting.take(Charge(rule, "k"), Charge(tried, "k", measured=True)) for _ in range(5)]
    assert [decision.allowed for decision, _ in decisions] == [True] * 5
    assert [decision.allowed for _, decision in decisions] == [True, True, False, False, False]
    assert [decision.remaining for decision, _ in decisions] == [19, 18, 17, 16, 15]


@each_rule
async def test_a_limit_that_is_measured_counts_only_what_passes(counting: Counting, rule: Rule) -> None:
    tight = replace(rule, name="tight", capacity=1)
    for _ in range(5):
        _, measured = await counting.take(Charge(tight, "k"), Charge(rule, "k", measured=True))
    assert measured.remaining == 19


@each_rule
async def test_a_charge_of_nothing_passes_and_spends_nothing(counting: Counting, rule: Rule) -> None:
    decision = await counting.spend(rule, 0)
    assert (decision.allowed, decision.remaining) == (True, 20)


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Kolkata"])
async def test_a_quota_ends_at_midnight(counting: Counting, timezone: str) -> None:
    daily = quota(Period.DAY, timezone=timezone)
    decision = await counting.spend(daily)
    _, end = Calendar(Period.DAY, timezone).window(decision.at)
    assert decision.at + decision.reset_seconds == pytest.approx(end, abs=0.01)


async def test_a_spent_quota_says_to_come_back_when_the_month_is_over(counting: Counting) -> None:
    await counting.spend(MONTH, 20)
    refused = await counting.spend(MONTH)
    assert refused.retry_after_seconds == refused.reset_seconds
    _, end = Calendar(Period.MONTH).window(refused.at)
    assert refused.at + refused.reset_seconds == pytest.approx(end, abs=0.01)
