"""The pipeline: what every request passes, whichever door it came in by.

    http ──▶ Pipeline.run ──▶ policy ──▶ policy ──▶ … ──▶ graphql | rest
                              ▲ a policy lets a request pass, changes it, or refuses it

On the way in each policy is asked in order. A refusal (a raised ``RequestError``, or a ``Response``) stops there; on
the way back every policy that was asked sees the answer, in reverse order.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import NamedTuple

from router.errors import ClientGoneError, InternalError, RequestError
from router.executor.outcome import FetchOutcome
from router.jobs import work_together
from router.policy.modes import EVERYTHING_ENFORCES, Modes
from router.policy.refuse import refuse
from router.policy.request import Request, Response
from router.policy.subgraph_call import SubgraphCall
from supergraph.operation.model import Operation
from supergraph.plan import QueryPlan

_log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]


class Policy:
    """One step of the pipeline. Derive from it and define what the policy has to do; the rest does nothing.

    A policy knows the request and its own options. Policies do not know each other; what one has to tell the next
    stands in the request.
    """

    name: str

    priority: int = 1000
    """Where it stands: policies are asked from the highest to the lowest."""

    subgraphs: frozenset[str] | None = None
    """The subgraphs whose requests and answers it is told of; ``None`` is all of them."""

    reads_operations_whole: bool = True
    """Whether ``on_operation`` reads more of an operation than its kind, name and hash.

    Only then it gets the literals and aliases of the client; operations that differ in nothing else have one plan.
    """

    async def on_request(self, request: Request, /) -> Response | None:
        """Let the request pass (``None``), answer it, or raise a ``RequestError``."""

    def on_response(self, request: Request, response: Response, /) -> None:
        """Look at the answer, or change it. Called whenever ``on_request`` was, and does not wait."""

    async def on_answer(self, request: Request, response: Response, /) -> None:
        """Look at an answer of what stands behind the policies, or change it; may wait, and raise."""

    async def on_operation(self, request: Request, operation: Operation, /) -> None:
        """Look at a GraphQL operation that is valid and within its limits; raise a ``RequestError`` to refuse it."""

    async def on_plan(self, request: Request, plan: QueryPlan, /) -> None:
        """Look at the plan before it is run; raise a ``RequestError`` to refuse it."""

    async def on_subgraph_request(self, request: Request, call: SubgraphCall, /) -> FetchOutcome | None:
        """Look at a request to a subgraph, or change it; an outcome is used instead of sending it."""

    async def on_subgraph_response(
        self, request: Request, call: SubgraphCall, outcome: FetchOutcome, /
    ) -> FetchOutcome | None:
        """Look at what a subgraph answered; an outcome is used in its place."""

    async def work(self) -> None:
        """What the policy does beside requests, such as fetching keys. Returns when there is nothing (more) to do."""

    async def close(self) -> None:
        """Give back what the policy holds."""


class PromptPolicy(Policy):
    """A policy that decides about requests without waiting. Define ``decide`` in place of ``on_request``.

    The pipeline calls it directly: a coroutine for each request would cost more than what most of them do.
    """

    async def on_request(self, request: Request, /) -> Response | None:
        """As ``decide``."""
        return self.decide(request)

    def decide(self, request: Request, /) -> Response | None:
        """Let the request pass (``None``), answer it, or raise a ``RequestError``."""


class _Step(NamedTuple):
    """What of a policy is called for each request; found out once.

    Attributes:
        decide: Asks without waiting; ``None`` if there is nothing to ask, or the policy may wait.
        sees_answer: The policy has to be told what became of a request that it was asked about.
        has_mode: It may do something else than enforce.
        may_wait: ``on_request`` has to be awaited.
    """

    policy: Policy
    decide: Callable[[Request], Response | None] | None
    sees_answer: bool
    has_mode: bool
    may_wait: bool

    @staticmethod
    def of(policy: Policy, modes: Modes) -> "_Step":
        """How ``policy`` is called."""
        kind = type(policy)
        decide = policy.decide if isinstance(policy, PromptPolicy) else None
        if kind.on_request is not PromptPolicy.on_request:
            decide = None
        may_wait = decide is None and kind.on_request is not Policy.on_request
        sees_answer = kind.on_response is not Policy.on_response or kind.on_answer is not Policy.on_answer
        return _Step(policy, decide, sees_answer, modes.concern(policy.name), may_wait)


_Stretch = tuple[tuple[_Step, ...], _Step | None]
"""Policies that do not wait, one after the other, and the one behind them that may."""


def _stretches(steps: Iterable[_Step]) -> Iterator[_Stretch]:
    prompt: list[_Step] = []
    for step in steps:
        if step.may_wait:
            yield tuple(prompt), step
            prompt = []
        else:
            prompt.append(step)
    yield tuple(prompt), None


class Pipeline:
    """The policies of one snapshot.

    Attributes:
        policies: In order.
        modes: Which of them refuse, and where.
    """

    def __init__(self, policies: tuple[Policy, ...], modes: Modes = EVERYTHING_ENFORCES) -> None:
        self.policies = policies
        self.modes = modes
        self._stretches = tuple(_stretches(_Step.of(policy, modes) for policy in policies))
        self._answering = tuple(each for each in policies if type(each).on_answer is not Policy.on_answer)

    async def run(self, request: Request, handler: Handler) -> Response:
        """The answer to a request: of the first policy that refuses it, or else of ``handler``.

        Never raises but for cancellation. Then the client is gone, and the policies see a response of status 499.
        """
        asked: list[Policy] = []
        try:
            response = None
            for prompt, waiting in self._stretches:
                response = self._decide(prompt, request, asked)
                if response is None and waiting is not None:
                    response = await self._ask(waiting, request, asked)
                if response is not None:
                    break
            else:
                response = await handler(request)
                if self._answering:
                    await self._show(request, response, asked)
        except asyncio.CancelledError:
            self._leave(request, refuse(request, ClientGoneError()), asked)
            raise
        except RequestError as error:
            _log_refusal(request, error)
            response = refuse(request, error)
        except Exception:
            # The outermost handler: whatever else went wrong in a request is a bug, and costs this request only.
            _log.exception("request failed", extra={"request_id": request.id, "route": request.route})
            response = refuse(request, InternalError())
        return self._leave(request, response, asked)

    def _decide(self, steps: tuple[_Step, ...], request: Request, asked: list[Policy]) -> Response | None:
        """Ask policies that do not wait; ``asked`` is filled with those that have to see the answer."""
        for policy, decide, sees_answer, has_mode, _ in steps:
            if has_mode and self.modes.mode(policy.name, request) == "off":
                continue
            if sees_answer:
                asked.append(policy)
            if decide is None:
                continue
            try:
                response = decide(request)
            except RequestError as error:
                self.modes.refuse(policy.name, request, error)
                continue
            if response is not None:
                return response
        return None

    async def _ask(self, step: _Step, request: Request, asked: list[Policy]) -> Response | None:
        """As ``_decide``, of one policy that may wait."""
        policy = step.policy
        if step.has_mode and self.modes.mode(policy.name, request) == "off":
            return None
        if step.sees_answer:
            asked.append(policy)
        try:
            return await policy.on_request(request)
        except RequestError as error:
            self.modes.refuse(policy.name, request, error)
            return None

    async def _show(self, request: Request, response: Response, asked: list[Policy]) -> None:
        """Show what stands behind the policies has answered to those that may change it."""
        for policy in reversed(self._answering):
            if policy in asked:
                await policy.on_answer(request, response)

    def _leave(self, request: Request, response: Response, asked: list[Policy]) -> Response:
        if request.response_headers:
            response.headers.update(request.response_headers)
        for policy in reversed(asked):
            policy.on_response(request, response)
        return response

    async def work(self) -> None:
        """Do what the policies do beside requests, until cancelled. Run it in the task group of the snapshot."""
        await work_together(*(policy.work() for policy in self.policies))

    async def close(self) -> None:
        """Close every policy, the last first."""
        for policy in reversed(self.policies):
            await policy.close()


def _log_refusal(request: Request, error: RequestError) -> None:
    if isinstance(error, InternalError):
        fields = {"request_id": request.id, "code": error.code, "detail": str(error)}
        # A traceback tells only where the refusal was raised; its cause, if there is one, tells more.
        _log.error("request failed", exc_info=error.__cause__, extra=fields)
