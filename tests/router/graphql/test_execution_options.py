"""The block ``execution`` decides how plans are run."""

from pathlib import Path

from router.config.execution import ExecutionSection
from router.config.security import LimitsConfig
from router.graphql.planning import Planning
from supergraph.operation.authorization import Filtered
from tests.fake_clock import FakeClock
from tests.live_gateway import compose_supergraph, live_gateway


async def is_compiled(execution: ExecutionSection) -> bool:
    planning = Planning(
        compose_supergraph("http://users.invalid/graphql", "http://reviews.invalid/graphql"),
        limits=LimitsConfig(),
        cache_limit=5,
        clock=FakeClock(),
        execution=execution,
    )
    operation = await planning.operation("{ me { name reviews } }", None)
    found = await planning.plan(operation, Filtered(operation, ()))
    planning.close()
    return found.runs.compiles


async def test_operations_are_compiled_unless_told_otherwise() -> None:
    assert await is_compiled(ExecutionSection())
    assert not await is_compiled(ExecutionSection(strict=True))


async def test_a_plan_with_more_requests_than_allowed_is_not_compiled() -> None:
    assert not await is_compiled(ExecutionSection(max_subgraph_requests=1))


async def test_an_operation_gets_what_its_requests_bring(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, {"execution": {"max_subgraph_requests": 1}}) as gateway:
        answer = await gateway.ask("{ me { name reviews } }")
    assert answer["data"] == {"me": {"name": "Ada", "reviews": None}}
    errors = answer["errors"]
    assert isinstance(errors, list)
    assert errors[0]["extensions"]["code"] == "MAX_SUBREQUESTS_LIMIT"


async def test_a_response_that_is_too_large_is_none(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, {"execution": {"max_response_bytes": 30}}) as gateway:
        large = await gateway.ask("{ me { name reviews } }")
        small = await gateway.ask("{ me { name } }")
    assert large["data"] is None
    errors = large["errors"]
    assert isinstance(errors, list)
    assert errors == [{"message": "The response is too large.", "extensions": {"code": "RESPONSE_TOO_LARGE"}}]
    assert small == {"data": {"me": {"name": "Ada"}}}
