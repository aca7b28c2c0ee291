"""Satisfiability does not explode: what it looks at is counted, and grows with the schema as it is written."""

from collections.abc import Callable
from functools import cache

import pytest

from supergraph.compose import compose
from supergraph.compose.effort import Effort
from supergraph.compose.problems import Problems
from supergraph.compose.read_back import read_back
from supergraph.compose.result import Subgraph
from supergraph.compose.satisfiability import check_satisfiability
from tests.composing import fed2

Shape = Callable[[int, int, int], str]
"""Writes an entity for one subgraph of many."""

ENTITIES = 3


def simple_key(side: int, _sides: int, number: int) -> str:
    return f'type E{number} @key(fields: "id") {{ id: ID! {own_fields(side, number)} }}'


def ring_of_keys(side: int, sides: int, number: int) -> str:
    """Each subgraph knows two keys, of which its neighbours know one each."""
    left, right = f"k{side}", f"k{(side + 1) % sides}"
    return (
        f'type E{number} @key(fields: "{left}") @key(fields: "{right}") '
        f"{{ {left}: ID! @shareable {right}: ID! @shareable {own_fields(side, number)} }}"
    )


def composite_keys_in_a_cycle(side: int, _sides: int, number: int) -> str:
    """Each entity's key needs the next one's, and the last one's the first's."""
    first, second = f"k{side % 5}", f"k{(side + 1) % 5}"
    return (
        f'type E{number} @key(fields: "owner {{ {first} }}") @key(fields: "{first} {second}") '
        f"{{ {first}: ID! @shareable {second}: ID! @shareable owner: E{(number + 1) % ENTITIES} @shareable "
        f"{own_fields(side, number)} }}"
    )


def chain_of_requirements(side: int, _sides: int, number: int) -> str:
    """Each subgraph computes a field from that of the one before."""
    before = f'from{side - 1}: Int @external from{side}: Int @requires(fields: "from{side - 1}")'
    return (
        f'type E{number} @key(fields: "id") {{ id: ID! {before if side else "from0: Int"} {own_fields(side, number)} }}'
    )


def labels(side: int, _sides: int, number: int) -> str:
    """Ten fields move to the next subgraph."""
    moved = f'own{side - 1}: Int @override(from: "s{side - 1:03}", label: "l{side}")'
    return (
        f'type E{number} @key(fields: "id") '
        f"{{ id: ID! {moved if number == 0 and side % 2 and side < 20 else ''} {own_fields(side, number)} }}"
    )


def own_fields(side: int, number: int) -> str:
    return f"own{side}: Int to{side}: E{(number + side) % ENTITIES}"


SHAPES: list[Shape] = [simple_key, ring_of_keys, composite_keys_in_a_cycle, chain_of_requirements, labels]


def mutation_of_all(side: int) -> str:
    return f"type Mutation {{ change: E0 @shareable set{side}: E1 }}"


@cache
def effort_of(sides: int, shape: Shape) -> Effort:
    """Compose entities that all subgraphs share, and check them."""
    texts = {
        f"s{side:03}": fed2(
            " ".join(shape(side, sides, number) for number in range(ENTITIES))
            + f" type Query {{ find{side}: E{side % ENTITIES} }} {mutation_of_all(side)}"
        )
        for side in range(sides)
    }
    listed = [Subgraph(name, f"http://{name}", sdl) for name, sdl in texts.items()]
    composition = compose(listed, satisfiability=False)
    assert composition.sdl is not None, composition.errors[0].message
    problems = Problems()
    read = read_back(composition.sdl, problems)
    assert read is not None
    effort = check_satisfiability(read.api_schema, read.query_graphs, problems)
    assert problems.errors == []
    return effort


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sides", [60, 200])
def test_an_entity_is_one_state_however_many_subgraphs_share_it(shape: Shape, sides: int) -> None:
    query = 1

    assert effort_of(sides, shape).states == ENTITIES + query


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sides", [60, 200])
def test_a_path_is_a_way_into_a_subgraph(shape: Shape, sides: int) -> None:
    query = 1

    assert effort_of(sides, shape).paths == sides * (ENTITIES + query)


@pytest.mark.parametrize("shape", SHAPES)
def test_questions_grow_with_the_subgraphs(shape: Shape) -> None:
    assert effort_of(200, shape).questions <= 3.5 * effort_of(60, shape).questions


@pytest.mark.parametrize("shape", SHAPES)
def test_questions_are_few_for_each_declaration(shape: Shape) -> None:
    states_of_labels = 24 if shape is labels else 1

    assert effort_of(60, shape).questions <= 4 * 60 * ENTITIES * (1 + states_of_labels / 4)
