"""Servers that are more than one: a cluster, and a master that sentinels name."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import pytest
from redis.asyncio import Redis

from router.config.ratelimit import RateLimitSection, RedisStorage
from router.stores.build import build_limit_store
from router.stores.calendar_windows import Calendar, Period
from router.stores.limits import Algorithm, Charge, Decision, Rule
from router.stores.memory_limits import MemoryLimitStore
from router.stores.redis_limits import RedisLimitStore
from router.stores.redis_servers import RedisScripts
from tests.fake_clock import FakeClock
from tests.free_ports import free_port
from tests.redis_server import RedisServer

DAY = 86_400.0
HALF = 8192


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RedisServer]]:
    """Two servers with one half of the slots each."""
    with ExitStack() as stack:
        nodes, ports = list[RedisServer](), list[int]()
        for number in range(2):
            folder = tmp_path_factory.mktemp(f"node{number}")
            ports.append(free_port())
            arguments = ("--cluster-enabled", "yes", "--cluster-port", str(ports[-1]))
            nodes.append(stack.enter_context(RedisServer(folder, arguments=arguments)))
        asyncio.run(join(nodes, ports[0]))
        for node in nodes:
            node.wait_until_told("Cluster state changed: ok")
        yield nodes


async def join(nodes: list[RedisServer], first_bus: int) -> None:
    for number, node in enumerate(nodes):
        async with Redis.from_url(node.url) as client:
            await client.execute_command("CLUSTER", "ADDSLOTSRANGE", number * HALF, (number + 1) * HALF - 1)  # type: ignore[no-untyped-call]  # has no annotations
            await client.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port, first_bus)  # type: ignore[no-untyped-call]  # has no annotations


class Servers:
    """Makes stores on some servers."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.clock = FakeClock()
        self.failures = 0
        self._stack = stack

    def store(self, *urls: str, timeout_seconds: float = 30.0) -> RedisLimitStore:
        store = RedisLimitStore(
            RedisStorage(urls=urls, timeout=timeout_seconds),
            on_error="local",
            local=MemoryLimitStore(now=self.clock),
            clock=self.clock,
            wall_clock=time.time,
            on_failure=self._count_failure,
        )
        self._stack.push_async_callback(store.close)
        return store

    def _count_failure(self) -> None:
        self.failures += 1


@pytest.fixture
async def servers() -> AsyncIterator[Servers]:
    async with AsyncExitStack() as stack:
        yield Servers(stack)


def rule(name: str, capacity: int = 20, algorithm: Algorithm = Algorithm.SLIDING_WINDOW) -> Rule:
    return Rule(name=name, algorithm=algorithm, capacity=capacity, interval_seconds=DAY)


async def all_at_once(store: RedisLimitStore, *requests: list[Charge]) -> list[tuple[Decision, ...]]:
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(store.take(charges)) for charges in requests]
    return [task.result() for task in running]


def passed(decisions: list[tuple[Decision, ...]]) -> int:
    return sum(all(decision.allowed for decision in each) for each in decisions)


async def test_in_a_cluster_exactly_the_capacity_passes_for_each_key(
    cluster: list[RedisServer], servers: Servers
) -> None:
    store, charged = servers.store(*(node.url for node in cluster)), rule("many")
    keys = [f"caller-{number}" for number in range(40)]
    decisions = await all_at_once(store, *([Charge(charged, key)] for _ in range(25) for key in keys))
    assert passed(decisions) == 20 * len(keys)
    for node in cluster:
        async with Redis.from_url(node.url) as client:
            assert await client.dbsize() > 5  # the keys are on both
    assert servers.failures == 0


async def test_all_limits_of_one_caller_are_decided_by_one_server_in_one_step(
    cluster: list[RedisServer], servers: Servers
) -> None:
    scripts = RedisScripts(RedisStorage(urls=(f"redis+cluster://127.0.0.1:{cluster[0].port}",)))
    assert scripts.slot("rl:one:fixed_window:{ada}") == scripts.slot("rl:two/1m:token_bucket:{ada}")
    assert scripts.slot("rl:one:fixed_window:{ada}") != scripts.slot("rl:one:fixed_window:{bob}")
    await scripts.close()
    store = servers.store(f"redis+cluster://127.0.0.1:{cluster[0].port}")
    both = [Charge(rule("tight", 3), "ada"), Charge(rule("wide", 50), "ada")]
    decisions = await all_at_once(store, *([both] * 10))
    assert passed(decisions) == 3
    assert decisions[-1][1].remaining == 47


async def test_if_one_slot_refuses_the_others_get_back_what_they_spent(
    cluster: list[RedisServer], servers: Servers
) -> None:
    store = servers.store(f"redis+cluster://127.0.0.1:{cluster[1].port}")
    tight, wide = Charge(rule("address", 2), "198.51.100.1"), Charge(rule("consumer", 10), "cy")
    decisions = [await store.take([tight, wide]) for _ in range(8)]
    assert [all(decision.allowed for decision in each) for each in decisions] == [True] * 2 + [False] * 6
    await store.close()
    (left,) = await servers.store(cluster[0].url, cluster[1].url).take([Charge(wide.rule, "cy", 0)])
    assert left.remaining == 8


async def test_a_quota_is_counted_in_a_cluster(cluster: list[RedisServer], servers: Servers) -> None:
    quota = Rule(
        name="quota",
        algorithm=Algorithm.FIXED_WINDOW,
        capacity=5,
        interval_seconds=DAY,
        calendar=Calendar(Period.MONTH),
    )
    store = servers.store(cluster[0].url, cluster[1].url)
    assert passed(await all_at_once(store, *([[Charge(quota, "ada")]] * 9))) == 5


@pytest.fixture
def masters(tmp_path: Path) -> Iterator[list[RedisServer]]:
    """Two servers, the first of which is the master."""
    with ExitStack() as stack:
        yield [stack.enter_context(RedisServer(tmp_path)) for _ in range(2)]


@pytest.fixture
def sentinel(tmp_path: Path, masters: list[RedisServer]) -> Iterator[RedisServer]:
    file = tmp_path / "sentinel.conf"
    file.write_text(f"sentinel monitor main 127.0.0.1 {masters[0].port} 1\n")
    with RedisServer(tmp_path, arguments=(str(file), "--sentinel")) as running:
        yield running


async def size(server: RedisServer) -> int:
    async with Redis.from_url(server.url) as client:
        return int(await client.dbsize())


async def test_a_sentinel_names_the_server_that_counts(
    masters: list[RedisServer], sentinel: RedisServer, servers: Servers
) -> None:
    nobody = free_port()
    store = servers.store(f"redis+sentinel://127.0.0.1:{nobody},127.0.0.1:{sentinel.port}/main")
    assert passed(await all_at_once(store, *([[Charge(rule("r", 5), "k")]] * 9))) == 5
    assert [await size(master) for master in masters] == [1, 0]
    assert servers.failures == 0


async def test_another_master_counts_when_the_first_is_gone(
    masters: list[RedisServer], sentinel: RedisServer, servers: Servers
) -> None:
    store = servers.store(f"redis+sentinel://127.0.0.1:{sentinel.port}/main")
    charges = [Charge(rule("r", 100), "k")]
    await store.take(charges)
    async with Redis(port=sentinel.port) as client:
        await client.execute_command("SENTINEL", "REMOVE", "main")  # type: ignore[no-untyped-call]  # has no annotations
        await client.execute_command("SENTINEL", "MONITOR", "main", "127.0.0.1", masters[1].port, 1)  # type: ignore[no-untyped-call]  # has no annotations
    masters[0].kill()
    decisions = await all_at_once(store, *([charges] * 20))
    assert passed(decisions) == 20  # by this process, if not by the new master
    servers.clock.advance(1.0)
    ((decision,),) = await all_at_once(store, charges)
    assert decision.source == "store"
    assert await size(masters[1]) == 1


@pytest.mark.parametrize("url", ["redis://127.0.0.1:{port}", "redis+sentinel://127.0.0.1:{port}/main"])
def test_a_gateway_that_requires_a_server_does_not_start_without_it(url: str) -> None:
    redis = {"urls": [url.format(port=free_port())], "required_to_start": True, "timeout": "5s"}
    section = RateLimitSection.model_validate({"storage": {"redis": redis}})
    with pytest.raises(OSError, match="required_to_start: the server does not answer"):
        build_limit_store(section, clock=FakeClock(), wall_clock=FakeClock(), on_failure=lambda: None)


async def test_a_gateway_that_finds_its_server_starts(server: RedisServer) -> None:
    redis = {"urls": [server.url], "required_to_start": True, "timeout": "5s"}
    section = RateLimitSection.model_validate({"storage": {"redis": redis}})
    store = build_limit_store(section, clock=FakeClock(), wall_clock=FakeClock(), on_failure=lambda: None)
    await store.close()
