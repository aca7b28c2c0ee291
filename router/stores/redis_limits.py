"""Counters on a Redis server, shared by every gateway that uses it.

One script decides all charges of a request in one round trip. When the server does not answer in time, it is left alone
for ``retry_interval``; then one request tries again, and the others go on without it until that one succeeds. What
"without it" means is ``on_error``: count in this process, let all pass, or refuse all.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Literal

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from router.config.ratelimit import RedisStorage
from router.errors import RateLimitStoreError
from router.stores.limits import Charge, Decision
from router.stores.memory_limits import MemoryLimitStore
from router.stores.redis_script import TAKE

_log = logging.getLogger(__name__)

_MICRO = 1_000_000
_FIELDS = 4


class RedisLimitStore:
    """Asks the server; knows what to do without it."""

    def __init__(
        self,
        options: RedisStorage,
        *,
        on_error: Literal["local", "allow", "deny"],
        local: MemoryLimitStore,
        clock: Callable[[], float],
        on_failure: Callable[[], None],
    ) -> None:
        self._options = options
        self._on_error = on_error
        self._local = local
        self._clock = clock
        self._on_failure = on_failure
        self._away_until: float | None = None
        # A pool that waits for a connection, so that a burst does not open thousands; and no retries of the library's
        # own, which would take longer than the request may.
        pool = BlockingConnectionPool.from_url(
            options.urls[0],
            max_connections=options.max_connections,
            timeout=options.timeout,
            socket_timeout=options.timeout,
            socket_connect_timeout=options.timeout,
            retry=Retry(NoBackoff(), 0),
        )
        self._client = Redis.from_pool(pool)
        self._script = self._client.register_script(TAKE)

    async def take(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """Decide all charges; spend them if every one is allowed."""
        if self._is_left_alone():
            return self._without_server(charges)
        try:
            async with asyncio.timeout(self._options.timeout):
                answer = await self._script(keys=self._keys(charges), args=_arguments(charges))
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self._went_away(error)
            return self._without_server(charges)
        self._came_back()
        return tuple(_decision(charge, answer[_FIELDS * index :]) for index, charge in enumerate(charges))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _is_left_alone(self) -> bool:
        if self._away_until is None:
            return False
        now = self._clock()
        if now < self._away_until:
            return True
        # This caller tries; whoever comes while it does goes on without the server.
        self._away_until = now + self._options.retry_interval
        return False

    def _went_away(self, error: Exception) -> None:
        self._on_failure()
        if self._away_until is None:
            _log.warning("rate-limit store is away", extra={"on_error": self._on_error, "reason": repr(error)})
        self._away_until = self._clock() + self._options.retry_interval

    def _came_back(self) -> None:
        if self._away_until is not None:
            self._away_until = None
            _log.warning("rate-limit store is back")

    def _without_server(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        match self._on_error:
            case "local":
                return self._local.take_now(charges)
            case "allow":
                return tuple(_allowed(charge) for charge in charges)
            case "deny":
                raise RateLimitStoreError

    def _keys(self, charges: Sequence[Charge]) -> list[str]:
        # The algorithm is part of the key: the three keep different things, and a configuration may change its mind.
        namespace = self._options.namespace
        return [f"{namespace}:{charge.rule.name}:{charge.rule.algorithm}:{charge.key}" for charge in charges]


def _arguments(charges: Sequence[Charge]) -> list[str | int]:
    arguments: list[str | int] = []
    for charge in charges:
        rule = charge.rule
        arguments += (rule.algorithm.value, rule.capacity, round(rule.interval_seconds * _MICRO), charge.cost)
    return arguments


def _decision(charge: Charge, answer: Sequence[int]) -> Decision:
    allowed, remaining, reset, wait = answer[:_FIELDS]
    return Decision(
        rule=charge.rule,
        allowed=bool(allowed),
        remaining=remaining,
        reset_seconds=reset / _MICRO,
        retry_after_seconds=wait / _MICRO,
    )


def _allowed(charge: Charge) -> Decision:
    """What is said when nobody counts."""
    rule = charge.rule
    return Decision(rule=rule, allowed=True, remaining=rule.capacity, reset_seconds=rule.interval_seconds)
