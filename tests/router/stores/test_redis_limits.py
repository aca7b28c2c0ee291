"""Counting on a real server: exact between processes, and no harm when it goes away."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Literal

import pytest
from redis.asyncio import Redis

from router.config.ratelimit import RedisStorage
from router.errors import RateLimitStoreError
from router.stores.limits import Algorithm, Charge, Decision, Refund, Rule
from router.stores.memory_limits import MemoryLimitStore
from router.stores.redis_limits import RedisLimitStore
from tests.fake_clock import FakeClock
from tests.redis_server import RedisServer

HOUR = 3600.0
ROOT = Path(__file__).parents[3]


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that a test may do harm to."""
    with RedisServer(tmp_path) as running:
        yield running


class Stores:
    """Makes stores, and closes them in the end."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self.clock = FakeClock()
        self.failures = 0
        self._stack = stack

    def make(
        self,
        url: str,
        *,
        on_error: Literal["local", "allow", "deny"] = "local",
        timeout_seconds: float = 30.0,
        local_clock: Callable[[], float] | None = None,
    ) -> RedisLimitStore:
        store = RedisLimitStore(
            RedisStorage(urls=(url,), timeout=timeout_seconds, retry_interval=1.0),
            on_error=on_error,
            local=MemoryLimitStore(now=local_clock or self.clock),
            clock=self.clock,
            wall_clock=time.time,
            on_failure=self._count_failure,
        )
        self._stack.push_async_callback(store.close)
        return store

    def _count_failure(self) -> None:
        self.failures += 1


@pytest.fixture
async def stores() -> AsyncIterator[Stores]:
    async with AsyncExitStack() as stack:
        yield Stores(stack)


@pytest.fixture
async def client(server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(server.url, decode_responses=True) as connected:
        await connected.flushall()
        yield connected


def rule(algorithm: Algorithm, capacity: int = 20, interval_seconds: float = HOUR, name: str = "r") -> Rule:
    return Rule(name=name, algorithm=algorithm, capacity=capacity, interval_seconds=interval_seconds)


async def passes(store: RedisLimitStore, charged: Rule, calls: int) -> int:
    """How many of some calls at the same time are let through."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(store.take([Charge(charged, "k")])) for _ in range(calls)]
    return sum(decision.allowed for task in running for decision in task.result())


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("algorithm", Algorithm)
async def test_exactly_the_capacity_passes(server: RedisServer, stores: Stores, algorithm: Algorithm) -> None:
    # A day, so that no fixed window ends meanwhile but at midnight.
    assert await passes(stores.make(server.url), rule(algorithm, interval_seconds=24 * HOUR), 300) == 20


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("algorithm", [Algorithm.TOKEN_BUCKET, Algorithm.SLIDING_WINDOW])
async def test_exactly_the_capacity_passes_two_processes(server: RedisServer, algorithm: Algorithm) -> None:
    command = [sys.executable, "-m", "tests.limit_worker", server.url, algorithm.value, "500", "2000"]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)]  # noqa: S603, ASYNC220
    printed = [await asyncio.to_thread(worker.communicate) for worker in workers]
    assert sum(int(out) for out, _ in printed) == 500


@pytest.mark.parametrize("algorithm", Algorithm)
async def test_a_decision_says_what_remains(
    server: RedisServer, stores: Stores, client: Redis, algorithm: Algorithm
) -> None:
    assert await client.dbsize() == 0
    (decision,) = await stores.make(server.url).take([Charge(rule(algorithm), "k", cost=3)])
    assert (decision.allowed, decision.remaining, decision.retry_after_seconds) == (True, 17, 0.0)
    assert 0 < decision.reset_seconds <= HOUR


@pytest.mark.parametrize("algorithm", Algorithm)
async def test_keys_expire_on_the_server(
    server: RedisServer, stores: Stores, client: Redis, algorithm: Algorithm
) -> None:
    await stores.make(server.url).take([Charge(rule(algorithm), "k")])
    (key,) = await client.keys("*")
    # A counter of two windows is needed for two hours.
    assert 0 < await client.pttl(key) <= (2 * HOUR + 1) * 1000


async def test_a_token_bucket_refills_by_the_clock_of_the_server(
    server: RedisServer, stores: Stores, client: Redis
) -> None:
    store, charged = stores.make(server.url), rule(Algorithm.TOKEN_BUCKET)
    await passes(store, charged, 20)
    (refused,) = await store.take([Charge(charged, "k")])
    assert HOUR / 20 - 60 < refused.retry_after_seconds <= HOUR / 20
    # An hour passes: the bucket was last counted an hour earlier.
    await client.hincrby("rl:r:token_bucket:{k}", "at", -int(HOUR) * 1_000_000)
    assert await passes(store, charged, 50) == 20


async def test_a_sliding_window_forgets_what_has_left_it(server: RedisServer, stores: Stores, client: Redis) -> None:
    store, charged = stores.make(server.url), rule(Algorithm.SLIDING_WINDOW)
    await passes(store, charged, 20)
    key = "rl:r:sliding_window:{k}"
    for index in range(5):
        spent = await client.lindex(key, index)
        assert spent is not None
        await client.lset(key, index, str(int(spent) - int(HOUR) * 1_000_000))
    assert await passes(store, charged, 50) == 5
    (refused,) = await store.take([Charge(charged, "k")])
    assert HOUR - 60 < refused.retry_after_seconds <= HOUR


async def test_a_fixed_window_starts_anew(server: RedisServer, stores: Stores, client: Redis) -> None:
    store, charged = stores.make(server.url), rule(Algorithm.FIXED_WINDOW, interval_seconds=24 * HOUR)
    await passes(store, charged, 20)
    await client.hincrby("rl:r:fixed_window:{k}", "window", -1)
    assert await passes(store, charged, 50) == 20


@pytest.mark.usefixtures("client")
async def test_if_one_limit_refuses_none_is_charged_on_the_server(server: RedisServer, stores: Stores) -> None:
    store = stores.make(server.url)
    charges = [
        Charge(rule(Algorithm.TOKEN_BUCKET, 1, name="tight"), "k"),
        Charge(rule(Algorithm.SLIDING_WINDOW, 5, name="wide"), "k"),
        Charge(rule(Algorithm.FIXED_WINDOW, 5, name="quota"), "k"),
    ]
    for _ in range(10):
        decisions = await store.take(charges)
    assert [decision.allowed for decision in decisions] == [False, True, True]
    assert [decision.remaining for decision in decisions] == [0, 4, 4]


@pytest.mark.usefixtures("client")
async def test_a_charge_beyond_the_capacity_never_passes_on_the_server(server: RedisServer, stores: Stores) -> None:
    (decision,) = await stores.make(server.url).take([Charge(rule(Algorithm.SLIDING_WINDOW, 5), "k", cost=6)])
    assert not decision.allowed
    assert decision.retry_after_seconds == HOUR


async def test_one_request_is_one_command(server: RedisServer, stores: Stores, client: Redis) -> None:
    store = stores.make(server.url)
    charges = [Charge(rule(algorithm, name=algorithm), "k") for algorithm in Algorithm]
    await store.take(charges)
    await client.config_resetstat()
    for _ in range(10):
        await store.take(charges)
    stats = await client.info("commandstats")
    assert stats["cmdstat_evalsha"]["calls"] == 10
    assert not {"cmdstat_script|load", "cmdstat_eval"} & stats.keys()


async def test_a_burst_is_decided_in_few_commands(server: RedisServer, stores: Stores, client: Redis) -> None:
    store, charged = stores.make(server.url), rule(Algorithm.TOKEN_BUCKET)
    await passes(store, charged, 1)
    await client.config_resetstat()
    await passes(store, charged, 600)
    # The first alone, then 500, then the rest.
    assert (await client.info("commandstats"))["cmdstat_evalsha"]["calls"] == 3


@pytest.mark.usefixtures("client")
async def test_requests_of_one_burst_are_charged_one_after_the_other(server: RedisServer, stores: Stores) -> None:
    store = stores.make(server.url)
    tight, wide = rule(Algorithm.SLIDING_WINDOW, 3, name="tight"), rule(Algorithm.TOKEN_BUCKET, 50, name="wide")
    async with asyncio.TaskGroup() as tasks:
        both = [tasks.create_task(store.take([Charge(tight, "k"), Charge(wide, "k")])) for _ in range(20)]
        alone = [tasks.create_task(store.take([Charge(wide, "k")])) for _ in range(60)]
    assert sum(all(decision.allowed for decision in task.result()) for task in both) == 3
    assert sum(task.result()[0].allowed for task in alone) == 47


async def test_a_client_that_goes_away_takes_nobody_along(own_server: RedisServer, stores: Stores) -> None:
    store, charged = stores.make(own_server.url), rule(Algorithm.TOKEN_BUCKET)
    await passes(store, charged, 1)
    own_server.freeze()
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(store.take([Charge(charged, "k")]))
        leading = tasks.create_task(store.take([Charge(charged, "k")]))
        following = [tasks.create_task(store.take([Charge(charged, "k")])) for _ in range(5)]
        await asyncio.sleep(0)
        leading.cancel()
        own_server.thaw()
    assert sending.result()[0].allowed
    assert all(task.result()[0].allowed for task in following)
    assert stores.failures == 0


async def test_a_server_that_dies_in_the_middle_fails_no_call(own_server: RedisServer, stores: Stores) -> None:
    store = stores.make(own_server.url)
    charged = rule(Algorithm.TOKEN_BUCKET, capacity=100)
    assert await passes(store, charged, 50) == 50
    async with asyncio.TaskGroup() as tasks:
        own_server.freeze()
        running = [tasks.create_task(store.take([Charge(charged, "k")])) for _ in range(500)]
        await asyncio.sleep(0)
        own_server.kill()
    # None was answered by the server, and this process lets no more through than the capacity.
    assert sum(decision.allowed for task in running for decision in task.result()) == 100
    assert stores.failures > 0


async def test_a_server_that_does_not_answer_delays_a_call_no_longer_than_the_timeout(
    own_server: RedisServer, stores: Stores
) -> None:
    store = stores.make(own_server.url, timeout_seconds=0.05)
    charged = rule(Algorithm.TOKEN_BUCKET, capacity=10)
    own_server.freeze()
    async with asyncio.timeout(5):
        assert await passes(store, charged, 20) == 10
    # From now on nobody waits.
    failures = stores.failures
    assert await passes(store, charged, 20) == 0
    assert stores.failures == failures
    own_server.thaw()


async def test_counting_returns_to_the_server_when_it_is_back(own_server: RedisServer, stores: Stores) -> None:
    store, charged = stores.make(own_server.url), rule(Algorithm.TOKEN_BUCKET, capacity=100)
    own_server.kill()
    assert await passes(store, charged, 30) == 30
    own_server.start()
    assert await passes(store, charged, 30) == 30  # still left alone: counted here
    stores.clock.advance(1.0)
    assert await passes(store, charged, 1) == 1  # the one that tries
    assert await passes(store, charged, 200) == 99


async def test_while_one_call_tries_the_others_go_on_without_the_server(
    own_server: RedisServer, stores: Stores
) -> None:
    store, charged = stores.make(own_server.url), rule(Algorithm.TOKEN_BUCKET, capacity=100)
    own_server.kill()
    await passes(store, charged, 1)
    stores.clock.advance(1.0)
    await passes(store, charged, 50)
    assert stores.failures == 2


async def remaining(store: RedisLimitStore, charged: Rule) -> int:
    (decision,) = await store.take([Charge(charged, "k", 0)])
    return decision.remaining


def refund(decision: Decision, units: int) -> Refund:
    return Refund(rule=decision.rule, key="k", units=units, at=decision.at, source=decision.source)


async def test_what_is_given_back_is_sent_beside_requests_in_one_command(
    server: RedisServer, stores: Stores, client: Redis
) -> None:
    first = stores.make(server.url)
    (decision,) = await first.take([Charge(rule(Algorithm.TOKEN_BUCKET), "k")])
    first.give_back([refund(decision, 1)])
    await first.close()  # now the server knows the scripts
    store = stores.make(server.url)
    rules = [rule(algorithm, name=algorithm) for algorithm in Algorithm]
    decisions = await store.take([Charge(each, "k", 15) for each in rules])
    store.give_back([refund(decision, 10) for decision in decisions])
    await client.config_resetstat()
    await store.close()
    stats = await client.info("commandstats")
    assert (stats["cmdstat_evalsha"]["calls"], stats["cmdstat_exists"]["calls"]) == (1, 4)
    again = stores.make(server.url)
    assert [await remaining(again, each) for each in rules] == [15] * 4


async def test_work_gives_back_while_requests_go_on(server: RedisServer, stores: Stores, client: Redis) -> None:
    store, charged = stores.make(server.url), rule(Algorithm.TOKEN_BUCKET)
    (decision,) = await store.take([Charge(charged, "k", 15)])
    working = asyncio.get_running_loop().create_task(store.work())
    store.give_back([refund(decision, 10)])
    async with asyncio.timeout(20):
        while await remaining(store, charged) < 15:
            await client.ping()
    working.cancel()
    await asyncio.wait([working])


async def test_what_cannot_be_given_back_now_is_kept(own_server: RedisServer, stores: Stores) -> None:
    store, charged = stores.make(own_server.url), rule(Algorithm.FIXED_WINDOW, interval_seconds=24 * HOUR)
    (decision,) = await store.take([Charge(charged, "k", 15)])
    own_server.kill()
    await store.take([Charge(charged, "k")])
    store.give_back([refund(decision, 10)])
    own_server.start()
    (decision,) = await stores.make(own_server.url).take([Charge(charged, "k", 15)])  # counted anew: it kept nothing
    stores.clock.advance(1.0)
    assert await remaining(store, charged) == 5  # the one that finds the server back
    await store.close()
    assert await remaining(stores.make(own_server.url), charged) == 15


async def test_what_is_lost_is_told(own_server: RedisServer, stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    store, charged = stores.make(own_server.url), rule(Algorithm.TOKEN_BUCKET)
    (decision,) = await store.take([Charge(charged, "k", 15)])
    own_server.kill()
    store.give_back([refund(decision, 10)])
    await store.close()
    lost = [vars(record)["refunds"] for record in caplog.records if record.message.endswith("are lost")]
    assert lost == [1]


async def test_what_this_process_counted_is_given_back_here(own_server: RedisServer, stores: Stores) -> None:
    store, charged = stores.make(own_server.url), rule(Algorithm.TOKEN_BUCKET)
    own_server.kill()
    (decision,) = await store.take([Charge(charged, "k", 15)])
    store.give_back([refund(decision, 10)])
    assert await remaining(store, charged) == 15


async def test_what_nobody_counted_is_not_given_back(own_server: RedisServer, stores: Stores) -> None:
    store, charged = stores.make(own_server.url, on_error="allow"), rule(Algorithm.TOKEN_BUCKET)
    (counted,) = await store.take([Charge(charged, "k", 15)])
    own_server.freeze()
    (decision,) = await stores.make(own_server.url, on_error="allow", timeout_seconds=0.05).take([Charge(charged, "k")])
    own_server.thaw()
    assert (counted.source, decision.source) == ("store", "nobody")
    store.give_back([refund(decision, 10)])
    await store.close()
    assert await remaining(stores.make(own_server.url), charged) <= 5


async def test_a_probe_that_takes_long_stays_alone(own_server: RedisServer, stores: Stores) -> None:
    store, charged = stores.make(own_server.url, timeout_seconds=5.0), rule(Algorithm.TOKEN_BUCKET, capacity=100)
    own_server.kill()
    await passes(store, charged, 1)
    own_server.start()
    own_server.freeze()
    stores.clock.advance(1.0)
    async with asyncio.TaskGroup() as tasks:
        probe = tasks.create_task(store.take([Charge(charged, "k")]))
        await asyncio.sleep(0)
        stores.clock.advance(2.0)
        assert await passes(store, charged, 20) == 20  # nobody of them waits
        own_server.thaw()
    assert probe.result()[0].source == "store"


@pytest.mark.parametrize(("on_error", "expected"), [("local", 2), ("allow", 10)])
async def test_on_error_says_what_happens_without_the_server(
    own_server: RedisServer, stores: Stores, on_error: Literal["local", "allow"], expected: int
) -> None:
    own_server.kill()
    store = stores.make(own_server.url, on_error=on_error)
    assert await passes(store, rule(Algorithm.SLIDING_WINDOW, capacity=2), 10) == expected


async def test_on_error_deny_refuses(own_server: RedisServer, stores: Stores) -> None:
    own_server.kill()
    store = stores.make(own_server.url, on_error="deny")
    with pytest.raises(RateLimitStoreError):
        await store.take([Charge(rule(Algorithm.SLIDING_WINDOW), "k")])
