"""A plan, compiled: what is computed once for an operation and used by each of its requests.

plan ──▶ compile_program ──▶ Program ──▶ PlanRun
         ▲ you are here
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from graphql import GraphQLSchema, is_abstract_type

from router.executor.codec import encode_json
from router.executor.conditions import ConditionTest, ConditionVariables, condition_variables
from router.executor.introspect import Introspection, compile_introspection
from router.executor.project import Position, Projection
from router.executor.represent import TemplateChoice, compile_templates
from supergraph.operation.defer import with_all_parts
from supergraph.operation.model import Operation
from supergraph.plan import Fetch, QueryPlan

CACHED_PROJECTIONS = 64
"""How many truths of its conditions an operation keeps a projection for; most have one or two."""


NOWHERE = ""
"""A store key that no data has: response keys are never empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Fields of the operation that are null without being asked, because the caller may not see them.

    Attributes:
        places: Their response keys from the root, without list positions; a null there needs no explanation.
        fields: The ids of the client's fields with the concrete types that they are withheld on.
    """

    places: frozenset[tuple[str, ...]] = frozenset()
    fields: frozenset[tuple[int, str]] = frozenset()


NOTHING_LEFT_OUT = LeftOut()


class Schemas(Protocol):
    """What execution wants to know of a supergraph."""

    @property
    def schema(self) -> GraphQLSchema:
        """All types, hidden ones included."""

    @property
    def api_schema(self) -> GraphQLSchema:
        """What clients see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionOptions:
    """How plans are executed.

    Attributes:
        strict_leaves: Check each leaf against its type; without it, what subgraphs send is passed on.
        max_representations: The most representations in one request; more are sent in several requests.
        max_requests: The most requests of one operation; what needs more gets a partial answer.
        max_response_bytes: The largest data of one response, and the most that one fetch may make of what it is given.
        error_fan_out: In how many places one error of a subgraph is told, if it concerns many objects.
    """

    strict_leaves: bool = True
    max_representations: int | None = None
    max_requests: int = 1000
    max_response_bytes: int = 100_000_000
    error_fan_out: int = 100


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CompiledFetch:
    """A fetch, ready to run.

    Attributes:
        prefix: The request body up to its variables.
        variables: The names of the variables it may send, each with the bytes that stand before its value.
        templates: For each entity call.
        dependants: Ids of the fetches that need this one.
        test: Whether it is made at all.
    """

    fetch: Fetch
    prefix: bytes
    variables: tuple[tuple[str, bytes], ...]
    templates: tuple[TemplateChoice, ...]
    dependants: tuple[int, ...]
    test: ConditionTest


class Roots(NamedTuple):
    """Two views of the response's root: without deferred parts, and with all of them in their places."""

    first: Position
    whole: Position
    projection: Projection


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Program:
    """A compiled plan; shared by all requests of one operation.

    Attributes:
        abstract_types: Names of all interfaces and unions of the supergraph.
        schema: All types, hidden ones included.
        api_schema: What clients see.
        has_contexts: Whether any fetch takes contextual values from above its entities.
        first_deferred: How many fetches are not made for deferred parts; these come first.
        deferred_fetches: For each deferred part how many are made for it.
        left_out: What the plan leaves out on purpose.
        store_keys: As in the plan; what is left out is nowhere in the store.
    """

    operation: Operation
    plan: QueryPlan
    options: ExecutionOptions
    fetches: tuple[CompiledFetch, ...]
    conditions: ConditionVariables
    introspection: Introspection | None
    abstract_types: frozenset[str]
    schema: GraphQLSchema
    api_schema: GraphQLSchema
    left_out: LeftOut
    store_keys: Mapping[tuple[int, str], str]
    has_contexts: bool
    first_deferred: int
    deferred_fetches: Mapping[int, int]
    _roots: dict[int, Roots] = field(default_factory=dict)

    def roots(self, bits: int) -> Roots:
        """The response's root under one truth of the conditions."""
        roots = self._roots.get(bits)
        if roots is None:
            if len(self._roots) == CACHED_PROJECTIONS:
                self._roots.clear()
            projection = Projection(
                self.api_schema,
                self.abstract_types,
                self.store_keys,
                self.plan.rules_out,
                self.conditions,
                bits,
                strict_leaves=self.options.strict_leaves,
            )
            selection = self.operation.selection
            first = whole = projection.position((selection,), selection.type)
            if self.operation.blocks:
                whole = projection.position((with_all_parts(selection),), selection.type)
            roots = self._roots[bits] = Roots(first, whole, projection)
        return roots


DEFAULT_OPTIONS = ExecutionOptions()


def compile_program(
    supergraph: Schemas,
    operation: Operation,
    plan: QueryPlan,
    *,
    options: ExecutionOptions = DEFAULT_OPTIONS,
    left_out: LeftOut = NOTHING_LEFT_OUT,
) -> Program:
    """Compile ``plan``, which answers ``operation`` but for what it leaves out."""
    conditions = condition_variables(operation, plan)
    dependants = _dependants(plan)
    abstract_types = frozenset(name for name, named in supergraph.schema.type_map.items() if is_abstract_type(named))
    return Program(
        operation=operation,
        plan=plan,
        options=options,
        fetches=tuple(
            CompiledFetch(
                fetch=fetch,
                prefix=_request_prefix(fetch),
                variables=tuple((name, encode_json(name) + b":") for name in fetch.variables),
                templates=tuple(compile_templates(abstract_types, call.templates) for call in fetch.entities),
                dependants=dependants[fetch.id],
                test=conditions.compile_test(fetch.conditions),
            )
            for fetch in plan.fetches
        ),
        conditions=conditions,
        introspection=compile_introspection(supergraph.api_schema, operation),
        abstract_types=abstract_types,
        schema=supergraph.schema,
        api_schema=supergraph.api_schema,
        has_contexts=any(call.contexts for fetch in plan.fetches for call in fetch.entities),
        first_deferred=sum(fetch.block is None for fetch in plan.fetches),
        deferred_fetches=Counter(fetch.block for fetch in plan.fetches if fetch.block is not None),
        left_out=left_out,
        store_keys={**plan.store_keys, **dict.fromkeys(left_out.fields, NOWHERE)},
    )


def _dependants(plan: QueryPlan) -> Mapping[int, tuple[int, ...]]:
    return {needed.id: tuple(fetch.id for fetch in plan.fetches if needed.id in fetch.needs) for needed in plan.fetches}


def _request_prefix(fetch: Fetch) -> bytes:
    request: dict[str, object] = {"query": fetch.operation}
    if fetch.operation_name is not None:
        request["operationName"] = fetch.operation_name
    return encode_json(request)[:-1] + b',"variables":{'
