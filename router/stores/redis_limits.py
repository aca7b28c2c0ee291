"""Counters on a Redis server, shared by every gateway that uses it.

One script decides all charges of a request in one round trip. Requests that come while a script runs are decided by the
next one, each by itself: so a burst waits for two round trips and needs one connection.

When the server does not answer in time, it is left alone for ``retry_interval``; then one request tries again, and the
others go on without it until that one succeeds. What "without it" means is ``on_error``: count in this process, let all
pass, or refuse all.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Literal

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from router.config.ratelimit import RedisStorage
from router.errors import RateLimitStoreError
from router.stores.limits import Charge, Decision
from router.stores.memory_limits import MemoryLimitStore
from router.stores.redis_script import TAKE
from router.stores.shared_limits import SharedLimitStore

_log = logging.getLogger(__name__)

_MICRO = 1_000_000
_LARGEST_BATCH = 500


class RedisLimitStore:
    """Asks the server; knows what to do without it."""

    def __init__(
        self,
        options: RedisStorage,
        *,
        on_error: Literal["local", "allow", "deny"],
        local: MemoryLimitStore | SharedLimitStore,
        clock: Callable[[], float],
        on_failure: Callable[[], None],
    ) -> None:
        self._options = options
        self._on_error = on_error
        self._local = local
        self._clock = clock
        self._on_failure = on_failure
        self._away_until: float | None = None
        # No retries of the library's own: they would take longer than the request may.
        self._client = Redis.from_url(
            options.urls[0],
            socket_timeout=options.timeout,
            socket_connect_timeout=options.timeout,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = self._client.register_script(TAKE)
        self._sending = asyncio.Lock()
        self._open: _Batch | None = None

    async def take(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """Decide all charges; spend them if every one is allowed."""
        if self._is_left_alone():
            return self._without_server(charges)
        decisions = await self._decide(charges)
        return self._without_server(charges) if decisions is None else decisions

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _decide(self, charges: Sequence[Charge]) -> tuple[Decision, ...] | None:
        """What the server says; ``None`` if it does not answer."""
        batch = self._open
        if batch is not None and len(batch.requests) < _LARGEST_BATCH:
            place = batch.add(charges)
            await batch.done.wait()
            if not batch.decisions and not batch.failed:
                return await self._decide(charges)  # The client of the request that sent the batch went away.
        else:
            # Whoever begins a batch sends it, as soon as the one before is answered.
            batch = self._open = _Batch()
            place = batch.add(charges)
            await self._send(batch)
        return batch.decisions[place] if batch.decisions else None

    async def _send(self, batch: "_Batch") -> None:
        try:
            async with asyncio.timeout(self._options.timeout), self._sending:
                self._close(batch)
                keys = [self._key(charge) for charges in batch.requests for charge in charges]
                batch.read(await self._script(keys=keys, args=batch.arguments()))
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            batch.failed = True
            self._went_away(error)
        else:
            self._came_back()
        finally:
            # Also when the sender is cancelled: the others must not wait for ever.
            self._close(batch)
            batch.done.set()

    def _close(self, batch: "_Batch") -> None:
        """Let nobody join any more."""
        if self._open is batch:
            self._open = None

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

    def _key(self, charge: Charge) -> str:
        # The algorithm is part of the key: the three keep different things, and a configuration may change its mind.
        return f"{self._options.namespace}:{charge.rule.name}:{charge.rule.algorithm}:{charge.key}"


class _Batch:
    """Requests that one script decides, each by itself.

    Attributes:
        decisions: One tuple for each request, in order; empty until there is an answer.
        failed: The server did not answer.
        done: Set when there is an answer, or will be none.
    """

    def __init__(self) -> None:
        self.requests: list[Sequence[Charge]] = []
        self.decisions: list[tuple[Decision, ...]] = []
        self.failed = False
        self.done = asyncio.Event()

    def add(self, charges: Sequence[Charge]) -> int:
        """Join; the place of the request's decisions."""
        self.requests.append(charges)
        return len(self.requests) - 1

    def arguments(self) -> list[str | int]:
        """What the script is told."""
        arguments: list[str | int] = [len(self.requests)]
        for charges in self.requests:
            arguments.append(len(charges))
            for charge in charges:
                rule = charge.rule
                interval = round(rule.interval_seconds * _MICRO)
                arguments += (rule.algorithm.value, rule.capacity, interval, charge.cost)
        return arguments

    def read(self, answer: Sequence[int]) -> None:
        """Take the answer of the script apart."""
        numbers = iter(answer)
        self.decisions = [tuple(_decision(charge, numbers) for charge in charges) for charges in self.requests]


def _decision(charge: Charge, numbers: Iterator[int]) -> Decision:
    allowed, remaining, reset, wait = islice(numbers, 4)
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
