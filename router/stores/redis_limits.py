"""Counters on Redis, shared by every gateway that uses it.

One script decides all charges of a request in one round trip, with those of other requests that came meanwhile. In a
cluster a script has the keys of one slot only. The counters of one caller are in one slot, so a request that is charged
to one caller is decided in one step there, too. If it is charged to several keys of different slots, each slot decides
for itself; when one of them refuses, the others get back what they have spent.

When a server does not answer in time, all are left alone for ``retry_interval``; then one request tries again, and the
others go on without them until that one succeeds. What "without" means is ``on_error``: count in this process, let all
pass, or refuse all.

Units that are given back go to the server beside requests: nobody waits for them, and what cannot be sent now is kept.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Literal

from redis.exceptions import RedisError

from router.config.ratelimit import RedisStorage
from router.errors import RateLimitStoreError
from router.stores.limits import Charge, Decision, Refund, Rule
from router.stores.memory_limits import MemoryLimitStore
from router.stores.redis_lane import Lane
from router.stores.redis_script import microseconds, rule_arguments
from router.stores.redis_servers import RedisScripts
from router.stores.shared_limits import SharedLimitStore

_log = logging.getLogger(__name__)

_MOST_OWED = 10_000
_LARGEST_REPAYMENT = 200


class RedisLimitStore:
    """Asks the servers; knows what to do without them."""

    def __init__(
        self,
        options: RedisStorage,
        *,
        on_error: Literal["local", "allow", "deny"],
        local: MemoryLimitStore | SharedLimitStore,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
        on_failure: Callable[[], None],
    ) -> None:
        self._options = options
        self._on_error = on_error
        self._local = local
        self._clock = clock
        self._wall_clock = wall_clock
        self._on_failure = on_failure
        self._away_until: float | None = None
        self._scripts = RedisScripts(options)
        self._lanes: dict[int, Lane] = {}
        self._owed: deque[Refund] = deque()
        self._owes = asyncio.Event()

    async def take(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        """Decide all charges; spend them if every one is allowed."""
        if self._is_left_alone():
            return self._without_server(charges)
        decisions = await self._ask(charges)
        return self._without_server(charges) if decisions is None else decisions

    def give_back(self, refunds: Sequence[Refund]) -> None:
        """Owe it to the server, or give it to the counters of this process if they were charged."""
        self._local.give_back([refund for refund in refunds if refund.source == "local"])
        self._owed.extend(refund for refund in refunds if refund.source == "store")
        if len(self._owed) > _MOST_OWED:
            count = len(self._owed) - _MOST_OWED
            for _ in range(count):
                self._owed.popleft()
            _log.warning("refunds of rate limits are lost", extra={"refunds": count})
        if self._owed:
            self._owes.set()

    async def work(self) -> None:
        """Give back what is owed, as soon as the server takes it."""
        while True:
            await self._owes.wait()
            if self._is_left_alone() or not await self._repay():
                await asyncio.sleep(self._options.retry_interval)

    async def close(self) -> None:
        """Give back what is owed if the server is there, and close all connections."""
        while self._owed and self._away_until is None:
            await self._repay()
        if self._owed:
            _log.warning("refunds of rate limits are lost", extra={"refunds": len(self._owed)})
        await self._scripts.close()

    async def _ask(self, charges: Sequence[Charge]) -> tuple[Decision, ...] | None:
        """What the servers say; ``None`` if one does not answer."""
        keys = [self._key(charge.rule, charge.key) for charge in charges]
        slots = list(map(self._scripts.slot, keys))
        if len(set(slots)) == 1:
            return await self._lane(slots[0]).decide(keys, charges)
        asked: dict[int, asyncio.Task[tuple[Decision, ...] | None]] = {}
        async with asyncio.TaskGroup() as tasks:
            for slot in dict.fromkeys(slots):
                there = [place for place, each in enumerate(slots) if each == slot]
                some = [keys[place] for place in there], [charges[place] for place in there]
                asked[slot] = tasks.create_task(self._lane(slot).decide(*some))
        found = {slot: task.result() for slot, task in asked.items()}
        answers = {slot: iter(decisions) for slot, decisions in found.items() if decisions is not None}
        if len(answers) < len(found):
            return None
        decisions = tuple(next(answers[slot]) for slot in slots)
        self._undo(charges, decisions, slots)
        return decisions

    def _undo(self, charges: Sequence[Charge], decisions: Sequence[Decision], slots: Sequence[int]) -> None:
        """If a slot refused, give back what the others have spent."""
        decided = tuple(zip(charges, decisions, slots, strict=True))
        refusing = {slot for charge, decision, slot in decided if not (decision.allowed or charge.measured)}
        if refusing:
            self.give_back(
                [
                    Refund(rule=charge.rule, key=charge.key, units=charge.cost, at=decision.at)
                    for charge, decision, slot in decided
                    if slot not in refusing and decision.allowed
                ]
            )

    def _lane(self, slot: int) -> Lane:
        lane = self._lanes.get(slot)
        if lane is None:
            lane = self._lanes[slot] = Lane(
                self._scripts,
                timeout_seconds=self._options.timeout,
                on_answer=self._answered,
                wall_clock=self._wall_clock,
            )
        return lane

    async def _repay(self) -> bool:
        """Give back some of what is owed; whether the server took it."""
        if self._away_until is not None and not await self._is_back():
            return False
        refunds = [self._owed.popleft() for _ in range(min(len(self._owed), _LARGEST_REPAYMENT))]
        by_slot = defaultdict[int, list[Refund]](list)
        for refund in refunds:
            by_slot[self._scripts.slot(self._key(refund.rule, refund.key))].append(refund)
        if not self._owed:
            self._owes.clear()
        while by_slot:
            _slot, some = by_slot.popitem()
            try:
                async with asyncio.timeout(self._options.timeout):
                    await self._scripts.give_back(*self._repayment(some))
            except (RedisError, OSError) as error:
                # It may have been taken all the same. To give back twice would let too much pass, so these are lost.
                _log.warning("refunds of rate limits are lost", extra={"refunds": len(some), "reason": repr(error)})
                self._answered(error)
                self.give_back([refund for others in by_slot.values() for refund in others])
                return False
        self._answered(None)
        return True

    async def _is_back(self) -> bool:
        try:
            async with asyncio.timeout(self._options.timeout):
                await self._scripts.ping()
        except (RedisError, OSError) as error:
            self._answered(error)
            return False
        return True

    def _repayment(self, refunds: Sequence[Refund]) -> tuple[list[str], list[str | int]]:
        now, arguments = self._wall_clock(), list[str | int]()
        for refund in refunds:
            arguments += (*rule_arguments(refund.rule, now), refund.units, microseconds(refund.at))
        return [self._key(refund.rule, refund.key) for refund in refunds], arguments

    def _is_left_alone(self) -> bool:
        if self._away_until is None:
            return False
        now = self._clock()
        if now < self._away_until:
            return True
        # This caller tries; whoever comes while it does goes on without the server.
        self._away_until = now + max(self._options.retry_interval, self._options.timeout)
        return False

    def _answered(self, error: Exception | None) -> None:
        if error is not None:
            self._on_failure()
            if self._away_until is None:
                _log.warning("rate-limit store is away", extra={"on_error": self._on_error, "reason": repr(error)})
            self._away_until = self._clock() + self._options.retry_interval
        elif self._away_until is not None:
            self._away_until = None
            _log.warning("rate-limit store is back")

    def _without_server(self, charges: Sequence[Charge]) -> tuple[Decision, ...]:
        match self._on_error:
            case "local":
                return tuple(_local(decision) for decision in self._local.take_now(charges))
            case "allow":
                return tuple(_allowed(charge) for charge in charges)
            case "deny":
                raise RateLimitStoreError

    def _key(self, rule: Rule, key: str) -> str:
        # The algorithm is part of the key: they keep different things, and a configuration may change its mind. What is
        # in braces decides about the slot, so all counters of one caller have the same.
        return f"{self._options.namespace}:{rule.name}:{rule.algorithm}:{{{key}}}"


def _local(decision: Decision) -> Decision:
    return Decision(
        rule=decision.rule,
        allowed=decision.allowed,
        remaining=decision.remaining,
        reset_seconds=decision.reset_seconds,
        retry_after_seconds=decision.retry_after_seconds,
        at=decision.at,
        source="local",
    )


def _allowed(charge: Charge) -> Decision:
    """What is said when nobody counts."""
    rule = charge.rule
    return Decision(
        rule=rule, allowed=True, remaining=rule.capacity, reset_seconds=rule.interval_seconds, source="nobody"
    )
