"""Interfaces that have to be asked type by type: what types are asked alike is written once, and answers as before."""

import pytest

from supergraph import Supergraph, plan, prepare
from supergraph.errors import PlanningError
from supergraph.plan import QueryPlan
from supergraph.planner import PlannerLimits
from tests.oracle.data import DataOptions
from tests.oracle.operations import OperationCase
from tests.oracle.pieces import SubgraphSource, with_link
from tests.oracle.trial import Composed, Passed, Trial, compose_world, run_trial
from tests.supergraph.graphs import supergraph_of

TYPES = 8


def nodes() -> Supergraph:
    """One of many types has its child in another subgraph, so the child is asked of each of them."""
    others = range(1, TYPES)
    keyed = 'implements Node @key(fields: "id") { id: ID!'
    a = "type Query { root: Node } interface Node { id: ID! child: Node }"
    a += f" type T0 {keyed} child: Node @external }}" + "".join(
        f" type T{i} {keyed} child: Node @shareable }}" for i in others
    )
    b = "interface Node { id: ID! }"
    b += f" type T0 {keyed} child: Node @shareable }}" + "".join(f" type T{i} {keyed} }}" for i in others)
    return supergraph_of(a=a, b=b)


def deep(levels: int) -> str:
    return "{ root " + "{ child " * levels + "{ __typename }" + " }" * levels + " }"


def planned(levels: int, limits: PlannerLimits) -> QueryPlan:
    supergraph = nodes()
    return plan(supergraph, prepare(supergraph, deep(levels)), limits=limits)


def test_what_is_written_does_not_grow_by_the_number_of_types_with_each_level() -> None:
    a_power_of_the_depth = TYPES**3

    found = planned(3, PlannerLimits(written=a_power_of_the_depth // 2))

    assert found.metrics.requests == 4


def test_the_first_request_grows_by_as_much_with_each_level() -> None:
    first, second, third = (len(planned(levels, PlannerLimits()).fetches[0].operation) for levels in (2, 3, 4))

    assert third - second == second - first


def test_requests_that_grow_too_large_are_refused_with_a_code() -> None:
    with pytest.raises(PlanningError) as refused:
        planned(3, PlannerLimits(written=100))

    assert refused.value.code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"


PLACES = (
    """
    type Query { root: Node all: [Node] }
    interface Node { id: ID! name: String child(first: Int): Node some: [Node] }
    type One implements Node @key(fields: "id") {
      id: ID! name: String @shareable child(first: Int): Node @external some: [Node] @shareable
    }
    type Two implements Node @key(fields: "id") {
      id: ID! name: String @shareable child(first: Int): Node @shareable some: [Node] @shareable two: Int
    }
    type Three implements Node @key(fields: "id") {
      id: ID! name: String @external child(first: Int): Node @shareable some: [Node] @external
    }
    type Four implements Node @key(fields: "id") {
      id: ID! name: String @shareable child(first: Int): Node @shareable some: [Node] @shareable
    }
    """,
    """
    interface Node { id: ID! }
    type One implements Node @key(fields: "id") { id: ID! child(first: Int): Node @shareable one: String }
    type Two implements Node @key(fields: "id") { id: ID! late: Int }
    type Three implements Node @key(fields: "id") { id: ID! name: String @shareable some: [Node] @shareable }
    type Four implements Node @key(fields: "id") { id: ID! late: Int }
    """,
)
SOURCES = tuple(SubgraphSource(name, with_link(sdl)) for name, sdl in zip("ab", PLACES, strict=True))
OPERATIONS = {
    "three levels": "{ root { child { child { child { name } } } } }",
    "lists, and arguments": "{ all { some { some { name } } child(first: 1) { name } } }",
    "one type is asked more": "{ root { child { name some { name } } ... on Two { child { again: name } two } } }",
    "one type is asked more below": "{ root { child { child { name } } ... on Two { child { child { id name } } } } }",
    "the same under conditions": """
        query ($deep: Boolean!, $more: Boolean!) {
          root {
            child { name child @include(if: $deep) { name child @skip(if: $more) { name } } }
            ... on Four { late child { some { name } } }
          }
        }
    """,
    "types that differ below": """
        { all { some { child { ... on Two { late } ... on Four { late } ... on One { one } } } } }
    """,
    "a key under another name": """
        { root { child { id: name child { id: name } } ... on Four { child { child { id: name } } } } }
    """,
}


@pytest.fixture(scope="module")
def composed() -> Composed:
    found = compose_world(SOURCES)
    assert isinstance(found, Composed), found
    return found


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", OPERATIONS)
def test_types_that_are_asked_alike_answer_as_one_schema_would(name: str, seed: int, composed: Composed) -> None:
    variables = {"deep": seed % 2 == 0, "more": seed % 3 == 0} if "$deep" in OPERATIONS[name] else {}
    data = DataOptions(seed=seed, nulls=100 * (seed % 2))
    trial = Trial(sources=SOURCES, operation=OperationCase(OPERATIONS[name], variables), data=data, order=seed)

    outcome = run_trial(trial, composed)

    assert isinstance(outcome, Passed), outcome
