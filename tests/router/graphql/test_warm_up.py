"""A new supergraph has the plans of the most used operations before it is asked."""

import time
from collections.abc import Iterator

import pytest

from router.config.security import LimitsConfig
from router.graphql.planning import Planning
from supergraph.operation.authorization import Filtered
from tests.live_gateway import compose_supergraph


@pytest.fixture
def planning() -> Iterator[Planning]:
    made = Planning(
        compose_supergraph("http://u/graphql", "http://r/graphql"),
        limits=LimitsConfig(),
        cache_limit=10,
        clock=time.monotonic,
    )
    yield made
    made.close()


async def test_what_was_warmed_up_is_known(planning: Planning) -> None:
    assert await planning.warm_up([("{ me { name } }", None)]) == 1
    operation = planning.known_operation("{ me { name } }", None)
    assert operation is not None
    assert planning.known_plan(Filtered(operation, ())) is not None


async def test_what_cannot_be_answered_any_more_is_left_out(planning: Planning) -> None:
    assert await planning.warm_up([("{ gone }", None), ("{ me { name } }", None)]) == 1


async def test_what_was_asked_most_often_comes_first(planning: Planning) -> None:
    for document in ("{ me { name } }", "{ me { id } }", "{ me { id } }", "{ strict { id } }"):
        await planning.operation(document, None)
    assert planning.most_used(2) == [("{ me { id } }", None), ("{ strict { id } }", None)]


async def test_it_ends_in_time(planning: Planning) -> None:
    assert await planning.warm_up([("{ me { name } }", None)], seconds=0) == 0
