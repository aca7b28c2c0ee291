"""What must not matter: the order in which subgraphs are handed in, and when an operation is planned."""

from random import Random

import pytest

from supergraph import Subgraph, compose, plan, prepare, read_supergraph
from tests.oracle.features import random_subgraphs
from tests.oracle.operations import random_operation

SEEDS = range(9_000, 9_012)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_subgraphs_does_not_change_the_composition(seed: int) -> None:
    subgraphs = [Subgraph(each.name, f"http://{each.name}", each.sdl) for each in random_subgraphs(seed)]
    shuffled = Random(seed).sample(subgraphs, len(subgraphs))  # noqa: S311 - seeded, to be reproducible

    assert compose(shuffled) == compose(subgraphs)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_operation_always_gets_the_same_plan(seed: int) -> None:
    rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
    subgraphs = [Subgraph(each.name, f"http://{each.name}", each.sdl) for each in random_subgraphs(seed)]
    sdl = compose(subgraphs).sdl
    assert sdl is not None
    first, second = read_supergraph(sdl), read_supergraph(sdl)

    for _ in range(4):
        text = random_operation(rng, first.api_schema).text
        assert plan(first, prepare(first, text)).to_json() == plan(second, prepare(second, text)).to_json()
