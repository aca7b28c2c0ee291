"""Driving a run: the asynchronous shell around ``PlanRun``, and a synchronous one for tests and tools.

    PlanRun ◀──▶ schedule ◀──▶ send (upstream)
                 ▲ you are here

Deadlines and limits of concurrency belong to ``send``, which answers with an outcome in any case: an exception here is
a bug, or the cancellation of the request, and ends all its fetches.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextvars import Context
from typing import Protocol

from router.executor.defer import Increment
from router.executor.outcome import ExecutionResult, FetchOutcome, FetchRequest, Send
from router.executor.run import PlanRun

SendSync = Callable[[FetchRequest], FetchOutcome]


class Deliver(Protocol):
    """Takes deferred parts that are ready; ``has_next`` says whether more will come."""

    def __call__(self, increments: Sequence[Increment], *, has_next: bool) -> Awaitable[None]:
        """Deliver them."""


async def execute(run: PlanRun, send: Send) -> ExecutionResult:
    """Send what is ready, feed back what arrives, until the plan is done."""
    async with asyncio.TaskGroup() as tasks:

        async def fetch(request: FetchRequest) -> None:
            run.receive(request, await send(request))
            start_ready()

        def start_ready() -> None:
            for request in run.ready():
                tasks.create_task(fetch(request))

        start_ready()
    return run.response()


async def execute_deferred(run: PlanRun, send: Send, deliver: Deliver, *, context: Context | None = None) -> None:
    """After the response: send what the deferred parts need, and deliver each as it becomes ready.

    ``context`` is what requests are sent in; by default the current one.
    """
    async with asyncio.TaskGroup() as tasks:
        arrived = asyncio.Event()
        sent: list[asyncio.Task[None]] = []

        async def fetch(request: FetchRequest) -> None:
            run.receive(request, await send(request))
            start_ready()
            arrived.set()

        def start_ready() -> None:
            sent.extend(tasks.create_task(fetch(request), context=context) for request in run.ready())

        start_ready()
        while run.has_next:
            increments = run.increments()
            if increments:
                await deliver(increments, has_next=run.has_next)
            else:
                await arrived.wait()
                arrived.clear()
        for task in sent:
            task.cancel()  # for objects that the client did not get


def run_deferred_sync(
    run: PlanRun, send: SendSync, *, choose: Callable[[int], int] = lambda _: 0
) -> Iterator[tuple[Increment, ...]]:
    """As ``execute_deferred``, one request after the other; see ``run_sync``."""
    waiting = run.ready()
    while run.has_next:
        increments = run.increments()
        if increments:
            yield increments
            continue
        request = waiting.pop(choose(len(waiting)))
        run.receive(request, send(request))
        waiting.extend(run.ready())


def run_sync(run: PlanRun, send: SendSync, *, choose: Callable[[int], int] = lambda _: 0) -> ExecutionResult:
    """As ``execute``, one request after the other.

    Args:
        run: What to drive.
        send: Answers a request.
        choose: Which of so many waiting requests is answered next; by default the oldest.
    """
    waiting = run.ready()
    while waiting:
        request = waiting.pop(choose(len(waiting)))
        run.receive(request, send(request))
        waiting.extend(run.ready())
    return run.response()
