"""Documents and plans: everything heavy that happens once per operation.

    text ──▶ operation ──▶ plan and program
             ▲ you are here

Both steps run in worker threads, so that a large operation does not hold up the others, and both are remembered.
Operations that normalise to the same text share one plan. Documents that differ in literals and aliases only share one
operation: see ``templates``.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from router.config.execution import ExecutionSection
from router.config.security import LimitsConfig
from router.errors import RequestError
from router.executor.program import ExecutionOptions, compile_program
from router.executor.runs import Runs
from router.graphql.authorization import left_out
from router.graphql.errors import PlanningFailedError, PlanTooComplexError
from router.graphql.introspection import asks_for_schema
from router.graphql.limits import exceeded_limits
from router.graphql.memo import Memo
from router.graphql.prepared import Prepared
from router.graphql.templates import Document, Templates
from supergraph import Supergraph, plan, prepare
from supergraph.errors import OperationError, PlanningError
from supergraph.operation.authorization import Filtered
from supergraph.operation.model import Operation
from supergraph.operation.select import with_deferred_parts
from supergraph.operation.skeleton import Skeleton
from supergraph.operation.template import Template, make_template
from supergraph.plan import QueryPlan

logger = logging.getLogger(__name__)

FAILURE_SECONDS = 30.0

LIMIT_REMEMBERED_CHARACTERS = 100_000
"""A longer document is prepared each time: the cache counts entries, and must not become a store of huge ones."""


_DEFAULT_EXECUTION = ExecutionSection()


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and how it is run.

    Attributes:
        subgraphs: Whom it may ask, for the access log.
    """

    plan: QueryPlan
    runs: Runs
    subgraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _DeferredKey:
    """A document with one truth of the variables that decide what is deferred."""

    document: str
    operation_name: str | None
    off: frozenset[str]
    operation: Operation = field(compare=False)


class Planning:
    """Prepares and plans operations of one supergraph, each once.

    Args:
        limits: What a document and its operation may be.
        cache_limit: How many documents and how many plans are kept.
        execution: How plans are run.
    """

    def __init__(
        self,
        supergraph: Supergraph,
        *,
        limits: LimitsConfig,
        cache_limit: int,
        clock: Callable[[], float],
        execution: ExecutionSection = _DEFAULT_EXECUTION,
    ) -> None:
        self._supergraph = supergraph
        self._compiles = not execution.strict
        self._execution_options = ExecutionOptions(
            max_representations=execution.max_representations,
            max_requests=execution.max_subgraph_requests,
            max_response_bytes=execution.max_response_bytes,
        )
        self._limits = limits
        self._executor = ThreadPoolExecutor(max_workers=2, thread_name_prefix="planning")
        self._prepared: Memo[tuple[str, str | None], Prepared] = Memo(
            executor=self._executor, limit=cache_limit, failure_seconds=FAILURE_SECONDS, clock=clock
        )
        self._deferred: Memo[_DeferredKey, Operation] = Memo(
            executor=self._executor, limit=cache_limit, failure_seconds=FAILURE_SECONDS, clock=clock
        )
        # Operations with the same key have the same plan.
        self._plans: Memo[str, Planned] = Memo(
            executor=self._executor, limit=cache_limit, failure_seconds=FAILURE_SECONDS, clock=clock
        )
        self._templates = Templates(limit=cache_limit, max_tokens=limits.parser_max_tokens)

    def known(self, document: str, operation_name: str | None) -> Prepared | None:
        """The operation, if it was prepared before: for this document, or as a template for many."""
        prepared = self._prepared.peek((document, operation_name))
        if prepared is None and (found := self._templates.find(document, operation_name)) is not None:
            self._prepared.peek(found.source)  # it counts as used, else it would not be warmed up
            # There is no template of what exceeds a limit.
            return Prepared(found.operation, (), asks_for_schema(found.operation.selection))
        return prepared

    async def prepared(self, document: str, operation_name: str | None) -> Prepared:
        """Parse, validate, normalise and measure; raises ``OperationError`` for a document that is not valid."""
        key = (document, operation_name)
        if len(document) > LIMIT_REMEMBERED_CHARACTERS:
            return await asyncio.get_running_loop().run_in_executor(self._executor, self._prepare, key)
        known = self.known(document, operation_name)
        if known is not None:
            return known
        prepared = await self._prepared.get(key, partial(self._prepare, key))
        await self._learn(document, operation_name)
        return prepared

    def known_operation(self, document: str, operation_name: str | None) -> Operation | None:
        """As ``known``, the operation alone."""
        known = self.known(document, operation_name)
        return None if known is None else known.operation

    async def operation(self, document: str, operation_name: str | None) -> Operation:
        """As ``prepared``, the operation alone."""
        return (await self.prepared(document, operation_name)).operation

    async def as_written(self, operation: Operation) -> Operation:
        """The operation with the client's own literals and aliases in its plan, for whoever shows them."""
        if operation.lifted is None:
            return operation
        key = (operation.lifted.document, operation.name)
        return (await self._prepared.get(key, partial(self._prepare, key))).operation

    async def with_deferred_parts(
        self, document: str, operation_name: str | None, operation: Operation, off: frozenset[str]
    ) -> Operation:
        """The operation for a client that takes deferred parts; see ``supergraph.operation.select``."""
        key = _DeferredKey(document, operation_name, off, operation)
        if len(document) > LIMIT_REMEMBERED_CHARACTERS:
            return await asyncio.get_running_loop().run_in_executor(self._executor, self._defer, key)
        return await self._deferred.get(key, partial(self._defer, key))

    def known_plan(self, filtered: Filtered) -> Planned | None:
        """The plan, if it was made before."""
        return self._plans.peek(filtered.operation.key)

    async def plan(self, operation: Operation, filtered: Filtered) -> Planned:
        """Plan and compile what the caller may see; raises ``PlanningFailedError`` or ``PlanTooComplexError``."""
        return await self._plans.get(filtered.operation.key, partial(self._make_plan, operation, filtered))

    def most_used(self, count: int) -> list[tuple[str, str | None]]:
        """What was asked for most often, the most used first: documents, each with the name of the operation in it."""
        return self._prepared.most_used(count)

    async def warm_up(self, operations: Iterable[tuple[str, str | None]], *, seconds: float = 10.0) -> int:
        """Prepare and plan what another supergraph was asked, one after the other, before this one is asked.

        Plans are those for a caller who may see everything.

        Args:
            operations: As ``most_used`` of the other gives them.
            seconds: After this time the rest is left to the requests that need it.

        Returns:
            How many are planned now; what cannot be answered any more is left out.
        """
        planned = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for document, operation_name in operations:
                    with suppress(OperationError, RequestError):
                        prepared = await self.prepared(document, operation_name)
                        if not prepared.exceeded:
                            await self.plan(prepared.operation, Filtered(prepared.operation, ()))
                            planned += 1
        return planned

    def close(self) -> None:
        """Take no more work; what runs is left to end."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _prepare(self, key: tuple[str, str | None]) -> Prepared:
        document, operation_name = key
        operation = prepare(
            self._supergraph,
            document,
            operation_name,
            max_tokens=self._limits.parser_max_tokens,
            max_nesting=self._limits.parser_max_recursion,
        )
        exceeded = exceeded_limits(operation.definition, operation.fragments, self._limits)
        return Prepared(operation, exceeded, asks_for_schema(operation.selection))

    async def _learn(self, document: str, operation_name: str | None) -> None:
        """Make a template of the document if others like it have come; one request waits for it, none depends on it."""
        skeleton = self._templates.wanted(document)
        if skeleton is None:
            return
        made = asyncio.get_running_loop().run_in_executor(self._executor, self._make_template, skeleton)
        made.add_done_callback(partial(self._learned, skeleton, (document, operation_name)))
        await asyncio.wait([made])

    def _learned(self, skeleton: Skeleton, source: Document, made: asyncio.Future[Template | None]) -> None:
        if made.cancelled():
            return
        error = made.exception()
        if error is not None:
            logger.error("no template can be made", exc_info=error)
        elif (template := made.result()) is not None:
            self._templates.add(skeleton, template, source)

    def _make_template(self, skeleton: Skeleton) -> Template | None:
        template = make_template(self._supergraph, skeleton)
        if template is None:
            return None
        operation = template.operation
        # Of what exceeds a limit nobody needs a template, and ``known`` need not ask.
        return None if exceeded_limits(operation.definition, operation.fragments, self._limits) else template

    def _defer(self, key: "_DeferredKey") -> Operation:
        return with_deferred_parts(self._supergraph, key.operation, key.off)

    def _make_plan(self, operation: Operation, filtered: Filtered) -> Planned:
        try:
            query_plan = plan(self._supergraph, filtered.operation)
        except PlanningError as error:
            if error.code == PlanTooComplexError.code:
                raise PlanTooComplexError(str(error)) from error
            raise PlanningFailedError(f"{error} (operation {filtered.operation.key})") from error
        subgraphs = tuple(dict.fromkeys(fetch.subgraph for fetch in query_plan.fetches))
        program = compile_program(
            self._supergraph,
            operation,
            query_plan,
            options=self._execution_options,
            left_out=left_out(filtered.denied),
        )
        submit = self._executor.submit if self._compiles else None
        return Planned(query_plan, Runs(program, submit=submit), subgraphs)
