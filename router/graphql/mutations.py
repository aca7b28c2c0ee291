"""Mutations whose client went away.

    stage ──▶ Mutations.run ──▶ execute
              ▲ you are here

A query is cancelled with its client. A mutation is not: whether a request that was sent has taken effect nobody would
know. What was sent may finish, within its own timeout; nothing new is sent.
"""

import asyncio

from router.executor.outcome import ExecutionResult, FetchFailure, FetchOutcome, FetchRequest, Send
from router.executor.run import PlanRun
from router.executor.schedule import execute

_NOT_SENT = FetchFailure("CLIENT_CLOSED_REQUEST", "The client went away before this was sent.")


class Mutations:
    """Runs mutations, and keeps those whose client has gone until they are done."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[ExecutionResult]] = set()

    async def run(self, run: PlanRun, send: Send, *, deadline: float | None = None) -> ExecutionResult:
        """As ``execute``; if this is cancelled, what was sent goes on without us."""
        loop = asyncio.get_running_loop()
        gone = False

        def send_unless_gone(request: FetchRequest) -> asyncio.Future[FetchOutcome]:
            if not gone:
                return send(request)
            not_sent: asyncio.Future[FetchOutcome] = loop.create_future()
            not_sent.set_result(_NOT_SENT)
            return not_sent

        task = loop.create_task(execute(run, send_unless_gone, deadline=deadline))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            gone = True
            raise

    async def finish(self) -> None:
        """Wait for those that still run."""
        while self._running:
            await asyncio.wait(self._running)
