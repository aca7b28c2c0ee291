"""Requests to subgraphs that policies want to see: told before and after, in a task of their own.

executor ──▶ hooks ──▶ Sender ──▶ subgraph
▲ you are here, only if a policy has such a hook
"""

import asyncio
from collections.abc import Callable, Collection

from router.executor.outcome import FetchOutcome, FetchRequest, Send
from router.executor.schedule import in_tasks
from router.policy.hooks import Hooks
from router.policy.request import Request
from router.policy.subgraph_call import SubgraphCall

SendWith = Callable[[FetchRequest, Collection[tuple[str, str]]], asyncio.Future[FetchOutcome]]
"""Starts a request with more headers than the rules make."""


def hooked(request: Request, hooks: Hooks, send_with: SendWith) -> Send:
    """``send_with``, with the hooks before and behind it."""

    async def send(fetch_request: FetchRequest) -> FetchOutcome:
        fetch = fetch_request.fetch
        call = SubgraphCall(
            subgraph=fetch.subgraph, kind=fetch.kind, operation=fetch.operation, body=fetch_request.body
        )
        outcome = await hooks.before_call(request, call)
        if outcome is None:
            outcome = await send_with(FetchRequest(fetch, call.body), call.headers.items())
        return await hooks.after_call(request, call, outcome)

    return in_tasks(send)
