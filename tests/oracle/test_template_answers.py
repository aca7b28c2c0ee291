"""An operation that was made for another document answers this one as one plain schema would."""

import json
from collections.abc import Mapping
from random import Random

import pytest
from graphql import OperationDefinitionNode, get_variable_values, parse

from router.executor.program import compile_program
from router.executor.run import PlanRun
from router.graphql.own_aliases import with_own_aliases
from router.graphql.result import GraphqlResult
from supergraph import Operation, plan, prepare
from supergraph.operation.skeleton import read_skeleton
from supergraph.operation.template import kept_literals, make_template
from tests.oracle.compare import difference
from tests.oracle.data import Data, DataOptions, Json
from tests.oracle.features import random_subgraphs
from tests.oracle.memory import InMemorySubgraph, execute_monolith
from tests.oracle.operations import random_operation
from tests.oracle.rewriting import rewrite
from tests.oracle.trial import Composed, Trial, compose_world, drive

SEEDS = range(31_000, 31_012)
OPERATIONS = 12


def from_template(composed: Composed, document: str, other: str) -> Operation | None:
    """The operation for ``document`` of a template that is made of ``other``, where there is one."""
    skeleton, source = read_skeleton(document), read_skeleton(other)
    assert skeleton.key == source.key
    template = make_template(composed.supergraph, source)
    if template is None or kept_literals(skeleton, template.kept) != kept_literals(source, template.kept):
        return None
    return template.fill(skeleton, document)


def variables_of(trial: Trial, composed: Composed) -> Mapping[str, object]:
    (definition,) = (n for n in parse(trial.operation.text).definitions if isinstance(n, OperationDefinitionNode))
    values = get_variable_values(
        composed.world.api, definition.variable_definitions or (), dict(trial.operation.variables)
    )
    assert not isinstance(values, list), values
    return values.coerced


def answer(trial: Trial, composed: Composed, operation: Operation, data: Data) -> dict[str, Json]:
    """The response; asking a subgraph for anything that it must not be asked for is a failure."""
    assert operation.lifted is not None
    subgraphs = {name: InMemorySubgraph(data, name, trial.labels, schema) for name, schema in composed.schemas.items()}
    program = compile_program(composed.supergraph, operation, plan(composed.supergraph, operation))
    run = PlanRun(program, {**variables_of(trial, composed), **operation.lifted.values})
    drive(run, subgraphs, [], trial)
    result = run.response()
    assert [violation for each in subgraphs.values() for violation in each.violations] == []
    shown = with_own_aliases(GraphqlResult(only_data=result.only_data, errors=result.errors), operation)
    encoded: dict[str, Json] = json.loads(shown.encode())
    return encoded


@pytest.mark.parametrize("seed", SEEDS)
def test_a_template_answers_as_one_schema_would(seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
    sources = random_subgraphs(seed)
    composed = compose_world(sources)
    if not isinstance(composed, Composed):
        pytest.skip("these subgraphs do not compose")
    answered = 0

    for number in range(OPERATIONS):
        case = random_operation(rng, composed.world.api)
        options = DataOptions(seed=rng.randrange(1 << 30), nulls=100, errors=60 * (number % 2))
        trial = Trial(sources=sources, operation=case, data=options, order=number)
        operation = from_template(composed, case.text, rewrite(rng, case.text))
        if operation is None:
            continue
        answered += 1
        data = Data(composed.world, options)
        assert operation.document_key == prepare(composed.supergraph, case.text).key
        expected = execute_monolith(data, parse(case.text), case.variables)
        actual = answer(trial, composed, operation, data)
        assert difference(expected, actual, may_add_errors=options.errors > 0) is None, case.text

    assert answered >= OPERATIONS // 3
