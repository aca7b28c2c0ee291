"""The example of usage plans that comes with the gateway, with its exact numbers."""

from pathlib import Path

import pytest

from router.config.load import load_config
from router.errors import RateLimitedError
from router.identity.identity import Identity
from router.policy.policies import PolicyTools, build_pipeline
from router.policy.rate_limit import RateLimit
from router.policy.rate_limit_rules import build_limits
from router.policy.request import Request
from router.stores.memory_limits import MemoryLimitStore
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics
from tests.fake_clock import FakeClock
from tests.requests_in import request_in

EXAMPLE = Path(__file__).parents[3] / "config" / "plans.yaml"
MIDNIGHT = 1_700_006_400.0

each_plan = pytest.mark.parametrize(
    ("plan", "per_minute", "per_day"),
    [
        ("free", 60, 1_000),
        ("starter", 300, 10_000),
        ("pro", 1_000, 100_000),
        ("enterprise", 10_000, 1_000_000),
        ("unheard-of", 60, 1_000),
        (None, 60, 1_000),
    ],
)


class Example:
    def __init__(self) -> None:
        self.clock = FakeClock(MIDNIGHT)
        self._policy = RateLimit(
            build_limits(load_config([EXAMPLE], {}).ratelimit),
            MemoryLimitStore(now=self.clock),
            wall_clock=self.clock,
            on_remaining=lambda *_: None,
        )

    async def code(self, request: Request) -> str:
        """Of the refusal; empty if there is none."""
        try:
            await self._policy.on_request(request)
        except RateLimitedError as error:
            return error.code
        return ""

    async def count(self, calls: int, plan: str | None) -> int:
        """How many of some calls pass."""
        return [await self.code(caller(plan)) for _ in range(calls)].count("")


def caller(plan: str | None) -> Request:
    return request_in(identity=Identity(id="ada", method="api_key", plan=plan))


@each_plan
async def test_so_many_requests_pass_in_a_minute(plan: str | None, per_minute: int, per_day: int) -> None:
    example = Example()
    assert await example.count(per_minute + 20, plan) == per_minute
    assert await example.code(caller(plan)) == "RATE_LIMITED"
    example.clock.advance(60)
    assert await example.count(per_minute + 20, plan) == min(per_minute, per_day - per_minute)


@each_plan
async def test_the_quota_of_the_day_is_told(plan: str | None, per_minute: int, per_day: int) -> None:
    request = caller(plan)
    await Example().code(request)
    assert request.response_headers["RateLimit-Policy"] == (
        f'"per-plan";q={per_minute};w=60, "per-plan/day";q={per_day};w=86400'
    )
    assert f'"per-plan/day";r={per_day - 1};t=86400' in request.response_headers["RateLimit"]


async def test_so_many_requests_pass_in_a_day() -> None:
    example = Example()
    passed = 0
    for _ in range(20):
        passed += await example.count(60, "free")
        example.clock.advance(60)
    assert passed == 1_000
    assert await example.code(caller("free")) == "QUOTA_EXCEEDED"
    example.clock.advance(86_400 - 20 * 60)
    assert await example.count(70, "free") == 60


async def test_plans_of_callers_are_checked_when_the_gateway_is_built(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    callers = tmp_path / "callers.yaml"
    callers.write_text(
        "authentication: {router: {hmac: {keys: ["
        "{id: a, secret: 0123456789abcdef, plan: pro}, {id: b, secret: 0123456789abcdef, plan: golden}]}}}"
    )
    tools = PolicyTools(telemetry=Telemetry(metrics=Metrics()))
    await build_pipeline(load_config([EXAMPLE, callers], {}), tools).close()
    assert [vars(record)["plan"] for record in caplog.records] == ["golden"]


async def test_anonymous_callers_are_counted_by_address() -> None:
    example = Example()
    for address in ("198.51.100.1", "198.51.100.2"):
        codes = [await example.code(request_in(peer_ip=address)) for _ in range(110)]
        assert codes.count("") == 100
