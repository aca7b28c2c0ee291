"""From an operation's text to its result.

    door ──▶ document ──▶ variables ──▶ authorization ──▶ plan ──▶ execute ──▶ mask ──▶ GraphqlResult
             ▲ you are here, all along

For an operation that was seen before this is two look-ups and what the executor does. What an operation could be
refused for is found out once, with the document, and remembered with it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from graphql import GraphQLError
from msgspec.structs import replace

from router.config.masking import IncludeSubgraphErrors
from router.config.response_extensions import ExtensionPropagation
from router.config.supergraph import ValueCompletion
from router.errors import GatewayTimeoutError
from router.executor.deadlines import Deadlines
from router.executor.outcome import Send, with_only
from router.executor.schedule import execute
from router.graphql.deferred import rest_of, switched_off
from router.graphql.demand import Bill
from router.graphql.errors import MutationByGetError, PlanningTimeoutError, SubscriptionNotSupportedError
from router.graphql.introspection import Introspection, check_introspection, may_introspect, without_suggestions
from router.graphql.limits import decide_limits
from router.graphql.masking import mask_errors
from router.graphql.mutations import Mutations
from router.graphql.operation_policies import OperationPolicies
from router.graphql.own_aliases import with_own_aliases
from router.graphql.plan_exposure import PlanExposure, wanted_exposure
from router.graphql.planning import Planned, Planning
from router.graphql.prepared import Prepared
from router.graphql.result import ErrorObject, GraphqlResult, error_code
from router.graphql.subgraph_extensions import SubgraphExtensions
from router.graphql.value_completion import tell_apart
from router.graphql.variables import coerce_variables, usual_values
from router.policy.request import Request
from router.telemetry import Telemetry
from supergraph import Supergraph
from supergraph.errors import OperationError
from supergraph.operation.authorization import Filtered
from supergraph.operation.model import Operation
from supergraph.planner.explain import explain


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOptions:
    """What the configuration says about operations.

    Attributes:
        timeout_seconds: Time for one request; who is outside ends it then, with nothing to show.
        deferred_timeout_seconds: Time for what is deferred, from the response on.
        value_completion: Where clients are told why a value was made null.
        subgraph_extensions: How extensions of subgraphs' responses are passed on; ``None`` drops them.
    """

    introspection: Introspection
    expose_query_plan: bool
    planning_timeout_seconds: float
    include_subgraph_errors: IncludeSubgraphErrors
    defer_support: bool = True
    timeout_seconds: float = 60.0
    deferred_timeout_seconds: float = 30.0
    value_completion: ValueCompletion = "errors"
    subgraph_extensions: ExtensionPropagation | None = None


_Ready = tuple[Operation, Planned, Mapping[str, object], Bill | None]
"""An operation that can be executed: its plan, the values of its variables, and what it is expected to cost."""


class GraphqlStage:
    """Runs operations on one supergraph.

    Args:
        planning: Documents and plans, with their caches.
        policies: What decides about operations, with the operation in hand.
        send_for: How requests to subgraphs are sent on behalf of a client's request.
    """

    def __init__(
        self,
        supergraph: Supergraph,
        *,
        planning: Planning,
        options: StageOptions,
        policies: OperationPolicies,
        telemetry: Telemetry,
        send_for: Callable[[Request], Send],
    ) -> None:
        self._supergraph = supergraph
        self._planning = planning
        self._options = options
        self._telemetry = telemetry
        self._send_for = send_for
        self._mutations = Mutations()
        self._deadlines = Deadlines()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._hooks = policies.hooks
        self._tells = policies.hooks.are_told_of_operations
        self._runs_as_written = policies.hooks.see_operations
        self._authorization = policies.authorization
        self._demand = policies.demand
        # Before the time of the request is over, so that the answer arrives in time.
        self._execution_seconds = options.timeout_seconds - min(options.timeout_seconds / 10, 0.25)
        metrics = telemetry.metrics
        self._count_document_hit = metrics.cache_observer("document", "hit")
        self._count_document_miss = metrics.cache_observer("document", "miss")
        self._count_plan_hit = metrics.cache_observer("plan", "hit")
        self._count_plan_miss = metrics.cache_observer("plan", "miss")

    @property
    def delivers_deferred_parts(self) -> bool:
        """Whether ``@defer`` does anything for clients that take deferred parts."""
        return self._options.defer_support

    async def run(
        self,
        request: Request,
        *,
        document: str,
        operation_name: str | None,
        variables: Mapping[str, object],
        incremental: bool = False,
    ) -> GraphqlResult:
        """Answer one operation; with ``incremental``, deferred parts may be left for the result's ``rest``.

        What is wrong with a document or its variables is a result with status 400 and all errors; other refusals are
        raised as ``RequestError``.
        """
        deadline = self._now() + self._execution_seconds
        exposure = self._exposure(request) if self._options.expose_query_plan else None
        try:
            prepared = self._known(document, operation_name) or await self._prepare(document, operation_name)
            operation = prepared.operation
            if exposure is not None or self._runs_as_written:
                operation = await self._planning.as_written(operation)
            _note(request, operation)
            self._check(request, prepared)
            values = self._coerce(request, operation, variables)
            if incremental and operation.defer_variables is not None:
                off = switched_off(operation.defer_variables, values)
                operation = await self._planning.with_deferred_parts(document, operation_name, operation, off)
            filtered = self._authorization.filter(operation, request)
            bill = self._demand.check(request, filtered.operation, values)
            if self._tells:
                await self._hooks.operation(request, operation)
            planned = self._known_plan(filtered) or await self._plan(operation, filtered)
            if self._tells:
                await self._hooks.plan(request, planned.plan)
        except OperationError as error:
            return self._refused(request, error)
        extensions = {} if exposure is None else await self._shown(exposure, planned, filtered)
        if exposure is not None and exposure.dry_run:
            return GraphqlResult(only_data=with_only(b"null"), extensions=extensions)
        request.log_fields["upstreams"] = planned.subgraphs
        result = await self._execute(request, (operation, planned, values, bill), deadline)
        if filtered.denied or extensions:
            errors, told = self._authorization.report(filtered.denied, request.id)
            shown = {**result.extensions, **extensions, **told}
            result = replace(result, errors=(*errors, *result.errors), extensions=shown)
        if operation.lifted is not None:
            result = with_own_aliases(result, operation)
        if result.errors and self._options.value_completion == "extensions":
            result = tell_apart(result)
        return result

    async def close(self) -> None:
        """Wait for mutations that outlived their request; then nothing uses the subgraphs any more."""
        await self._mutations.finish()
        self._deadlines.close()

    def _now(self) -> float:
        """The event loop's time; the loop is known with the first request, for to ask for it is a system call."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    async def _execute(self, request: Request, ready: _Ready, deadline: float) -> GraphqlResult:
        """What subgraphs answer, until ``deadline``."""
        operation, planned, values, bill = ready
        run, send = planned.runs.start(values), self._send_for(request)
        if operation.kind == "mutation":
            send = self._mutations.sending(send)
        if bill is not None:
            send = self._demand.sending(send, request, planned.plan, bill, values)
        propagation = self._options.subgraph_extensions
        collected = None if propagation is None else SubgraphExtensions(propagation)
        send_all = send if collected is None else collected.sending(send)
        result = await execute(run, send_all, deadline=deadline, deadlines=self._deadlines)
        if result.nothing_in_time:
            raise GatewayTimeoutError
        has_next = run.has_next
        if bill is not None:
            self._demand.settle(request, operation, bill, result.data, values, is_whole=not has_next)
        errors = self._show(request, operation, result.errors) if result.errors else ()
        answer = GraphqlResult(only_data=result.only_data, errors=errors)
        if collected is not None:
            answer.extensions = collected.merged()
        if has_next:
            answer.rest = rest_of(
                run,
                send,
                seconds=self._options.deferred_timeout_seconds,
                show=partial(self._show, request, operation),
                value_completion=self._options.value_completion,
            )
        return answer

    def _show(self, request: Request, operation: Operation, errors: Sequence[ErrorObject]) -> tuple[ErrorObject, ...]:
        """What the client may see of errors; they are counted."""
        for error in errors:
            extensions = error.get("extensions")
            subgraph = extensions.get("service") if isinstance(extensions, dict) else None
            self._telemetry.metrics.graphql_error(
                error_code(error), subgraph=str(subgraph or ""), operation=operation.name or ""
            )
        return mask_errors(errors, self._options.include_subgraph_errors, request_id=request.id)

    def _known(self, document: str, operation_name: str | None) -> Prepared | None:
        prepared = self._planning.known(document, operation_name)
        if prepared is None:
            self._count_document_miss()
        else:
            self._count_document_hit()
        return prepared

    async def _prepare(self, document: str, operation_name: str | None) -> Prepared:
        with self._telemetry.span("prepare"):
            return await self._planning.prepared(document, operation_name)

    def _check(self, request: Request, prepared: Prepared) -> None:
        """Whether this request may be made with this operation; raises ``RequestError``."""
        if prepared.operation.kind != "query":
            _check_kind(request, prepared.operation)
        if prepared.asks_for_schema:
            check_introspection(self._options.introspection, request)
        if prepared.exceeded:
            decide_limits(prepared.exceeded, request, self._hooks.modes)

    def _coerce(self, request: Request, operation: Operation, given: Mapping[str, object]) -> Mapping[str, object]:
        """The values of variables; raises ``OperationError``."""
        values = usual_values(operation, given)
        if values is not None:
            return values
        hides = not may_introspect(self._options.introspection, request)
        return coerce_variables(self._supergraph.api_schema, operation, given, hide_suggestions=hides)

    def _known_plan(self, filtered: Filtered) -> Planned | None:
        planned = self._planning.known_plan(filtered)
        if planned is None:
            self._count_plan_miss()
        else:
            self._count_plan_hit()
        return planned

    async def _plan(self, operation: Operation, filtered: Filtered) -> Planned:
        began = self._telemetry.clock()
        with self._telemetry.span("plan"):
            try:
                async with asyncio.timeout(self._options.planning_timeout_seconds):
                    planned = await self._planning.plan(operation, filtered)
            except TimeoutError as error:
                raise PlanningTimeoutError from error
        self._telemetry.metrics.plan_finished(self._telemetry.clock() - began)
        return planned

    async def _shown(self, exposure: PlanExposure, planned: Planned, filtered: Filtered) -> dict[str, object]:
        return await exposure.extensions(planned.plan, lambda: explain(self._supergraph, filtered.operation))

    def _exposure(self, request: Request) -> PlanExposure | None:
        """What of the plan the client wants to see, where clients may."""
        return wanted_exposure(request.headers) if request.door == "graphql" else None

    def _refused(self, request: Request, error: OperationError) -> GraphqlResult:
        errors = tuple(self._error_object(request, error.code, each) for each in error.errors)
        return GraphqlResult(only_data=None, errors=errors, status=400)

    def _error_object(self, request: Request, code: str, error: GraphQLError) -> ErrorObject:
        shows_schema = may_introspect(self._options.introspection, request)
        message = error.message if shows_schema else without_suggestions(error.message)
        formatted: dict[str, object] = {"message": message}
        if error.locations:
            formatted["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
        extensions = {"code": code}
        if request.id:
            extensions["request_id"] = request.id
        formatted["extensions"] = extensions
        return formatted


def _note(request: Request, operation: Operation) -> None:
    fields = request.log_fields
    fields["operation_type"] = operation.kind
    fields["operation_hash"] = operation.document_key
    if operation.name is not None:
        fields["operation_name"] = operation.name


def _check_kind(request: Request, operation: Operation) -> None:
    # A REST route says in the configuration which method runs which operation, so only the GraphQL door is asked.
    if operation.kind == "mutation" and request.method == "GET" and request.door == "graphql":
        raise MutationByGetError
    if operation.kind == "subscription":
        raise SubscriptionNotSupportedError
