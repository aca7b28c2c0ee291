"""The store of counters that the configuration names."""

from collections.abc import Callable

from router.config.ratelimit import RateLimitSection
from router.stores.limits import LimitStore
from router.stores.memory_limits import MemoryLimitStore
from router.stores.redis_limits import RedisLimitStore
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

    Those in memory are ``shared`` with other workers if there are any.
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
    return RedisLimitStore(
        redis,
        on_error=section.on_error,
        local=local,
        clock=clock,
        on_failure=on_failure,
    )
