"""Subgraphs in the process of the test.

executor ──▶ FakeSubgraph ──▶ a GraphQL schema, or the test's own function
▲ you are here
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson
from graphql import GraphQLError, GraphQLSchema, graphql
from multidict import CIMultiDictProxy

from router.sources.python_child import sdl_of
from router.testing.services import Answer, ServiceRequest, ServiceResponse, as_response


class Executed(Protocol):
    """What came of an operation."""

    @property
    def data(self) -> dict[str, object] | None:
        """The result."""

    @property
    def errors(self) -> Sequence[GraphQLError] | None:
        """What went wrong."""


class ExecutableSchema(Protocol):
    """A Strawberry schema."""

    def as_str(self) -> str:
        """Its SDL."""

    async def execute(self, query: str | None, variable_values: dict[str, object] | None = ...) -> Executed:
        """Run an operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgraphRequest:
    """What a subgraph is asked.

    Attributes:
        query: The operation.
        headers: What the header rules and plugins made of the client's.
    """

    query: str
    variables: Mapping[str, object]
    headers: CIMultiDictProxy[str]

    @property
    def representations(self) -> list[dict[str, object]]:
        """The entities that are asked for; empty for a request to the root."""
        given = self.variables.get("representations")
        return given if isinstance(given, list) else []


SubgraphAnswering = Callable[[SubgraphRequest], Answer | Awaitable[Answer]]


class FakeSubgraph:
    """A subgraph, which remembers what it was asked.

    ::

        FakeSubgraph(sdl, answer={"data": {"me": {"name": "Ada"}}})
        FakeSubgraph(sdl, answer=lambda request: ServiceResponse(status=503))
        FakeSubgraph(schema=strawberry.federation.Schema(query=Query))

    Args:
        sdl: Its schema; may be left out with ``schema``.
        answer: What it always answers, or a function of the request; a mapping is a GraphQL response.
        schema: Executes what it is asked, unless ``answer`` is given: a Strawberry or graphql-core schema.

    Attributes:
        answer: May be replaced while the gateway runs.
        requests: What it was asked so far.
    """

    def __init__(
        self,
        sdl: str | None = None,
        *,
        answer: Answer | SubgraphAnswering | None = None,
        schema: GraphQLSchema | ExecutableSchema | None = None,
    ) -> None:
        if sdl is None and schema is None:
            raise ValueError("a subgraph needs an SDL, or a schema that has one")
        if answer is None and schema is None:
            raise ValueError("a subgraph needs an answer, or a schema that finds it")
        self.sdl = sdl if sdl is not None else sdl_of(schema)
        self.answer = answer if answer is not None else _executing(schema)
        self.requests: list[SubgraphRequest] = []

    async def handle(self, request: ServiceRequest) -> ServiceResponse:
        """Answer a request of the gateway; raises ``ServiceAwayError``."""
        body = orjson.loads(request.body)
        asked = SubgraphRequest(query=body["query"], variables=body.get("variables") or {}, headers=request.headers)
        self.requests.append(asked)
        answer = self.answer(asked) if callable(self.answer) else self.answer
        return as_response(await answer if inspect.isawaitable(answer) else answer)


def _executing(schema: GraphQLSchema | ExecutableSchema | None) -> SubgraphAnswering:
    assert schema is not None

    async def execute(request: SubgraphRequest) -> Answer:
        variables = dict(request.variables)
        if isinstance(schema, GraphQLSchema):
            result: Executed = await graphql(schema, request.query, variable_values=variables)
        else:
            result = await schema.execute(request.query, variables)
        errors = [error.formatted for error in result.errors or ()]
        return {"data": result.data, **({"errors": errors} if errors else {})}

    return execute
