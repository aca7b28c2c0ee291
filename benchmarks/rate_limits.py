"""What rate limits cost: ``python -m benchmarks.rate_limits``.

Where counters are kept, times how many limits a request meets. "CPU" and "wait" are of the policy, for one request when
no other is there: keys, decision and headers. On Redis the wait includes the way to the server and back, in which
others are served. "Decisions" are requests per second of one process when many callers come at once; with shared
memory also of two processes that want the same counters. The Redis server is a real one and takes its time from the
same processors. All rows are measured by turns; of each, the best round counts.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from multidict import CIMultiDict, CIMultiDictProxy
from rich.console import Console
from rich.table import Table

from router.config.ratelimit import RateLimitSection
from router.identity.identity import Identity
from router.policy.rate_limit import RateLimit
from router.policy.rate_limit_rules import build_limits
from router.policy.request import Request
from router.stores.build import build_limit_store
from router.stores.shared_memory import SharedCounters
from tests.redis_server import RedisServer

CALLERS = 1_000
AT_ONCE = 256
_PLENTY = 1_000_000_000


def policy(name: str, algorithm: str, **more: object) -> dict[str, object]:
    """A limit that nobody reaches."""
    limit = {"capacity": _PLENTY, "interval": "1h"}
    return {"name": name, "key": "consumer.id", "algorithm": algorithm, **limit, **more}


LIMITS: Mapping[str, list[dict[str, object]]] = {
    "token bucket": [policy("a", "token_bucket")],
    "sliding window": [policy("a", "sliding_window", capacity=100, interval="1s")],
    "sliding window counter": [policy("a", "sliding_window_counter")],
    "fixed window": [policy("a", "fixed_window")],
    "bucket and daily quota": [policy("a", "token_bucket", quota={"limit": _PLENTY, "period": "day"})],
    "three policies, five counters": [
        policy("a", "token_bucket", quota={"limit": _PLENTY, "period": "day"}),
        policy("b", "sliding_window_counter", key="client.ip"),
        policy(
            "c",
            "fixed_window",
            capacity=None,
            interval=None,
            windows=[{"capacity": _PLENTY, "interval": each} for each in ("1m", "1h")],
        ),
    ],
}


class Bench:
    """A policy, and requests for it.

    Args:
        redis_url: Where counters are kept; ``None`` for this machine.
        shared: Counters in memory that other processes have, too.

    Attributes:
        cpu: Microseconds that one request costs.
        wait: Microseconds that it waits.
        rate: Requests per second.
    """

    def __init__(self, limits: list[dict[str, object]], redis_url: str | None, shared: SharedCounters | None) -> None:
        self.cpu, self.wait, self.rate = float("inf"), float("inf"), 0.0
        storage = {} if redis_url is None else {"redis": {"urls": [redis_url], "timeout": "10s"}}
        kept = [{name: value for name, value in limit.items() if value is not None} for limit in limits]
        section = RateLimitSection.model_validate({"storage": storage, "policies": kept})
        store = build_limit_store(section, clock=time.monotonic, wall_clock=time.time, on_failure=_fail, shared=shared)
        self._policy = RateLimit(build_limits(section), store, wall_clock=time.time, on_remaining=lambda *_: None)

    async def one_by_one(self, count: int) -> None:
        """Remember how long one request takes, if that was faster than before."""
        requests = [new_request(number) for number in range(count)]
        began, worked = time.perf_counter(), time.process_time()
        for request in requests:
            await self._policy.on_request(request)
        self.wait = min(self.wait, (time.perf_counter() - began) / count * 1e6)
        self.cpu = min(self.cpu, (time.process_time() - worked) / count * 1e6)

    async def all_at_once(self, count: int) -> None:
        """Remember how many requests are decided in a second, so many at a time."""
        requests = [new_request(number) for number in range(count)]
        waiting = iter(requests)

        async def caller() -> None:
            for request in waiting:
                await self._policy.on_request(request)

        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(caller())
        self.rate = max(self.rate, count / (time.perf_counter() - began))

    async def close(self) -> None:
        """Close the store."""
        await self._policy.close()


def new_request(number: int) -> Request:
    """A request of one of the callers."""
    return Request(
        door="graphql",
        method="POST",
        path="/graphql",
        route="/graphql",
        route_name="graphql",
        headers=CIMultiDictProxy(CIMultiDict()),
        peer_ip=f"192.0.2.{number % 250}",
        identity=Identity(id=f"caller-{number % CALLERS}", method="jwt"),
    )


def _fail() -> None:
    raise RuntimeError("the server did not answer")


async def measure(benches: Sequence[Bench], *, rounds: int, requests: int) -> None:
    """Measure by turns."""
    for bench in benches:
        await bench.one_by_one(CALLERS)  # makes the counters
    for _ in range(rounds):
        for bench in benches:
            await bench.one_by_one(requests)
            await bench.all_at_once(requests)
    for bench in benches:
        await bench.close()


def rate_of_two_processes(limits: list[dict[str, object]], *, rounds: int, requests: int) -> float:
    """Requests per second of two processes with the same counters."""
    counters = SharedCounters.create()
    end, told = os.pipe()
    for _ in range(2):
        if os.fork() == 0:
            bench = Bench(limits, None, counters)
            asyncio.run(measure([bench], rounds=rounds, requests=requests))
            os.write(told, f"{bench.rate:012.0f}".encode())
            os._exit(0)
    rates = [float(os.read(end, 12)) for _ in range(2)]
    for _ in rates:
        os.wait()
    return sum(rates)


async def compare(redis_url: str, *, rounds: int, requests: int) -> dict[tuple[str, str], Bench]:
    """The rows by limits and place."""
    benches = {}
    for name, limits in LIMITS.items():
        benches[name, "this process"] = Bench(limits, None, None)
        benches[name, "shared memory"] = Bench(limits, None, SharedCounters.create())
        benches[name, "Redis"] = Bench(limits, redis_url, None)
    await measure(list(benches.values()), rounds=rounds, requests=requests)
    return benches


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=4_000)
    parser.add_argument("--redis", help="a server that is running; without it one is started")
    options = parser.parse_args()
    effort = {"rounds": options.rounds, "requests": options.requests}
    table = Table("limits", "where", "µs CPU", "µs wait", "decisions/s")
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as server:
        benches = asyncio.run(compare(options.redis or server.url, **effort))
    for (name, place), bench in benches.items():
        table.add_row(name, place, f"{bench.cpu:.1f}", f"{bench.wait:.1f}", f"{bench.rate:,.0f}")
        if place == "shared memory":
            table.add_row(name, "by two processes", "", "", f"{rate_of_two_processes(LIMITS[name], **effort):,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
