"""The three places where limits are counted, behind one face, for tests that all of them must pass."""

import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Literal
from uuid import uuid4

from router.config.ratelimit import RedisStorage
from router.stores.limits import Charge, Decision, LimitStore, Refund, Rule
from router.stores.memory_limits import MemoryLimitStore
from router.stores.redis_limits import RedisLimitStore
from router.stores.shared_limits import SharedLimitStore
from router.stores.shared_memory import SharedCounters
from tests.fake_clock import FakeClock

Place = Literal["memory", "shared", "redis"]
PLACES: tuple[Place, ...] = ("memory", "shared", "redis")


class Counting:
    """Counters somewhere. On Redis it is the server's clock that goes; elsewhere time stands still."""

    def __init__(self, place: Place, redis_url: str, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._open = _opener(place, redis_url)
        self._store = self._open()
        stack.push_async_callback(self.close)

    async def close(self) -> None:
        """Close the store."""
        await self._store.close()

    async def take(self, *charges: Charge) -> tuple[Decision, ...]:
        """Decide charges of one request."""
        return await self._store.take(charges)

    async def spend(self, rule: Rule, cost: int = 1) -> Decision:
        """Charge the key ``k``."""
        (decision,) = await self._store.take([Charge(rule, "k", cost)])
        return decision

    async def passes(self, rule: Rule, calls: int) -> int:
        """How many calls are let through."""
        return sum([(await self.spend(rule)).allowed for _ in range(calls)])

    async def give_back(self, rule: Rule, units: int, at: float) -> None:
        """Give back to the key ``k``, and wait until it is there."""
        self._store.give_back([Refund(rule=rule, key="k", units=units, at=at)])
        if isinstance(self._store, RedisLimitStore):
            await self._store.close()
            self._store = self._open()


def _opener(place: Place, redis_url: str) -> Callable[[], LimitStore]:
    clock = FakeClock()
    memory = MemoryLimitStore(now=clock)
    match place:
        case "memory":
            return lambda: memory
        case "shared":
            counters = SharedCounters.create(1 << 20)
            counters.wall_offset = 0.0
            return lambda: SharedLimitStore(counters, clock=clock, max_keys=100)
        case "redis":
            options = RedisStorage(urls=(redis_url,), namespace=uuid4().hex, timeout=30.0)
            return lambda: RedisLimitStore(
                options, on_error="deny", local=memory, clock=clock, wall_clock=time.time, on_failure=_fail
            )


def _fail() -> None:
    raise AssertionError("the server did not answer")
