"""Documents are prepared once, and refused for what they may not be."""

import time
from collections.abc import Iterator

import pytest

from router.config.security import LimitsConfig
from router.graphql.planning import Planning
from supergraph.errors import OperationError
from tests.live_gateway import compose_supergraph


def make_planning(*, limits: LimitsConfig | None = None) -> Planning:
    return Planning(
        compose_supergraph("http://u/graphql", "http://r/graphql"),
        limits=limits or LimitsConfig(),
        cache_limit=10,
        clock=time.monotonic,
    )


@pytest.fixture
def planning() -> Iterator[Planning]:
    made = make_planning()
    yield made
    made.close()


async def test_a_document_is_prepared_once(planning: Planning) -> None:
    first = await planning.operation("{ me { name } }", None)
    assert await planning.operation("{ me { name } }", None) is first
    assert planning.known_operation("{ me { name } }", None) is first


async def test_operations_of_one_document_are_told_apart(planning: Planning) -> None:
    document = "query A { me { name } } query B { me { id } }"
    names = [(await planning.operation(document, name)).name for name in ("A", "B")]
    assert names == ["A", "B"]


async def test_what_is_wrong_with_a_document_is_remembered(planning: Planning) -> None:
    with pytest.raises(OperationError) as first:
        await planning.operation("{ nope }", None)
    with pytest.raises(OperationError) as second:
        await planning.operation("{ nope }", None)
    assert second.value is first.value


async def test_limits_are_measured_once_with_the_document() -> None:
    planning = make_planning(limits=LimitsConfig(max_depth=1))
    prepared = await planning.prepared("{ me { name } }", None)
    assert [excess.name for excess in prepared.exceeded] == ["max_depth"]
    assert planning.known("{ me { name } }", None) is prepared
    planning.close()


async def test_what_exceeds_a_limit_is_not_planned_before_it_is_asked() -> None:
    planning = make_planning(limits=LimitsConfig(max_depth=1))
    assert await planning.warm_up([("{ me { name } }", None), ("{ __typename }", None)]) == 1
    planning.close()


@pytest.mark.parametrize(
    "query", ["{ __schema { types { name } } }", '{ ...F } fragment F on Query { __type(name: "User") { name } }']
)
async def test_introspection_is_noticed_wherever_it_hides(planning: Planning, query: str) -> None:
    assert (await planning.prepared(query, None)).asks_for_schema


async def test_typename_is_no_introspection(planning: Planning) -> None:
    assert not (await planning.prepared("{ __typename me { __typename } }", None)).asks_for_schema
