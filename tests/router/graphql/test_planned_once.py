"""Planning costs something once for each operation, and a refusal is not worked out again for a while."""

import asyncio
from collections.abc import Iterator

import pytest

from router.config.security import LimitsConfig
from router.graphql.errors import PlanningFailedError
from router.graphql.planning import FAILURE_SECONDS, Planned, Planning
from supergraph import Subgraph, Supergraph, compose, read_supergraph
from supergraph.errors import OperationError
from supergraph.operation.authorization import Filtered
from tests.fake_clock import FakeClock
from tests.supergraph.graphs import LINK

T = 'type T @key(fields: "id") { id: ID!'
GRAPH = {"a": f"type Query {{ t: T u: U }} {T} n: T m: T }} type U {{ id: ID! }}", "b": f"{T} x: Int }}"}


def graph_of(**sdls: str) -> Supergraph:
    """A supergraph that need not be able to answer everything."""
    composition = compose([Subgraph(name, "", LINK + sdl) for name, sdl in sdls.items()], satisfiability=False)
    assert composition.sdl is not None, composition.errors
    return read_supergraph(composition.sdl)


def make_planning(supergraph: Supergraph, clock: FakeClock) -> Planning:
    return Planning(supergraph, limits=LimitsConfig(), cache_limit=10, clock=clock)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def planning(clock: FakeClock) -> Iterator[Planning]:
    made = make_planning(graph_of(**GRAPH), clock)
    yield made
    made.close()


async def plan(planning: Planning, document: str) -> Planned:
    operation = await planning.operation(document, None)
    return await planning.plan(operation, Filtered(operation, ()))


async def test_equal_operations_share_a_plan_however_they_are_written(planning: Planning) -> None:
    first = await plan(planning, "{ t { id x } }")
    second = await plan(planning, "query { ...F } fragment F on Query { t { ... on T { id } x id } } # the same")
    assert second is first


async def test_equal_operations_that_meet_are_planned_once(planning: Planning) -> None:
    async with asyncio.TaskGroup() as tasks:
        plans = [tasks.create_task(plan(planning, "{ t { id x } }")) for _ in range(20)]
    assert len({id(planned.result()) for planned in plans}) == 1


async def test_different_operations_do_not_share_a_plan(planning: Planning) -> None:
    assert await plan(planning, "{ t { id } }") is not await plan(planning, "{ t { x } }")


async def refusal(planning: Planning, document: str) -> Exception:
    with pytest.raises(PlanningFailedError) as caught:
        await plan(planning, document)
    return caught.value


async def test_a_failure_is_remembered_for_a_while(clock: FakeClock) -> None:
    planning = make_planning(graph_of(a="type Query { t: T } type T { id: ID! }", b="type T { x: Int }"), clock)
    first = await refusal(planning, "{ t { x } }")
    clock.advance(FAILURE_SECONDS - 1)
    assert await refusal(planning, "{ t { x } }") is first
    clock.advance(2)
    assert await refusal(planning, "{ t { x } }") is not first
    planning.close()


async def test_what_is_too_complex_is_remembered_too(planning: Planning) -> None:
    body = " ".join(
        f"fragment F{level} on T {{ n {{ ...F{level + 1} }} m {{ ...F{level + 1} }} }}" for level in range(14)
    )
    document = f"{{ t {{ ...F0 }} }} {body} fragment F14 on T {{ id }}"
    refusals = []
    for _ in range(2):
        with pytest.raises(OperationError) as caught:
            await plan(planning, document)
        refusals.append(caught.value)
    assert refusals[0].code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"
    assert refusals[1] is refusals[0]
