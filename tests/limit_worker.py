"""One gateway process of a test: charges one limit on a Redis server many times at once, prints how often it passed."""

import asyncio
import sys
import time

from router.config.ratelimit import RedisStorage
from router.stores.limits import Algorithm, Charge, Rule
from router.stores.memory_limits import MemoryLimitStore
from router.stores.redis_limits import RedisLimitStore


async def count_passes(url: str, algorithm: Algorithm, *, capacity: int, calls: int) -> int:
    failures: list[None] = []
    store = RedisLimitStore(
        RedisStorage(urls=(url,), timeout=60.0),
        on_error="deny",
        local=MemoryLimitStore(now=time.monotonic),
        clock=time.monotonic,
        wall_clock=time.time,
        on_failure=lambda: failures.append(None),
    )
    rule = Rule(name="shared", algorithm=algorithm, capacity=capacity, interval_seconds=86_400)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(store.take([Charge(rule, "k")])) for _ in range(calls)]
    await store.close()
    assert not failures
    return sum(decision.allowed for task in running for decision in task.result())


if __name__ == "__main__":
    server_url, name, capacity_text, calls_text = sys.argv[1:]
    passes = count_passes(server_url, Algorithm(name), capacity=int(capacity_text), calls=int(calls_text))
    sys.stdout.write(str(asyncio.run(passes)))
