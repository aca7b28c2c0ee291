"""Whom a limit concerns, and what the caller is told."""

import pytest
from pydantic import ValidationError

from router.config.ratelimit import GlobalRateLimit, RateLimitSection
from router.errors import RateLimitedError
from router.identity.identity import Identity
from router.policy.rate_limit import RateLimit
from router.policy.rate_limit_rules import build_limits
from router.policy.request import Request
from router.stores.memory_limits import MemoryLimitStore
from tests.fake_clock import FakeClock
from tests.requests_in import request_in


class Limited:
    """The policy with a configuration, a clock, and what it reported."""

    def __init__(self, **section: object) -> None:
        self.clock = FakeClock(1_700_000_040.0)
        self.remaining: list[tuple[str, int]] = []
        self.policy = RateLimit(
            build_limits(RateLimitSection.model_validate(section)),
            MemoryLimitStore(now=self.clock),
            wall_clock=self.clock,
            on_remaining=lambda policy, remaining: self.remaining.append((policy, remaining)),
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
        policy |= {"capacity": 2, "interval": "1m"}
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
