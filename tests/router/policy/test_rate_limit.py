"""Whom a limit concerns, and what the caller is told."""

import pytest
from pydantic import ValidationError

from router.config.ratelimit import GlobalRateLimit, RateLimitSection
from router.errors import RateLimitedError
from router.identity.identity import Identity
from router.policy.rate_limit import RateLimit
from router.policy.rate_limit_rules import build_limits, tell_unknown_plans
from router.policy.request import Request
from router.stores.memory_limits import MemoryLimitStore
from tests.fake_clock import FakeClock
from tests.requests_in import request_in


class Limited:
    """The policy with a configuration, a clock, and what it reported."""

    def __init__(self, **section: object) -> None:
        self.clock = FakeClock(1_700_000_040.0)
        self.remaining: list[tuple[str, int]] = []
        self.would_reject: list[tuple[str, str, str]] = []
        self.policy = RateLimit(
            build_limits(RateLimitSection.model_validate(section)),
            MemoryLimitStore(now=self.clock),
            wall_clock=self.clock,
            on_remaining=lambda policy, remaining: self.remaining.append((policy, remaining)),
            on_would_reject=lambda *labels: self.would_reject.append(labels),
        )

    async def passes(self, request: Request) -> bool:
        try:
            await self.policy.on_request(request)
        except RateLimitedError:
            return False
        return True

    async def count(self, request: Request, calls: int) -> int:
        return sum([await self.passes(request) for _ in range(calls)])


def by(key: str, **options: object) -> Limited:
    policy = {"name": "p", "key": key, "algorithm": "sliding_window", **options}
    if "plans" not in options:
        policy = {"capacity": 2, "interval": "1m"} | policy
    return Limited(policies=[policy])


def caller(name: str, plan: str | None = None, **claims: object) -> Request:
    return request_in(identity=Identity(id=name, method="jwt", plan=plan, claims=claims))


async def test_the_global_limit_counts_all_requests_together() -> None:
    limited = Limited(**{"global": {"capacity": 3, "interval": "1m"}})
    assert await limited.count(caller("ada"), 2) == 2
    assert await limited.count(request_in("rest", peer_ip="198.51.100.1"), 2) == 1


async def test_a_refusal_says_when_to_come_back() -> None:
    limited = Limited(**{"global": {"capacity": 2, "interval": "1m"}})
    await limited.count(request_in(), 2)
    with pytest.raises(RateLimitedError) as refused:
        await limited.policy.on_request(request_in())
    assert (refused.value.status, refused.value.code) == (429, "RATE_LIMITED")
    assert refused.value.headers == {"Retry-After": "30"}


async def test_the_global_limit_can_refuse_with_503() -> None:
    limited = Limited(**{"global": {"capacity": 1, "interval": "1m"}, "reject_status": 503})
    await limited.count(request_in(), 1)
    with pytest.raises(RateLimitedError) as refused:
        await limited.policy.on_request(request_in())
    assert refused.value.status == 503


async def test_every_answer_tells_the_limit_and_what_is_left_of_it() -> None:
    limited = Limited(**{"global": {"capacity": 100, "interval": "1m"}})
    request = request_in()
    await limited.policy.on_request(request)
    assert dict(request.response_headers) == {
        "RateLimit-Policy": '"global";q=100;w=60',
        "RateLimit": '"global";r=99;t=1',
        "X-RateLimit-Limit": "100",
        "X-RateLimit-Remaining": "99",
        "X-RateLimit-Reset": "1700000041",
    }


async def test_of_several_limits_the_tightest_is_told() -> None:
    limited = Limited(
        **{"global": {"capacity": 100, "interval": "1m"}},
        policies=[{"name": "per-ip", "key": "client.ip", "algorithm": "fixed_window", "capacity": 5, "interval": "1m"}],
    )
    request = request_in()
    await limited.policy.on_request(request)
    assert request.response_headers["RateLimit"] == '"global";r=99;t=1, "per-ip";r=4;t=60'
    assert request.response_headers["X-RateLimit-Limit"] == "5"
    assert limited.remaining == [("global", 99), ("per-ip", 4)]


async def test_of_several_windows_all_are_told_and_the_tightest_answers() -> None:
    limited = Limited(
        policies=[
            {
                "name": "p",
                "key": "client.ip",
                "algorithm": "fixed_window",
                "windows": [{"capacity": 2, "interval": "1m"}, {"capacity": 3, "interval": "1h"}],
            }
        ]
    )
    request = request_in()
    await limited.policy.on_request(request)
    assert request.response_headers["RateLimit-Policy"] == '"p/1m";q=2;w=60, "p/1h";q=3;w=3600'
    assert request.response_headers["X-RateLimit-Limit"] == "2"
    assert await limited.count(request_in(), 5) == 1
    limited.clock.advance(60)
    assert await limited.count(request_in(), 5) == 1  # the hour is spent
    with pytest.raises(RateLimitedError) as refused:
        await limited.policy.on_request(request_in())
    assert str(refused.value) == "The rate limit p/1h allows 3 in 1h"
    limited.clock.advance(3600)
    assert await limited.count(request_in(), 5) == 2


async def test_a_burst_of_a_hundred_and_fifty_a_second() -> None:
    limited = by("route", algorithm="token_bucket", capacity=100, interval=None, refill="50/s")
    assert await limited.count(request_in(), 150) == 100
    limited.clock.advance(0.5)
    assert await limited.count(request_in(), 150) == 25


async def test_a_sliding_window_counter_can_be_configured() -> None:
    limited = by("route", algorithm="sliding_window_counter")
    assert await limited.count(request_in(), 5) == 2
    limited.clock.advance(50)  # ten seconds before the next window, and thirty into it
    limited.clock.advance(40)
    assert await limited.count(request_in(), 5) == 1


async def test_a_quota_is_refused_with_a_code_of_its_own_until_midnight() -> None:
    limited = by("consumer.id", capacity=None, interval=None, quota={"limit": 3, "period": "day"})
    assert await limited.count(caller("ada"), 5) == 3
    request = caller("ada")
    with pytest.raises(RateLimitedError) as refused:
        await limited.policy.on_request(request)
    assert (refused.value.status, refused.value.code) == (429, "QUOTA_EXCEEDED")
    # 22:14 UTC on the 14th of November.
    assert refused.value.headers == {"Retry-After": "6360"}
    assert str(refused.value) == "The quota p/day of 3 for each day ends 2023-11-15T00:00:00+00:00"
    assert request.response_headers["RateLimit"] == '"p/day";r=0;t=6360'
    assert request.response_headers["X-RateLimit-Reset"] == "1700006400"
    limited.clock.advance(6360)
    assert await limited.count(caller("ada"), 5) == 3


async def test_a_quota_of_a_month_ends_where_its_people_live() -> None:
    quota = {"limit": 1, "period": "month", "timezone": "America/New_York"}
    limited = by("consumer.id", capacity=None, interval=None, quota=quota)
    await limited.count(caller("ada"), 1)
    with pytest.raises(RateLimitedError, match="for each month ends 2023-12-01T00:00:00-05:00"):
        await limited.policy.on_request(caller("ada"))


async def test_the_limit_that_lasts_longest_is_the_one_that_refuses() -> None:
    limited = by("route", algorithm="fixed_window", capacity=2, interval="1m", quota={"limit": 2, "period": "day"})
    await limited.count(request_in(), 2)
    with pytest.raises(RateLimitedError) as refused:
        await limited.policy.on_request(request_in())
    assert refused.value.code == "QUOTA_EXCEEDED"


async def test_without_limits_nothing_is_told() -> None:
    request = request_in()
    await Limited().policy.on_request(request)
    assert not request.response_headers


async def test_callers_are_counted_apart() -> None:
    limited = by("consumer.id")
    assert await limited.count(caller("ada"), 5) == 2
    assert await limited.count(caller("bob"), 5) == 2
    assert await limited.count(request_in(), 5) == 5  # anonymous: has no such key


async def test_addresses_are_counted_apart() -> None:
    limited = by("client.ip", trusted_proxy_depth=1)
    assert await limited.count(request_in(headers={"x-forwarded-for": "6.6.6.6, 198.51.100.1"}), 5) == 2
    assert await limited.count(request_in(headers={"x-forwarded-for": "7.7.7.7, 198.51.100.1"}), 5) == 0
    assert await limited.count(request_in(headers={"x-forwarded-for": "198.51.100.2"}), 5) == 2


async def test_one_ipv6_customer_does_not_get_a_limit_for_each_address() -> None:
    limited = by("client.ip")
    assert await limited.count(request_in(peer_ip="2001:db8::1"), 2) == 2
    assert await limited.count(request_in(peer_ip="2001:db8::2"), 2) == 0


async def test_routes_headers_and_claims_can_be_keys() -> None:
    assert await by("route").count(request_in("rest"), 5) == 2
    by_header = by("header.x-tenant")
    assert await by_header.count(request_in(headers={"X-Tenant": "a"}), 5) == 2
    assert await by_header.count(request_in(headers={"X-Tenant": "b"}), 5) == 2
    assert await by_header.count(request_in(), 5) == 5
    assert await by("claims.org").count(caller("ada", org=7), 5) == 2


async def test_long_keys_are_told_apart() -> None:
    limited = by("header.x-tenant")
    assert await limited.count(request_in(headers={"X-Tenant": "a" * 500 + "1"}), 5) == 2
    assert await limited.count(request_in(headers={"X-Tenant": "a" * 500 + "2"}), 5) == 2


@pytest.mark.parametrize(
    ("when", "anonymous", "known"), [("anonymous", 2, 5), ("authenticated", 5, 2), ("always", 2, 0)]
)
async def test_a_limit_can_concern_some_callers_only(when: str, anonymous: int, known: int) -> None:
    limited = by("route", when=when)
    assert await limited.count(request_in(), 5) == anonymous
    assert await limited.count(caller("ada"), 5) == known


@pytest.mark.parametrize(("plan", "passing"), [("free", 1), ("pro", 3), ("unknown", 1), (None, 1)])
async def test_the_plan_of_the_caller_picks_the_limit(plan: str | None, passing: int) -> None:
    plans = {"free": {"capacity": 1, "interval": "1m"}, "pro": {"capacity": 3, "interval": "1m"}}
    assert await by("consumer.id", plans=plans).count(caller("ada", plan), 10) == passing


PLANS: dict[str, object] = {"free": {"capacity": 1, "interval": "1m"}, "pro": {"capacity": 3, "interval": "1m"}}


async def test_an_unknown_plan_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    limited = by("consumer.id", plans=PLANS)
    for name in ("ada", "bob", "cy"):
        await limited.count(caller(name, "golden"), 2)
    await limited.count(caller("dee", "pro"), 1)
    await limited.count(caller("eve"), 1)
    (record,) = caplog.records
    assert record.message == "a usage plan is not listed, its callers get the plan free"
    assert (vars(record)["plan"], vars(record)["limit"]) == ("golden", "p")


async def test_made_up_plans_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    limited = by("consumer.id", plans=PLANS)
    for number in range(300):
        await limited.count(caller("ada", f"plan-{number}"), 1)
    assert len(caplog.records) == 100


def test_plans_that_callers_are_known_to_be_on_are_checked_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    policies = [
        {"name": "p", "key": "route", "plans": PLANS},
        {"name": "q", "key": "route", "capacity": 1, "interval": "1s"},
    ]
    tell_unknown_plans(RateLimitSection.model_validate({"policies": policies}), frozenset({"pro", "golden"}))
    assert [(vars(record)["limit"], vars(record)["plan"]) for record in caplog.records] == [("p", "golden")]


async def test_a_policy_that_measures_refuses_nobody_and_tells_nobody() -> None:
    limited = by("route", mode="measure")
    request = caller("ada")
    assert await limited.count(request, 5) == 5
    assert not request.response_headers
    assert limited.would_reject == [("rate_limit.p", "graphql", "ada")] * 3
    assert limited.remaining[-1] == ("p", 0)


async def test_a_policy_that_measures_does_not_hide_one_that_enforces() -> None:
    policies = [
        {"name": name, "key": "route", "capacity": capacity, "interval": "1m", "mode": mode}
        for name, capacity, mode in (("tried", 1, "measure"), ("kept", 3, "enforce"))
    ]
    limited = Limited(policies=policies)
    assert await limited.count(request_in(), 5) == 3
    assert len(limited.would_reject) == 2  # what was refused by the other is not counted


async def test_a_policy_that_is_off_does_not_count() -> None:
    limited = by("route", mode="off")
    assert await limited.count(request_in(), 5) == 5
    assert limited.remaining == []


def test_the_global_limit_has_two_names() -> None:
    limit = GlobalRateLimit(capacity=5, interval=60.0)
    (alone,) = build_limits(RateLimitSection(), alias=limit)
    assert alone.name == "global"
    assert len(build_limits(RateLimitSection.model_validate({"global": limit}), alias=limit)) == 1
    with pytest.raises(ValueError, match="keep one of them"):
        build_limits(
            RateLimitSection.model_validate({"global": limit}), alias=GlobalRateLimit(capacity=6, interval=60.0)
        )


@pytest.mark.parametrize(
    "policy",
    [
        {"name": "p", "key": "route"},
        {"name": "p", "key": "route", "capacity": 1},
        {"name": "p", "key": "route", "plans": {"pro": {"capacity": 1, "interval": "1s"}}},
        {"name": "p", "key": "operation.cost", "capacity": 1, "interval": "1s"},
        {"name": 'p"', "key": "route", "capacity": 1, "interval": "1s"},
    ],
    ids=["no limit", "half a limit", "no free plan", "unknown key", "odd name"],
)
def test_policies_that_make_no_sense_are_refused(policy: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RateLimitSection.model_validate({"policies": [policy]})
