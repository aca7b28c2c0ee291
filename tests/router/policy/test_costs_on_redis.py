"""Costs that are counted on a server: charged before, and given back after the answer. Through a whole gateway."""

import asyncio
from pathlib import Path

from tests.live_gateway import LiveGateway, live_gateway
from tests.redis_server import RedisServer


async def left(gateway: LiveGateway, query: str) -> int:
    async with gateway.post({"query": query}) as response:
        assert response.status == 200
        return int(response.headers["X-RateLimit-Remaining"])


async def test_what_an_operation_did_not_cost_comes_back(tmp_path: Path) -> None:
    limit = {"name": "p", "key": "route", "algorithm": "fixed_window", "capacity": 1_000, "interval": "7d"}
    with RedisServer(tmp_path) as server:
        ratelimit = {
            "storage": {"redis": {"urls": [server.url], "timeout": "30s"}},
            "policies": [{**limit, "cost": "operation_cost"}],
        }
        async with live_gateway(tmp_path, {"ratelimit": ratelimit}) as gateway:
            # Ten users are expected, and one is found.
            before = await left(gateway, "{ users { name } }")
            assert before == 990
            asked = 0
            async with asyncio.timeout(30):
                while await left(gateway, "{ __typename }") < before:
                    asked += 1
            assert asked < 10
