"""Driving a run: the asynchronous shell around ``PlanRun``, and a synchronous one for tests and tools.

    PlanRun ◀──▶ schedule ◀──▶ send (upstream)
                 ▲ you are here

Deadlines and limits of concurrency belong to ``send``, which answers with an outcome in any case: an exception here is
a bug, or the cancellation of the request, and ends all its fetches.
"""

import asyncio
from collections.abc import Callable

from router.executor.outcome import ExecutionResult, FetchOutcome, FetchRequest, Send
from router.executor.run import PlanRun

SendSync = Callable[[FetchRequest], FetchOutcome]


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
