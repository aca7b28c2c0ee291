"""Many requests, one script: whoever comes while a script runs is decided by the next one.

    RedisLimitStore ──▶ Lane ──▶ RedisScripts
                        ▲ you are here; one for each slot of a cluster, else only one

So a burst waits for two round trips and needs one connection. Each request is decided by itself, in the order in which
they came.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from redis.exceptions import RedisError

from router.stores.limits import Charge, Decision
from router.stores.redis_script import rule_arguments, seconds
from router.stores.redis_servers import RedisScripts

_LARGEST_BATCH = 500


class Lane:
    """Sends what has come, as soon as the script before has answered.

    Args:
        on_answer: Told ``None`` when the server answered, and else what happened.
        wall_clock: Seconds since 1970, for what the server has to be told of calendars.
    """

    def __init__(
        self,
        scripts: RedisScripts,
        *,
        timeout_seconds: float,
        on_answer: Callable[[Exception | None], None],
        wall_clock: Callable[[], float],
    ) -> None:
        self._scripts = scripts
        self._timeout_seconds = timeout_seconds
        self._on_answer = on_answer
        self._wall_clock = wall_clock
        self._sending = asyncio.Lock()
        self._open: _Batch | None = None

    async def decide(self, keys: Sequence[str], charges: Sequence[Charge]) -> tuple[Decision, ...] | None:
        """What the server says of these keys' charges; ``None`` if it does not answer."""
        batch = self._open
        if batch is not None and len(batch.requests) < _LARGEST_BATCH:
            place = batch.add(keys, charges)
            await batch.done.wait()
            if not batch.decisions and not batch.failed:
                return await self.decide(keys, charges)  # The client of the request that sent the batch went away.
        else:
            # Whoever begins a batch sends it, as soon as the one before is answered.
            batch = self._open = _Batch()
            place = batch.add(keys, charges)
            await self._send(batch)
        return batch.decisions[place] if batch.decisions else None

    async def _send(self, batch: "_Batch") -> None:
        try:
            async with asyncio.timeout(self._timeout_seconds), self._sending:
                self._close(batch)
                batch.read(await self._scripts.take(batch.keys, batch.arguments(self._wall_clock())))
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            batch.failed = True
            self._on_answer(error)
        else:
            self._on_answer(None)
        finally:
            # Also when the sender is cancelled: the others must not wait for ever.
            self._close(batch)
            batch.done.set()

    def _close(self, batch: "_Batch") -> None:
        """Let nobody join any more."""
        if self._open is batch:
            self._open = None


class _Batch:
    """Requests that one script decides, each by itself.

    Attributes:
        keys: Of all charges, in order.
        decisions: One tuple for each request, in order; empty until there is an answer.
        failed: The server did not answer.
        done: Set when there is an answer, or will be none.
    """

    def __init__(self) -> None:
        self.requests: list[Sequence[Charge]] = []
        self.keys: list[str] = []
        self.decisions: list[tuple[Decision, ...]] = []
        self.failed = False
        self.done = asyncio.Event()

    def add(self, keys: Sequence[str], charges: Sequence[Charge]) -> int:
        """Join; the place of the request's decisions."""
        self.keys.extend(keys)
        self.requests.append(charges)
        return len(self.requests) - 1

    def arguments(self, wall_clock: float) -> list[str | int]:
        """What the script is told."""
        arguments: list[str | int] = [len(self.requests)]
        for charges in self.requests:
            arguments.append(len(charges))
            for charge in charges:
                arguments += (*rule_arguments(charge.rule, wall_clock), charge.cost, int(charge.measured))
        return arguments

    def read(self, answer: Sequence[int]) -> None:
        """Take the answer of the script apart."""
        numbers = iter(answer)
        at = seconds(next(numbers))
        self.decisions = [tuple(_decision(charge, numbers, at) for charge in charges) for charges in self.requests]


def _decision(charge: Charge, numbers: Iterator[int], at: float) -> Decision:
    allowed, remaining, reset, wait = islice(numbers, 4)
    return Decision(
        rule=charge.rule,
        allowed=bool(allowed),
        remaining=remaining,
        reset_seconds=seconds(reset),
        retry_after_seconds=seconds(wait),
        at=at,
    )
