"""Mutations whose client went away, or whose time is up.

    stage ──▶ Mutations.sending ──▶ execute
              ▲ you are here

A query is cancelled with its client. A mutation is not: of a request that was sent nobody would know whether it has
taken effect. What was sent may finish, within its own timeout; nothing new is sent.
"""

import asyncio

from router.executor.outcome import FetchOutcome, FetchRequest, Send


class Mutations:
    """The requests with mutations that are out."""

    def __init__(self) -> None:
        self._running: set[asyncio.Future[FetchOutcome]] = set()

    def sending(self, send: Send) -> Send:
        """As ``send``; but a mutation goes on when whoever waits for it does not."""

        def start(request: FetchRequest) -> asyncio.Future[FetchOutcome]:
            answer = send(request)
            if request.fetch.kind != "mutation":
                return answer
            self._running.add(answer)
            answer.add_done_callback(self._running.discard)
            return asyncio.shield(answer)

        return start

    async def finish(self) -> None:
        """Wait for those that still run."""
        while self._running:
            await asyncio.wait(self._running)
