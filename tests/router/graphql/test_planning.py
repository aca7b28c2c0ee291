"""Documents are prepared once, and refused for what they may not be."""

import time
from collections.abc import Iterator

import pytest

from router.config.security import LimitsConfig
from router.errors import DepthLimitError
from router.graphql.errors import IntrospectionDisabledError
from router.graphql.planning import Planning
from supergraph.errors import OperationError
from tests.live_gateway import compose_supergraph


def make_planning(*, introspection: bool = False, limits: LimitsConfig | None = None) -> Planning:
    return Planning(
        compose_supergraph("http://u/graphql", "http://r/graphql"),
        limits=limits or LimitsConfig(),
        introspection=introspection,
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


async def test_a_limit_is_checked_with_the_document() -> None:
    planning = make_planning(limits=LimitsConfig(max_depth=1))
    with pytest.raises(DepthLimitError):
        await planning.operation("{ me { name } }", None)
    planning.close()


@pytest.mark.parametrize(
    "query", ["{ __schema { types { name } } }", '{ ...F } fragment F on Query { __type(name: "User") { name } }']
)
async def test_introspection_is_refused_wherever_it_hides(planning: Planning, query: str) -> None:
    with pytest.raises(IntrospectionDisabledError):
        await planning.operation(query, None)


async def test_introspection_is_prepared_where_it_is_allowed() -> None:
    planning = make_planning(introspection=True)
    assert (await planning.operation("{ __schema { types { name } } }", None)).kind == "query"
    planning.close()


async def test_typename_is_no_introspection(planning: Planning) -> None:
    assert (await planning.operation("{ __typename me { __typename } }", None)).kind == "query"
