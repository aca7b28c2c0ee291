from random import Random

import pytest
from graphql import parse, validate, validate_schema

from tests.oracle.data import Data, DataOptions
from tests.oracle.features import random_subgraphs
from tests.oracle.memory import InMemorySubgraph, execute_monolith
from tests.oracle.operations import random_operation
from tests.oracle.world import build_world

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_subgraphs_are_valid_schemas_of_one_monolith(seed: int) -> None:
    world = build_world(random_subgraphs(seed))
    data = Data(world, DataOptions())

    problems = [*validate_schema(world.monolith), *validate_schema(world.api)]
    for name in world.subgraphs:
        problems += validate_schema(InMemorySubgraph(data, name).schema)

    assert problems == []


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_operations_are_valid_and_the_monolith_answers_them(seed: int) -> None:
    world = build_world(random_subgraphs(seed))
    case = random_operation(Random(seed), world.api)  # noqa: S311 - seeded

    answer = execute_monolith(Data(world, DataOptions(seed=seed)), parse(case.text), case.variables)

    assert validate(world.api, parse(case.text)) == []
    assert "errors" not in answer


def test_the_same_seed_makes_the_same_supergraph() -> None:
    assert random_subgraphs(5) == random_subgraphs(5)
