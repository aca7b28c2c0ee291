"""Executor tests: programs from plans written by hand, and subgraphs that answer from a table."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql import GraphQLSchema, build_schema

from router.executor.outcome import ExecutionResult, FetchAnswer, FetchOutcome, FetchRequest
from router.executor.program import ExecutionOptions, Program, compile_program
from router.executor.run import PlanRun
from router.executor.schedule import run_sync
from supergraph.operation.model import Conditions
from supergraph.plan import EntityCall, Fetch, InputField, InputObject, Path, QueryPlan, Step
from tests.router.executor.normalised import operation

JSON = dict[str, object]


@dataclass(frozen=True, slots=True)
class FakeSupergraph:
    """All types, and those that clients see."""

    schema: GraphQLSchema
    api_schema: GraphQLSchema


def supergraph(sdl: str, *, api_sdl: str | None = None) -> FakeSupergraph:
    """A supergraph of these types; ``api_sdl`` hides some of them."""
    schema = build_schema(sdl)
    api_schema = schema if api_sdl is None else build_schema(api_sdl)
    return FakeSupergraph(schema, api_schema)


def path(text: str) -> Path:
    """A plan's path from its notation: ``products.@|[Book,Toy].author``."""
    steps = []
    for part in filter(None, text.split(".")):
        key, _, types = part.partition("|")
        names = tuple(types.strip("[]").split(",")) if types else ()
        steps.append(Step(None if key == "@" else key, names))
    return tuple(steps)


def leaf(name: str, store_key: str | None = None, *, nullable: bool = False) -> InputField:
    """A leaf of a representation."""
    return InputField(name=name, store_key=store_key or name, nullable=nullable)


def template(typename: str, *fields: InputField, types: Sequence[str] = ()) -> InputObject:
    """A template that sends ``typename`` for objects of ``types``, by default of the same type."""
    return InputObject(types=tuple(types) or (typename,), typename=typename, fields=fields)


def root_fetch(
    fetch_id: int,
    subgraph: str,
    *,
    needs: Sequence[int] = (),
    variables: Sequence[str] = (),
    at: str = "",
    conditions: Conditions = (),
    kind: str = "query",
) -> Fetch:
    """A root fetch whose text names it."""
    return Fetch(
        id=fetch_id,
        subgraph=subgraph,
        kind=kind,
        operation=f"{{f{fetch_id}}}",
        variables=tuple(variables),
        path=path(at),
        needs=tuple(needs),
        conditions=conditions,
    )


def call(*paths: str, templates: Sequence[InputObject], number: int | None = None) -> EntityCall:
    """An ``_entities`` field; numbered where a fetch makes several."""
    return EntityCall(
        alias="_entities" if number is None else f"_e{number}",
        variable="representations" if number is None else f"r{number}",
        paths=tuple(map(path, paths)),
        templates=tuple(templates),
    )


def entity_fetch(
    fetch_id: int,
    subgraph: str,
    *calls: EntityCall,
    needs: Sequence[int] = (0,),
    variables: Sequence[str] = (),
    conditions: Conditions = (),
) -> Fetch:
    """An entity fetch whose text names it."""
    return Fetch(
        id=fetch_id,
        subgraph=subgraph,
        kind="query",
        operation=f"{{f{fetch_id}}}",
        variables=tuple(variables),
        entities=calls,
        needs=tuple(needs),
        conditions=conditions,
    )


def program(
    graph: FakeSupergraph,
    text: str,
    *fetches: Fetch,
    store_keys: Mapping[tuple[int, str], str] | None = None,
    options: ExecutionOptions | None = None,
) -> Program:
    """The compiled plan of these fetches for the operation ``text``."""
    prepared = operation(graph.schema, text)
    plan = QueryPlan(kind=prepared.kind, fetches=fetches, store_keys=store_keys or {})
    return compile_program(graph, prepared, plan, options=options or ExecutionOptions())


class FakeSubgraphs:
    """Answers each fetch from a table, by its id, and remembers what it was asked.

    An entry is a response, the outcome itself, or a list of entries, one for each request.
    """

    def __init__(self, answers: Mapping[int, object]) -> None:
        self._answers = {key: list(value) if isinstance(value, list) else value for key, value in answers.items()}
        self.asked: list[tuple[str, JSON]] = []

    def __call__(self, request: FetchRequest) -> FetchOutcome:
        self.asked.append((request.fetch.subgraph, json.loads(request.body)))
        entry = self._answers[request.fetch.id]
        if isinstance(entry, list):
            entry = entry.pop(0)
        return entry if isinstance(entry, FetchOutcome) else answer(entry)

    def send(self, request: FetchRequest) -> asyncio.Future[FetchOutcome]:
        """As the call, for ``execute``."""
        future: asyncio.Future[FetchOutcome] = asyncio.get_running_loop().create_future()
        future.set_result(self(request))
        return future

    def variables(self, number: int) -> JSON:
        """The variables of the request of this number, counted from 0."""
        variables = self.asked[number][1]["variables"]
        assert isinstance(variables, dict)
        return variables


def answer(response: object, *, status: int = 200, content_type: str = "application/json") -> FetchAnswer:
    """An HTTP response with ``response`` as JSON, or with these bytes."""
    body = response if isinstance(response, bytes) else json.dumps(response).encode()
    return FetchAnswer(status, content_type, body)


def data(**values: object) -> JSON:
    """A response without errors."""
    return {"data": values}


def run(
    compiled: Program, answers: Mapping[int, object], variables: Mapping[str, object] | None = None
) -> ExecutionResult:
    """Execute ``compiled`` against a table of answers."""
    return run_sync(PlanRun(compiled, variables or {}), FakeSubgraphs(answers))


def data_of(result: ExecutionResult) -> object:
    """The ``data`` entry, decoded."""
    return json.loads(result.data)


def paths_of(result: ExecutionResult) -> list[object]:
    """The paths of all errors, ``None`` where there is none."""
    return [error.get("path") for error in result.errors]


def codes_of(result: ExecutionResult) -> list[object]:
    """The codes of all errors."""
    return [error["extensions"]["code"] for error in result.errors]  # type: ignore[index]  # JSON
