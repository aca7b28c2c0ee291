"""The extensions of subgraphs' responses: what of them clients see."""

import asyncio
import itertools
from collections.abc import Mapping, Sequence

import pytest
from pydantic import ValidationError

from router.config.response_extensions import ExtensionPropagation, ResponseExtensionsSection
from router.executor.outcome import FetchFailure, FetchOutcome, FetchRequest
from router.graphql.subgraph_extensions import SubgraphExtensions
from supergraph.plan import Fetch
from tests.router.executor.executing import answer


def propagation(**options: object) -> ExtensionPropagation:
    return ExtensionPropagation.model_validate(options)


async def merged(
    options: ExtensionPropagation, *outcomes: FetchOutcome, arrivals: Sequence[int] | None = None
) -> dict[str, object]:
    """What is shown when fetch 0 of subgraph s0, fetch 1 of s1 and so on end like this, arriving in some order."""
    loop = asyncio.get_running_loop()
    futures: list[asyncio.Future[FetchOutcome]] = [loop.create_future() for _ in outcomes]
    collected = SubgraphExtensions(options)
    send = collected.sending(lambda request: futures[request.fetch.id])
    for number in range(len(outcomes)):
        send(FetchRequest(Fetch(id=number, subgraph=f"s{number}", kind="query", operation="{a}"), b"{}"))
    for number in arrivals or range(len(outcomes)):
        futures[number].set_result(outcomes[number])
        await asyncio.sleep(0)
    return collected.merged()


def told(**extensions: object) -> FetchOutcome:
    return answer({"data": {}, "extensions": extensions})


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("first", {"a": 1, "b": 2, "c": 4}),
        ("last", {"a": 1, "b": 3, "c": 4}),
        ("merge", {"a": 1, "b": 3, "c": 4}),
        ("by_service", {"a": {"s0": 1}, "b": {"s0": 2, "s1": 3}, "c": {"s1": 4}}),
    ],
)
async def test_a_key_of_several_subgraphs(algorithm: str, expected: object) -> None:
    assert await merged(propagation(algorithm=algorithm), told(a=1, b=2), told(b=3, c=4)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"x": {"y": 1, "z": [1]}}, {"x": {"w": 2, "z": [2]}}, {"x": {"y": 1, "z": [1, 2], "w": 2}}),
        ([1, 2], [2, 3], [1, 2, 2, 3]),
        ([1], {"x": 1}, {"x": 1}),
        ({"x": 1}, None, None),
    ],
    ids=["objects", "lists", "other kinds", "null"],
)
async def test_values_are_merged(old: object, new: object, expected: object) -> None:
    assert await merged(propagation(algorithm="merge"), told(a=old), told(a=new)) == {"a": expected}


async def test_a_key_may_have_an_algorithm_of_its_own() -> None:
    options = propagation(algorithm="first", algorithms={"b": "by_service"})
    assert await merged(options, told(a=1, b=1), told(a=2, b=2)) == {"a": 1, "b": {"s0": 1, "s1": 2}}


async def test_only_allowed_keys_are_passed_on() -> None:
    assert await merged(propagation(allow=["a"]), told(a=1, b=1)) == {"a": 1}


async def test_all_keys_are_passed_on_where_none_is_named() -> None:
    assert await merged(propagation(), told(a=1, b=1)) == {"a": 1, "b": 1}


@pytest.mark.parametrize("key", ["queryPlan", "apolloQueryPlan", "cost", "valueCompletion", "tracing", "ftv1"])
async def test_what_is_the_gateways_own_is_not_taken_from_a_subgraph(key: str) -> None:
    assert await merged(propagation(allow=[key, "a"]), told(**{key: 1, "a": 2})) == {"a": 2}


@pytest.mark.parametrize("arrivals", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("algorithm", ["first", "last", "merge", "by_service"])
async def test_the_order_of_arrival_does_not_count(algorithm: str, arrivals: Sequence[int]) -> None:
    outcomes = [told(a=[1], b=1), told(a=[2]), told(b=3, a=[3])]
    options = propagation(algorithm=algorithm)
    result = await merged(options, *outcomes, arrivals=arrivals)
    expected = await merged(options, *outcomes)
    assert (result, list(result)) == (expected, list(expected))


@pytest.mark.parametrize(
    "outcome",
    [
        FetchFailure("GATEWAY_TIMEOUT", "slow"),
        answer({"data": {}}),
        answer({"data": {}, "extensions": None}),
        answer({"data": {}, "extensions": [1]}),
        answer([{"extensions": {"a": 1}}]),
        answer(b'{"extensions": {"a": 1}'),
        answer({"data": {"note": '"extensions"'}}),
        answer(b'{"extensions": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}"),
    ],
    ids=["failure", "none", "null", "a list", "no object", "no json", "elsewhere", "too deep"],
)
async def test_what_is_no_extensions_is_ignored(outcome: FetchOutcome) -> None:
    assert await merged(propagation(), outcome, told(b=2)) == {"b": 2}


async def test_a_request_that_is_cancelled_or_fails_is_not_looked_at() -> None:
    loop = asyncio.get_running_loop()
    futures: list[asyncio.Future[FetchOutcome]] = [loop.create_future() for _ in range(2)]
    collected = SubgraphExtensions(propagation())
    send = collected.sending(lambda request: futures[request.fetch.id])
    for number in range(2):
        send(FetchRequest(Fetch(id=number, subgraph="s", kind="query", operation="{a}"), b"{}"))
    futures[0].cancel()
    futures[1].set_exception(ZeroDivisionError())
    await asyncio.sleep(0)
    assert collected.merged() == {}


@pytest.mark.parametrize(
    "section", [{"propagate": {"algorithm": "append"}}, {"propagate": {"allow": "a"}}, {"forward": {}}]
)
def test_a_mistake_in_the_configuration_is_found(section: Mapping[str, object]) -> None:
    with pytest.raises(ValidationError):
        ResponseExtensionsSection.model_validate(section)
