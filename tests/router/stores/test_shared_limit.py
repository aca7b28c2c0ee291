"""Gateways that are configured with one Redis share its limits."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from router.config.model import Config
from router.policy.pipeline import Pipeline
from router.policy.policies import PolicyTools, build_pipeline
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics
from tests.redis_server import RedisServer
from tests.requests_in import answer_ok, request_in


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as running:
        yield running


@pytest.fixture
async def gateways(server: RedisServer) -> AsyncIterator[tuple[Pipeline, Pipeline]]:
    # The time of one decision is generous: this machine may be busy with other tests.
    storage = {"redis": {"urls": [server.url], "timeout": "10s"}}
    config = Config.model_validate({"ratelimit": {"storage": storage, "global": {"capacity": 3, "interval": "24h"}}})
    first, second = (build_pipeline(config, PolicyTools(telemetry=Telemetry(metrics=Metrics()))) for _ in range(2))
    yield first, second
    await first.close()
    await second.close()


async def statuses(gateways: tuple[Pipeline, Pipeline]) -> list[int]:
    """Of six requests, by turns through both gateways and both doors."""
    found = []
    for _ in range(3):
        for pipeline, door in zip(gateways, ("graphql", "rest"), strict=True):
            request = request_in("rest" if door == "rest" else "graphql", headers={"content-type": "application/json"})
            found.append((await pipeline.run(request, answer_ok)).status)
    return found


async def test_two_gateways_on_one_server_share_the_limit(gateways: tuple[Pipeline, Pipeline]) -> None:
    assert await statuses(gateways) == [200, 200, 200, 429, 429, 429]


async def test_without_the_server_each_gateway_has_its_own(
    server: RedisServer, gateways: tuple[Pipeline, Pipeline]
) -> None:
    server.kill()
    assert await statuses(gateways) == [200] * 6
