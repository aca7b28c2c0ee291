"""One trial: compose, read, prepare, plan, execute in memory, and compare with the monolith.

subgraph SDLs ──▶ compose ──▶ read ──▶ prepare ──▶ plan ──▶ execute ──▶ answer ─┐
      └─────────▶ world ──▶ monolith ──────────────────────────────────▶ answer ─┴▶ Passed | Refused | Failure
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    get_variable_values,
    is_composite_type,
    parse,
)

from router.executor.outcome import FetchAnswer, FetchOutcome, FetchRequest
from router.executor.program import compile_program
from router.executor.run import PlanRun
from supergraph import Operation, Subgraph, compose, plan, prepare, read_supergraph
from supergraph.errors import FederationError
from supergraph.plan import QueryPlan
from supergraph.plan.check import check_plan
from supergraph.read import Supergraph
from tests.oracle.both_ways import run_both_ways
from tests.oracle.compare import damage, difference
from tests.oracle.data import Data, DataOptions, Json
from tests.oracle.faults import FAULTS
from tests.oracle.memory import Exchange, InMemorySubgraph, executable_schema, execute_monolith
from tests.oracle.operations import OperationCase
from tests.oracle.pieces import SubgraphSource
from tests.oracle.world import World, build_world


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """All inputs of one trial.

    Attributes:
        labels: The override labels that are on.
        order: Seed of the order in which subgraphs answer.
        fault: A kind of bad answer, and the number of the request that gets it.
    """

    sources: tuple[SubgraphSource, ...]
    operation: OperationCase
    data: DataOptions = field(default_factory=DataOptions)
    labels: frozenset[str] = frozenset()
    order: int = 0
    fault: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The subgraphs do not compose, so there is nothing to compare."""

    reason: str


@dataclass(frozen=True, slots=True)
class Passed:
    """The answers are equal, and no subgraph was asked for anything that it must not be asked for."""

    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something is wrong; ``kind`` is what a shrunk trial must have in common with the original one."""

    kind: str
    detail: str
    plan: str = ""
    exchanges: tuple[Exchange, ...] = ()
    expected: Json = None
    actual: Json = None


Outcome = Refused | Passed | Failure


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """A supergraph and the world that it must agree with; shared by the trials on it."""

    world: World
    supergraph: Supergraph
    schemas: Mapping[str, GraphQLSchema]


def compose_world(sources: Sequence[SubgraphSource]) -> Composed | Refused | Failure:
    """Compose and read; a supergraph that is not what the monolith says is a failure already."""
    world = build_world(sources)
    try:
        composition = compose([Subgraph(each.name, f"http://{each.name}", each.sdl) for each in sources])
    except Exception as error:
        return Failure(kind=f"compose raises {type(error).__name__}", detail=repr(error))
    if composition.sdl is None:
        return Refused("; ".join(f"{error.code}: {error.message}" for error in composition.errors))
    try:
        supergraph = read_supergraph(composition.sdl)
    except Exception as error:
        return Failure(kind=f"read raises {type(error).__name__}", detail=repr(error), actual=composition.sdl)
    problem = _api_difference(world, supergraph)
    if problem:
        return Failure(kind="api schema", detail=problem, actual=composition.sdl)
    schemas = {name: executable_schema(pieces) for name, pieces in world.subgraphs.items()}
    return Composed(world, supergraph, schemas)


def _api_difference(world: World, supergraph: Supergraph) -> str | None:
    expected, actual = _outline(world.api.type_map), _outline(supergraph.api_schema.type_map)
    for coordinate in [*expected, *actual]:
        if expected.get(coordinate) != actual.get(coordinate):
            return f"{coordinate} is {actual.get(coordinate)}, but should be {expected.get(coordinate)}"
    return None


def _outline(types: Mapping[str, object]) -> dict[str, str]:
    """Fields by coordinate, with their types and arguments."""
    found = {}
    for name, named in types.items():
        for child_name, child in getattr(named, "fields", {}).items():
            if not name.startswith("__") and is_composite_type(named):
                arguments = ", ".join(sorted(f"{key}: {value.type}" for key, value in child.args.items()))
                found[f"{name}.{child_name}"] = (
                    f"({arguments}): {child.type} {type(get_named_type(child.type)).__name__}"
                )
    return found


def run_trial(trial: Trial, composed: Composed | None = None) -> Outcome:
    """Run one trial; ``composed`` saves composing what was composed before."""
    if composed is None:
        found = compose_world(trial.sources)
        if not isinstance(found, Composed):
            return found
        composed = found
    try:
        operation = prepare(composed.supergraph, trial.operation.text)
        query_plan = plan(composed.supergraph, operation, labels=trial.labels)
    except FederationError as error:
        return Failure(kind=f"refused with {error.code}" if hasattr(error, "code") else "refused", detail=str(error))
    except Exception as error:
        return Failure(kind=f"plan raises {type(error).__name__}", detail=repr(error))
    problems = check_plan(composed.supergraph, operation, query_plan)
    outcome = _execute(trial, composed, operation, query_plan)
    if problems and isinstance(outcome, Passed):
        return Failure(kind="check", detail="\n".join(problems), plan=show_plan(query_plan))
    return outcome


def _execute(trial: Trial, composed: Composed, operation: Operation, query_plan: QueryPlan) -> Outcome:
    data = Data(composed.world, trial.data)
    subgraphs = {name: InMemorySubgraph(data, name, trial.labels, schema) for name, schema in composed.schemas.items()}
    exchanges: list[Exchange] = []
    try:
        program = compile_program(composed.supergraph, operation, query_plan)
        variables = coerce(composed, trial.operation)
        run = PlanRun(program, variables)
        answers = drive(run, subgraphs, exchanges, trial)
        result = run.response()
        comparison = run_both_ways(program, variables, lambda request: answers[request.fetch.id, request.body])
        actual: dict[str, Json] = {"data": json.loads(result.data)}
        if result.errors:
            actual["errors"] = json.loads(json.dumps(result.errors))
    except Exception as error:
        kind = f"execution raises {type(error).__name__}"
        return Failure(kind=kind, detail=repr(error), plan=show_plan(query_plan), exchanges=tuple(exchanges))
    violations = [f"{each.name}: {text}" for each in subgraphs.values() for text in each.violations]
    expected = execute_monolith(data, parse(trial.operation.text), trial.operation.variables)
    if trial.fault is None:
        problem = difference(expected, actual, may_add_errors=trial.data.errors > 0)
    else:
        problem = damage(expected, actual)
    if problem is None and comparison.problem is not None:
        problem = f"the compiled run differs at {comparison.problem}"
    if not violations and problem is None:
        return Passed(len(exchanges))
    return Failure(
        kind="violation" if violations else problem.split(" at ")[0] if problem else "",
        detail="\n".join([*violations, *([problem] if problem else [])]),
        plan=show_plan(query_plan),
        exchanges=tuple(exchanges),
        expected=dict(expected),
        actual=actual,
    )


def coerce(composed: Composed, operation: OperationCase) -> dict[str, object]:
    """The variables as the gateway's front hands them to the executor: coerced, with defaults."""
    for node in parse(operation.text).definitions:
        if isinstance(node, OperationDefinitionNode):
            definitions = node.variable_definitions or ()
            values = get_variable_values(composed.world.api, definitions, dict(operation.variables))
            if isinstance(values, list):
                raise values[0]
            return dict(values.coerced)
    raise ValueError(operation.text)


def drive(
    run: PlanRun, subgraphs: Mapping[str, InMemorySubgraph], exchanges: list[Exchange], trial: Trial
) -> dict[tuple[int, bytes], FetchOutcome]:
    """Send what is ready and answer it, in any order, until the plan is done; the answers by fetch and request body."""
    answers: dict[tuple[int, bytes], FetchOutcome] = {}
    rng = Random(trial.order)  # noqa: S311 - seeded, to be reproducible
    waiting: list[FetchRequest] = list(run.ready())
    while waiting:
        request = waiting.pop(rng.randrange(len(waiting)))
        subgraph = subgraphs[request.fetch.subgraph]
        body = json.loads(request.body)
        answer = subgraph.execute(body["query"], body.get("variables") or {})
        outcome: FetchOutcome = FetchAnswer(200, "application/json", json.dumps(answer).encode())
        if trial.fault is not None and trial.fault[1] == len(exchanges):
            outcome = FAULTS[trial.fault[0]](answer)
        exchanges.append(subgraph.exchanges[-1])
        answers[request.fetch.id, request.body] = outcome
        run.receive(request, outcome)
        waiting.extend(run.ready())
    return answers


def show_plan(query_plan: QueryPlan) -> str:
    """A plan for people, by its fetches: what is executed."""
    lines = []
    for fetch in query_plan.fetches:
        needs = f" after {', '.join(map(str, fetch.needs))}" if fetch.needs else ""
        conditions = "".join(f" @{'include' if each.wanted else 'skip'}(${each.variable})" for each in fetch.conditions)
        lines.append(f"{fetch.id}: {fetch.subgraph}{needs}{conditions} at {'.'.join(map(str, fetch.path))}")
        lines.append(f"   {fetch.operation}")
        for call in fetch.entities:
            paths = ", ".join(".".join(map(str, path)) for path in call.paths)
            lines.append(f"   {call.alias} of {paths}: {'; '.join(map(show_template, call.templates))}")
    if query_plan.store_keys:
        lines.append(f"store keys: {dict(query_plan.store_keys)}")
    return "\n".join(lines)


def show_template(template: object) -> str:
    """A representation's template, short."""
    fields = getattr(template, "fields", ())
    inside = " ".join(_show_input(field) for field in fields)
    return f"{'|'.join(getattr(template, 'types', ()))}→{getattr(template, 'typename', None)} {{{inside}}}"


def _show_input(field: object) -> str:
    name, key = getattr(field, "name", ""), getattr(field, "store_key", "")
    sub = "; ".join(map(show_template, getattr(field, "selection", ())))
    return (name if name == key else f"{name}←{key}") + (f" [{sub}]" if sub else "")
