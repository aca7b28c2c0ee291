"""Two gateways in processes of their own, one Redis: exactly the capacity passes."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import aiohttp
import pytest

from supergraph import Subgraph, compose
from tests.free_ports import free_port
from tests.redis_server import RedisServer

ROOT = Path(__file__).parents[3]
CAPACITY = 200
REQUESTS = 300

# The time of one decision is generous: the machine may be busy with other tests.
CONFIG = """
ratelimit:
  storage: {{redis: {{urls: ["{url}"], timeout: 30s}}}}
  global: {{capacity: {capacity}, interval: 24h}}
telemetry: {{access_log: {{enabled: false}}, exporters: {{metrics: {{prometheus: {{enabled: false}}}}}}}}
"""


@pytest.fixture
def gateways(tmp_path: Path) -> Iterator[list[str]]:
    """Addresses of two gateways that share a server."""
    sdl = compose([Subgraph("a", "http://127.0.0.1:9/graphql", "type Query { a: Int }")]).sdl
    assert sdl is not None
    (tmp_path / "supergraph.graphql").write_text(sdl)
    with ExitStack() as stack:
        server = stack.enter_context(RedisServer(tmp_path))
        (tmp_path / "router.yaml").write_text(CONFIG.format(url=server.url, capacity=CAPACITY))
        yield [f"http://127.0.0.1:{stack.enter_context(Gateway(tmp_path))}" for _ in range(2)]


class Gateway:
    """A gateway process; entering it waits until it serves, and gives its port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        files = ("--config", str(folder / "router.yaml"), "--supergraph", str(folder / "supergraph.graphql"))
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "router.cli", "serve", *files, "--port", str(self.port)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> int:
        assert self._process.stdout is not None
        output = []
        for line in iter(self._process.stdout.readline, ""):
            output.append(line)
            if "Serving on" in line:
                return self.port
        self._process.wait()
        self._process.stdout.close()
        pytest.fail("".join(output))

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()


async def test_exactly_the_capacity_passes_two_gateways(gateways: list[str]) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50)) as session:

        async def ask(base_url: str) -> int:
            async with session.post(f"{base_url}/graphql", json={"query": "{ __typename }"}) as response:
                await response.read()
                return response.status

        async with asyncio.TaskGroup() as tasks:
            asked = [tasks.create_task(ask(gateways[number % 2])) for number in range(REQUESTS)]
    assert Counter(task.result() for task in asked) == {200: CAPACITY, 429: REQUESTS - CAPACITY}
