"""The store of counters that the configuration names."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from router.config.ratelimit import RateLimitSection
from router.stores.limits import LimitStore
from router.stores.memory_limits import MemoryLimitStore
from router.stores.redis_limits import RedisLimitStore
from router.stores.redis_servers import check_reachable
from router.stores.shared_limits import SharedLimitStore
from router.stores.shared_memory import SharedCounters


def build_limit_store(
    section: RateLimitSection,
    *,
    clock: Callable[[], float],
    wall_clock: Callable[[], float],
    on_failure: Callable[[], None],
    shared: SharedCounters | None = None,
) -> LimitStore:
    """Counters in memory, or on Redis with those in memory to fall back on. Connects when it is first used.

    Those in memory are ``shared`` with other workers if there are any. Raises ``OSError`` if Redis is required to start
    and does not answer.
    """
    max_keys = section.storage.in_memory.max_keys
    local: MemoryLimitStore | SharedLimitStore
    if shared is None:
        # Fixed windows end when the wall clock says so, but nothing may run backwards when somebody sets that clock.
        offset = wall_clock() - clock()
        local = MemoryLimitStore(now=lambda: offset + clock(), max_keys=max_keys)
    else:
        local = SharedLimitStore(shared, clock=clock, max_keys=max_keys)
    redis = section.storage.redis
    if redis is None:
        return local
    if redis.required_to_start:
        # This waits, and nothing else can be done meanwhile: there is nothing to serve with yet, or what is served
        # waits for a moment.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, check_reachable(redis)).result()
    return RedisLimitStore(
        redis,
        on_error=section.on_error,
        local=local,
        clock=clock,
        wall_clock=wall_clock,
        on_failure=on_failure,
    )
