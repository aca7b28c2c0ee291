"""The payloads after the response."""

import asyncio
import json
from collections.abc import Sequence

from router.config.supergraph import ValueCompletion
from router.executor.outcome import FetchOutcome, FetchRequest
from router.executor.program import compile_program
from router.executor.run import PlanRun
from router.executor.schedule import execute
from router.graphql.deferred import rest_of, switched_off
from router.graphql.result import ErrorObject
from supergraph import Subgraph, compose, plan, prepare, read_supergraph
from supergraph.operation.select import with_deferred_parts
from tests.router.executor.executing import FakeSubgraphs, data

SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { t: T }
type T @key(fields: "id") { id: ID! x: Int slow: Int }
"""


def half_way(slow: object = 2) -> tuple[PlanRun, FakeSubgraphs]:
    """A run with a deferred part."""
    composition = compose([Subgraph("a", "http://a", SDL)])
    assert composition.sdl is not None
    graph = read_supergraph(composition.sdl)
    operation = with_deferred_parts(graph, prepare(graph, "{ t { x ... @defer { slow } } }"))
    first = data(t={"id": "1", "x": 1})
    later = data(_entities=[{"slow": slow}]) | {"errors": [{"message": "secret"}]}
    subgraphs = FakeSubgraphs({0: first, 1: later})
    return PlanRun(compile_program(graph, operation, plan(graph, operation)), {}), subgraphs


async def written(
    run: PlanRun, subgraphs: FakeSubgraphs, *, hangs: bool = False, value_completion: ValueCompletion = "errors"
) -> list[object]:
    """The payloads that are written after the response; with ``hangs``, the subgraph never answers again."""
    payloads: list[object] = []

    async def write(payload: bytes) -> None:
        payloads.append(json.loads(payload))

    def send(request: FetchRequest) -> asyncio.Future[FetchOutcome]:
        return asyncio.get_running_loop().create_future() if hangs else subgraphs.send(request)

    await execute(run, subgraphs.send)
    await rest_of(run, send, seconds=0 if hangs else 60, show=show, value_completion=value_completion)(write)
    return payloads


def show(errors: Sequence[ErrorObject]) -> list[ErrorObject]:
    """Hides what subgraphs say."""
    return [{"message": "shown"} if "service" in str(error) else error for error in errors]


async def test_errors_are_shown_as_clients_may_see_them() -> None:
    run, subgraphs = half_way()

    entry = {"data": {"slow": 2}, "path": ["t"], "errors": [{"message": "shown"}]}
    assert await written(run, subgraphs) == [{"incremental": [entry], "hasNext": False}]


async def test_why_a_deferred_value_is_null_may_be_told_apart() -> None:
    run, subgraphs = half_way(slow="no number")

    (payload,) = await written(run, subgraphs, value_completion="extensions")

    assert isinstance(payload, dict)
    (entry,) = payload["incremental"]
    assert (entry["data"], entry["errors"]) == ({"slow": None}, [{"message": "shown"}])
    assert [error["path"] for error in entry["extensions"]["valueCompletion"]] == [["t", "slow"]]


async def test_a_part_that_takes_too_long_ends_the_response() -> None:
    run, subgraphs = half_way()

    (payload,) = await written(run, subgraphs, hangs=True)

    assert isinstance(payload, dict)
    assert payload["hasNext"] is False
    assert payload["errors"][0]["extensions"] == {"code": "GATEWAY_TIMEOUT"}


def test_a_condition_without_a_value_holds() -> None:
    asked = frozenset({"yes", "no", "none", "absent"})
    assert switched_off(asked, {"yes": True, "no": False, "none": None}) == frozenset({"no", "none"})
