"""Which snapshot answers, and when an older one goes.

    listener ──▶ Generations.answer ──▶ dispatch, with the snapshot of the moment
                 ▲ you are here

A request keeps the snapshot that it began with. A snapshot that was replaced is closed when its last request has ended:
nothing is taken away from a request, and nothing is kept for longer than it is used.
"""

import asyncio
import logging
from collections.abc import Callable

from router.http.dispatch import Beside, Dispatcher
from router.http.server import IncomingRequest
from router.policy.request import Response
from router.snapshot import PolicySet, Snapshot, Waiting
from router.sources.garbage import settle_memory

logger = logging.getLogger(__name__)

_LIFETIMES = 3
"""A request has its time (``traffic_shaping.router.timeout``) for its body, for its answer and for deferred parts."""


class _Generation:
    """A snapshot, and how many requests are on it."""

    def __init__(self, snapshot: Snapshot | Waiting, beside: Beside) -> None:
        self.snapshot = snapshot
        self.dispatch = Dispatcher(snapshot, beside=beside)
        self.requests = 0
        self._is_idle: asyncio.Event | None = None  # nobody wants to know while new requests come

    def leave(self) -> None:
        """A request has ended."""
        self.requests -= 1
        if self._is_idle is not None and not self.requests:
            self._is_idle.set()

    async def until_idle(self) -> None:
        """Wait for the last request."""
        if self.requests:
            self._is_idle = asyncio.Event()
            await self._is_idle.wait()

    def stay(self) -> None:
        """The request of the current task goes on until the task ends."""
        task = asyncio.current_task()
        assert task is not None
        self.requests += 1
        task.add_done_callback(lambda _: self.leave())


class Generations:
    """The snapshot of the moment, and those before it that still have requests.

    Args:
        first: Answers at the beginning.
        beside: What is answered whichever snapshot there is.
        on_release: Called when a snapshot was closed and its memory is free.
    """

    def __init__(self, first: Waiting, *, beside: Beside, on_release: Callable[[], None] | None = None) -> None:
        self._beside = beside
        self._on_release = on_release
        self._current = _Generation(first, beside)
        self._open = {self._current}
        self._left: asyncio.Queue[_Generation] = asyncio.Queue()

    @property
    def snapshot(self) -> Snapshot | None:
        """The snapshot of the moment, if there is a supergraph."""
        snapshot = self._current.snapshot
        return snapshot if isinstance(snapshot, Snapshot) else None

    @property
    def policies(self) -> PolicySet:
        """The policies of the moment."""
        return self._current.snapshot.policies

    async def answer(self, incoming: IncomingRequest) -> Response:
        """Answer one request with the snapshot of this moment."""
        generation = self._current
        generation.requests += 1
        try:
            response = await generation.dispatch(incoming)
            if response.rest is not None:
                generation.stay()  # whoever serves this request writes the rest, too
            return response
        finally:
            generation.leave()

    def install(self, snapshot: Snapshot) -> None:
        """Let every request from now on take ``snapshot``. No request sees anything in between."""
        left = self._current
        self._current = _Generation(snapshot, self._beside)
        self._open.add(self._current)
        self._left.put_nowait(left)

    async def work(self) -> None:
        """Do what policies do beside requests, and close what was left, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            policies_work = tasks.create_task(self.policies.pipeline.work())
            while True:
                left = await self._left.get()
                if left.snapshot.policies is not self.policies:
                    policies_work.cancel()
                    policies_work = tasks.create_task(self.policies.pipeline.work())
                tasks.create_task(self._release(left))
                del left  # the wait for the next one may be long

    async def close(self) -> None:
        """Close everything, after the last request."""
        for generation in tuple(self._open):
            await self._close(generation)

    async def _release(self, generation: _Generation) -> None:
        """Close a snapshot after its last request, or when that should have ended long ago."""
        try:
            async with asyncio.timeout(_LIFETIMES * generation.snapshot.timeout_seconds):
                await generation.until_idle()
        except TimeoutError:
            logger.warning("requests outlived their snapshot", extra={"requests": generation.requests})
        await self._close(generation)
        held_a_graph = isinstance(generation.snapshot, Snapshot)
        del generation
        if held_a_graph:
            settle_memory()
            if self._on_release is not None:
                self._on_release()

    async def _close(self, generation: _Generation) -> None:
        await generation.snapshot.close()
        self._open.discard(generation)
        policies = generation.snapshot.policies
        if all(other.snapshot.policies is not policies for other in self._open):
            await policies.close()
