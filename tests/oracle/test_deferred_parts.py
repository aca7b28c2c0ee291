"""Deferred parts put together with the response are the answer in one piece, whatever is deferred."""

import json
from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest
from graphql import (
    DirectiveNode,
    FieldNode,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from router.executor.outcome import FetchAnswer, FetchOutcome, FetchRequest
from router.executor.program import compile_program
from router.executor.run import PlanRun
from router.executor.schedule import run_deferred_sync, run_sync
from supergraph import Operation, plan, prepare
from supergraph.errors import OperationError
from supergraph.operation.defer import with_all_parts
from supergraph.operation.select import with_deferred_parts
from supergraph.plan.check import check_plan
from tests.oracle.data import Data, DataOptions, Json
from tests.oracle.features import random_subgraphs
from tests.oracle.memory import InMemorySubgraph
from tests.oracle.operations import random_operation
from tests.oracle.trial import Composed, compose_world

OPERATIONS = 6


class Sprinkler(Visitor):
    """Puts some selections of every selection set into a deferred fragment; roots of mutations cannot be deferred."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self._rng = rng

    def leave_selection_set(
        self, node: SelectionSetNode, _key: object, parent: object, *_: object
    ) -> SelectionSetNode | None:
        at_root = not isinstance(parent, FieldNode | InlineFragmentNode)
        if at_root and not (isinstance(parent, OperationDefinitionNode) and parent.operation.value == "query"):
            return None
        chosen = [selection for selection in node.selections if self._rng.random() < 0.3]
        if not chosen:
            return None
        defer = DirectiveNode(name=NameNode(value="defer"), arguments=())
        fragment = InlineFragmentNode(
            type_condition=None, directives=(defer,), selection_set=SelectionSetNode(selections=tuple(chosen))
        )
        return SelectionSetNode(selections=(*(each for each in node.selections if each not in chosen), fragment))


def sprinkle(text: str, rng: Random) -> str:
    return print_ast(visit(parse(text), Sprinkler(rng)))


def drive(composed: Composed, operation: Operation, variables: Mapping[str, Json], data: Data, rng: Random) -> Json:
    """The data of the answer, deferred parts merged into it."""
    subgraphs = {name: InMemorySubgraph(data, name, schema=schema) for name, schema in composed.schemas.items()}
    query_plan = plan(composed.supergraph, operation)
    everything = replace(operation, selection=with_all_parts(operation.selection))
    assert check_plan(composed.supergraph, everything, query_plan) == []

    def send(request: FetchRequest) -> FetchOutcome:
        body = json.loads(request.body)
        answer = subgraphs[request.fetch.subgraph].execute(body["query"], body.get("variables") or {})
        return FetchAnswer(200, "application/json", json.dumps(answer).encode())

    run = PlanRun(compile_program(composed.supergraph, operation, query_plan), variables)
    found: Json = json.loads(run_sync(run, send).data)
    for increments in run_deferred_sync(run, send, choose=rng.randrange):
        for each in increments:
            merge_values(at(found, each.path), json.loads(each.data))
    assert [violation for subgraph in subgraphs.values() for violation in subgraph.violations] == []
    return found


def at(value: Json, path: tuple[str | int, ...]) -> Json:
    for segment in path:
        value = value[segment]  # type: ignore[index]  # a wrong path fails the test
    return value


def merge(left: dict[str, Json], right: dict[str, Json]) -> None:
    for key, value in right.items():
        merge_values(left.setdefault(key, value), value)


def merge_values(left: Json, right: Json) -> None:
    if isinstance(left, dict) and isinstance(right, dict):
        merge(left, right)
    elif isinstance(left, list) and isinstance(right, list):
        for mine, theirs in zip(left, right, strict=True):
            merge_values(mine, theirs)
    else:
        assert left == right


@pytest.mark.parametrize("seed", range(500, 540))
def test_response_and_deferred_parts_are_the_whole_answer(seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
    composed = compose_world(random_subgraphs(seed))
    if not isinstance(composed, Composed):
        pytest.skip("these subgraphs do not compose")
    data = Data(composed.world, DataOptions(seed=seed))

    for _ in range(OPERATIONS):
        case = random_operation(rng, composed.supergraph.api_schema)
        plain = prepare(composed.supergraph, case.text)
        try:
            deferred = prepare(composed.supergraph, sprinkle(case.text, rng))
        except OperationError:
            continue  # in a fragment that stands at the root of a mutation

        if check_plan(composed.supergraph, plain, plan(composed.supergraph, plain)):
            continue  # not a question of deferring: the execution oracle looks for these
        whole = drive(composed, plain, case.variables, data, rng)
        assert drive(composed, with_deferred_parts(composed.supergraph, deferred), case.variables, data, rng) == whole
