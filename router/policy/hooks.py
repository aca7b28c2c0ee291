"""What policies do deeper inside than requests and responses: with operations, plans, and requests to subgraphs.

    graphql stage ──▶ operation ──▶ plan ──▶ subgraph request ──▶ subgraph response
                      ▲ each is told to the policies that want to know, in their order

A hook that nobody has costs nothing: the stage asks once, when it is built.
"""

from collections.abc import Iterable

from router.errors import RequestError
from router.executor.outcome import FetchOutcome
from router.policy.modes import Modes
from router.policy.pipeline import Pipeline, Policy
from router.policy.request import Request
from router.policy.subgraph_call import SubgraphCall
from supergraph.operation.model import Operation
from supergraph.plan import QueryPlan


class Hooks:
    """The hooks of one pipeline."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._modes = pipeline.modes
        self._operation = _having(pipeline.policies, "on_operation")
        self._plan = _having(pipeline.policies, "on_plan")
        self._before_call = _having(pipeline.policies, "on_subgraph_request")
        self._after_call = _having(pipeline.policies, "on_subgraph_response")

    @property
    def modes(self) -> Modes:
        """Which policies refuse, and where."""
        return self._modes

    @property
    def are_told_of_operations(self) -> bool:
        """Whether any policy wants to know of operations or plans at all."""
        return bool(self._plan or self._operation)

    @property
    def see_operations(self) -> bool:
        """Whether any policy wants to know of operations or plans as the client wrote them."""
        return bool(self._plan) or any(policy.reads_operations_whole for policy in self._operation)

    @property
    def see_subgraphs(self) -> bool:
        """Whether any policy wants to know of requests to subgraphs."""
        return bool(self._before_call or self._after_call)

    @property
    def named_subgraphs(self) -> frozenset[str]:
        """The subgraphs that policies ask to be told of by name."""
        return frozenset[str]().union(*(each.subgraphs or () for each in (*self._before_call, *self._after_call)))

    async def operation(self, request: Request, operation: Operation) -> None:
        """Tell of an operation; raises what a policy that enforces refuses it with."""
        for policy in self._awake(self._operation, request):
            try:
                await policy.on_operation(request, operation)
            except RequestError as error:
                self._modes.refuse(policy.name, request, error)

    async def plan(self, request: Request, plan: QueryPlan) -> None:
        """Tell of a plan; raises what a policy that enforces refuses it with."""
        for policy in self._awake(self._plan, request):
            try:
                await policy.on_plan(request, plan)
            except RequestError as error:
                self._modes.refuse(policy.name, request, error)

    async def before_call(self, request: Request, call: SubgraphCall) -> FetchOutcome | None:
        """Tell of a request to a subgraph; the first outcome that a policy gives is used instead of sending it."""
        for policy in self._told_of(call, self._before_call, request):
            outcome = await policy.on_subgraph_request(request, call)
            if outcome is not None:
                return outcome
        return None

    async def after_call(self, request: Request, call: SubgraphCall, outcome: FetchOutcome) -> FetchOutcome:
        """Tell of an outcome, the last policy first; the result is what the executor gets."""
        for policy in reversed(tuple(self._told_of(call, self._after_call, request))):
            outcome = await policy.on_subgraph_response(request, call, outcome) or outcome
        return outcome

    def _told_of(self, call: SubgraphCall, policies: tuple[Policy, ...], request: Request) -> Iterable[Policy]:
        awake = self._awake(policies, request)
        return (policy for policy in awake if policy.subgraphs is None or call.subgraph in policy.subgraphs)

    def _awake(self, policies: tuple[Policy, ...], request: Request) -> Iterable[Policy]:
        return (policy for policy in policies if self._modes.mode(policy.name, request) != "off")


def _having(policies: Iterable[Policy], hook: str) -> tuple[Policy, ...]:
    return tuple(policy for policy in policies if getattr(type(policy), hook) is not getattr(Policy, hook))
