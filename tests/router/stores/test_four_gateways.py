"""Four gateways in processes of their own, one Redis: exact while it is there, no harm while it is not."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import aiohttp
import pytest

from tests.redis_server import RedisServer

ROOT = Path(__file__).parents[3]
GATEWAYS = 4
CAPACITY = 300

# The time of one decision is generous: the machine may be busy with other tests.
CONFIG = """
ratelimit:
  storage: {{redis: {{urls: ["{url}"], timeout: 30s, retry_interval: 100ms}}}}
  policies:
    - {{name: per-tenant, key: header.x-tenant, algorithm: sliding_window_counter, capacity: {capacity}, interval: 7d}}
    - {{name: beside, key: route, algorithm: token_bucket, capacity: 1000000, interval: 24h}}
telemetry: {{access_log: {{enabled: false}}, exporters: {{metrics: {{prometheus: {{enabled: false}}}}}}}}
server: {{shutdown: {{delay: 0s, grace_period: 1s}}}}
"""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as running:
        yield running


@pytest.fixture
def addresses(tmp_path: Path, redis: RedisServer) -> Iterator[list[str]]:
    """Where the gateways are."""
    config = tmp_path / "router.yaml"
    config.write_text(CONFIG.format(url=redis.url, capacity=CAPACITY))
    command = [sys.executable, "-m", "tests.gateway_fleet", str(GATEWAYS), str(config)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as fleet:  # noqa: S603
        assert fleet.stdout is not None
        yield [fleet.stdout.readline().strip() for _ in range(GATEWAYS)]
        fleet.communicate()


@dataclass
class Fleet:
    addresses: list[str]
    session: aiohttp.ClientSession

    async def ask(self, number: int, tenant: str) -> tuple[int, int]:
        """Status and what remains of the tenant's limit, by one of the gateways."""
        url = f"{self.addresses[number % GATEWAYS]}/graphql"
        headers = {"x-tenant": tenant, "content-type": "application/json"}
        async with self.session.post(url, data=b'{"query":"{ __typename }"}', headers=headers) as response:
            await response.read()
            return response.status, int(response.headers["X-RateLimit-Remaining"])

    async def ask_all(
        self, tenant: str, calls: int, *, after: int = 0, then: RedisServer | None = None
    ) -> Counter[int]:
        """Statuses of calls at once, by turns to all gateways; the server is killed when some are answered."""
        statuses: Counter[int] = Counter()

        async def ask(number: int) -> None:
            status, _ = await self.ask(number, tenant)
            statuses[status] += 1
            if then is not None and statuses.total() == after:
                then.kill()

        async with asyncio.TaskGroup() as tasks:
            for number in range(calls):
                tasks.create_task(ask(number))
        return statuses

    async def until_all_count_together(self) -> None:
        """Ask one after the other until each finds what the one before has spent."""
        while True:
            left = [(await self.ask(number, "probe"))[1] for number in range(GATEWAYS + 1)]
            if all(before - after == 1 for before, after in pairwise(left)):
                return


@pytest.fixture
async def fleet(addresses: list[str]) -> AsyncIterator[Fleet]:
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200), timeout=timeout) as session:
        yield Fleet(addresses, session)


async def test_exactly_the_capacity_passes_and_a_server_that_dies_hurts_nobody(
    fleet: Fleet, redis: RedisServer
) -> None:
    assert await fleet.ask_all("before", 2_000) == {200: CAPACITY, 429: 2_000 - CAPACITY}

    statuses = await fleet.ask_all("meanwhile", 1_000, after=100, then=redis)
    assert statuses.keys() <= {200, 429}
    # What the server had let pass, and the capacity in each process after that.
    assert 2 * CAPACITY < statuses[200] <= (1 + GATEWAYS) * CAPACITY

    redis.start()
    async with asyncio.timeout(30):
        await fleet.until_all_count_together()
    assert await fleet.ask_all("afterwards", 1_000) == {200: CAPACITY, 429: 1_000 - CAPACITY}
