"""Deferred parts: what is answered first, and what comes later, when and with which errors."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from router.executor.defer import Increment
from router.executor.outcome import ExecutionResult, FetchFailure, FetchOutcome, FetchRequest
from router.executor.program import ExecutionOptions, Program, compile_program
from router.executor.run import PlanRun
from router.executor.schedule import execute, execute_deferred, in_tasks, run_deferred_sync, run_sync
from supergraph import Subgraph, compose, plan, prepare, read_supergraph
from supergraph.operation.select import with_deferred_parts
from tests.router.executor.executing import JSON, FakeSubgraphs, data, data_of

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"]) '
A = """
type Query { t: T ts: [T] v: V strict: T! }
type T @key(fields: "id") { id: ID! x: String slow: String must: String! t: T }
type V { x: String slow: String t: T }
"""
B = 'scalar JSON type T @key(fields: "id") { id: ID! late: String sure: String! any: JSON }'
COMPOSED = compose([Subgraph("a", "http://a", LINK + A), Subgraph("b", "http://b", LINK + B)])
assert COMPOSED.sdl is not None, COMPOSED.errors
GRAPH = read_supergraph(COMPOSED.sdl)


def compiled(text: str, *off: str, options: ExecutionOptions | None = None) -> Program:
    operation = with_deferred_parts(GRAPH, prepare(GRAPH, text), frozenset(off))
    return compile_program(GRAPH, operation, plan(GRAPH, operation), options=options or ExecutionOptions())


def run(
    text: str,
    answers: Mapping[int, object],
    *,
    choose: Callable[[int], int] = lambda _: 0,
    variables: Mapping[str, object] | None = None,
) -> tuple[ExecutionResult, list[list[JSON]]]:
    """The first response, and the deferred parts in the order of delivery."""
    running, send = PlanRun(compiled(text), variables or {}), FakeSubgraphs(answers)
    first = run_sync(running, send)
    return first, list(delivered(running, send, choose))


def delivered(running: PlanRun, send: FakeSubgraphs, choose: Callable[[int], int]) -> Iterator[list[JSON]]:
    for increments in run_deferred_sync(running, send, choose=choose):
        yield [
            {"path": list(each.path), "data": json.loads(each.data)}
            | ({"label": each.label} if each.label else {})
            | ({"errors": [error.get("path") for error in each.errors]} if each.errors else {})
            for each in increments
        ]


T: JSON = {"__typename": "T", "id": "1", "x": "x"}


def entities(*values: object) -> JSON:
    return data(_entities=list(values))


def test_a_deferred_part_comes_after_the_response() -> None:
    first, later = run('{ t { x ... @defer(label: "l") { slow } } }', {0: data(t=T), 1: entities({"slow": "s"})})

    assert data_of(first) == {"t": {"x": "x"}}
    assert later == [[{"path": ["t"], "data": {"slow": "s"}, "label": "l"}]]


def test_nothing_of_a_deferred_part_is_asked_before_the_response() -> None:
    running = PlanRun(compiled("{ t { x ... @defer { slow } } ... @defer { v { x } } }"), {})
    (request,) = running.ready()
    running.receive(request, FakeSubgraphs({0: data(t=T)})(request))

    assert running.ready() == []
    running.response()
    assert len(running.ready()) == 2


def test_what_has_no_key_is_fetched_before_and_delivered_later() -> None:
    first, later = run("{ v { x ... @defer { slow } } }", {0: data(v={"x": "x", "slow": "s"})})

    assert data_of(first) == {"v": {"x": "x"}}
    assert later == [[{"path": ["v"], "data": {"slow": "s"}}]]


def test_each_object_of_a_list_gets_its_own() -> None:
    answers = {0: data(ts=[T, None, T | {"id": "2"}]), 1: entities({"late": "1"}, {"late": "2"})}
    first, later = run("{ ts { x ... @defer { late } } }", answers)

    assert data_of(first) == {"ts": [{"x": "x"}, None, {"x": "x"}]}
    assert later == [[{"path": ["ts", 0], "data": {"late": "1"}}, {"path": ["ts", 2], "data": {"late": "2"}}]]


def test_there_is_nothing_to_deliver_for_an_object_that_is_null() -> None:
    running, send = PlanRun(compiled("{ t { x ... @defer { slow } } }"), {}), FakeSubgraphs({0: data(t=None)})

    assert data_of(run_sync(running, send)) == {"t": None}
    assert not running.has_next


def test_there_is_nothing_to_deliver_for_an_object_that_a_null_took_away() -> None:
    answers = {0: data(t=T | {"must": None, "t": T}), 1: entities({"slow": "s"})}
    first, later = run("{ t { must t { x ... @defer { slow } } } }", answers)

    assert data_of(first) == {"t": None}
    assert later == []


def test_there_is_nothing_to_deliver_for_an_object_that_a_null_behind_it_took_away() -> None:
    answers = {0: data(t=T | {"must": None, "t": T}), 1: entities({"slow": "s"})}
    first, later = run("{ t { t { x ... @defer { slow } } must } }", answers)

    assert data_of(first) == {"t": None}
    assert later == []


def test_a_null_stops_at_the_deferred_part() -> None:
    first, later = run("{ strict { x ... @defer { sure } } }", {0: data(strict=T), 1: entities({"sure": None})})

    assert data_of(first) == {"strict": {"x": "x"}}
    assert first.errors == ()
    assert later == [[{"path": ["strict"], "data": None, "errors": [["strict", "sure"]]}]]


def test_an_error_comes_with_the_object_that_it_concerns() -> None:
    failed = entities({"late": "1"}, {"late": None}) | {"errors": [{"message": "m", "path": ["_entities", 1, "late"]}]}
    first, later = run("{ ts { x ... @defer { late } } }", {0: data(ts=[T, T | {"id": "2"}]), 1: failed})

    assert first.errors == ()
    assert later == [
        [
            {"path": ["ts", 0], "data": {"late": "1"}},
            {"path": ["ts", 1], "data": {"late": None}, "errors": [["ts", 1, "late"]]},
        ]
    ]


def test_a_subgraph_that_is_away_costs_its_part_only() -> None:
    failure = FetchFailure("SUBREQUEST_HTTP_ERROR", "away")
    first, later = run("{ t { x ... @defer { late } ... @defer { slow } } }", {0: data(t=T), 1: failure, 2: failure})

    assert first.errors == ()
    assert [len(part) for part in later] == [1, 1]
    assert all(entry["errors"] for part in later for entry in part)


@pytest.mark.parametrize("last", [False, True])
def test_parts_are_delivered_in_the_order_in_which_they_become_ready(*, last: bool) -> None:
    text = '{ t { x ... @defer(label: "a") { slow } ... @defer(label: "b") { late } } }'
    answers = {0: data(t=T), 1: entities({"slow": "s"}), 2: entities({"late": "l"})}
    _, later = run(text, answers, choose=lambda count: count - 1 if last else 0)

    assert [entry["label"] for part in later for entry in part] == (["b", "a"] if last else ["a", "b"])


def test_parts_that_are_ready_together_are_delivered_together() -> None:
    first = data(v={"x": "x", "slow": "s"})
    _, later = run("{ v { ... @defer { x } ... @defer { slow } } }", {0: first})

    assert later == [[{"path": ["v"], "data": {"x": "x"}}, {"path": ["v"], "data": {"slow": "s"}}]]


@pytest.mark.parametrize("last", [False, True])
def test_a_part_inside_a_part_comes_after_it(*, last: bool) -> None:
    text = "{ t { x ... @defer { slow ... @defer { late } } } }"
    answers = {0: data(t=T), 1: entities({"slow": "s"}), 2: entities({"late": "l"})}
    _, later = run(text, answers, choose=lambda count: count - 1 if last else 0)

    entries = [entry for part in later for entry in part]
    assert entries == [{"path": ["t"], "data": {"slow": "s"}}, {"path": ["t"], "data": {"late": "l"}}]


def test_a_part_inside_a_part_that_is_null_is_not_delivered() -> None:
    answers = {0: data(t=T), 1: entities({"t": None}), 2: entities()}
    _, later = run("{ t { x ... @defer { t { x ... @defer { late } } } } }", answers)

    assert later == [[{"path": ["t"], "data": {"t": None}}]]


def test_a_part_whose_condition_fails_is_not_delivered() -> None:
    text = "query ($c: Boolean!) { t { x ... @defer @include(if: $c) { slow } } }"
    first, later = run(text, {0: data(t=T)}, variables={"c": False})

    assert data_of(first) == {"t": {"x": "x"}}
    assert later == []


def test_a_deferred_part_may_ask_for_the_schema() -> None:
    first, later = run('{ t { x } ... @defer { __type(name: "T") { name } } }', {0: data(t=T)})

    assert data_of(first) == {"t": {"x": "x"}}
    assert later == [[{"path": [], "data": {"__type": {"name": "T"}}}]]


def test_a_part_that_cannot_be_written_is_null_with_an_error() -> None:
    deep: object = 1
    for _ in range(400):
        deep = [deep]
    running = PlanRun(compiled("{ t { x ... @defer { any } } }"), {})
    subgraphs = FakeSubgraphs({0: data(t=T), 1: entities({"any": deep})})
    run_sync(running, subgraphs)
    (request,) = running.ready()
    running.receive(request, subgraphs(request))

    def deliver_from(depth: int) -> Sequence[Increment]:
        return deliver_from(depth - 1) if depth else running.increments()

    (increment,) = deliver_from(600)
    assert (increment.data, [error["path"] for error in increment.errors]) == (b"null", [["t"]])


async def test_a_bug_in_a_deferred_fetch_ends_the_delivery() -> None:
    running = PlanRun(compiled("{ t { x ... @defer { slow } } }"), {})
    subgraphs = FakeSubgraphs({0: data(t=T)})

    async def deliver(increments: object, *, has_next: bool) -> None:
        raise AssertionError(increments, has_next)

    async def send(_: FetchRequest) -> FetchOutcome:
        raise ZeroDivisionError

    await execute(running, subgraphs.send)
    with pytest.raises(ZeroDivisionError):
        await execute_deferred(running, in_tasks(send), deliver)


async def test_a_bug_beside_the_last_delivery_is_raised() -> None:
    running = PlanRun(compiled('{ t { x ... @defer(label: "a") { slow } ... @defer(label: "b") { late } } }'), {})
    subgraphs = FakeSubgraphs({0: data(t=T), 1: entities({"slow": "s"}), 2: entities({"late": "l"})})
    labels: list[str | None] = []

    async def deliver(increments: Sequence[Increment], *, has_next: bool) -> None:
        assert has_next is not None
        labels.extend(each.label for each in increments)
        for future in out[1:]:
            future.set_exception(ZeroDivisionError())
        await asyncio.sleep(0)

    out: list[asyncio.Future[FetchOutcome]] = []

    def send(request: FetchRequest) -> asyncio.Future[FetchOutcome]:
        future: asyncio.Future[FetchOutcome] = asyncio.get_running_loop().create_future()
        if not out:
            future.set_result(subgraphs(request))
        out.append(future)
        return future

    await execute(running, subgraphs.send)
    with pytest.raises(ZeroDivisionError):
        await execute_deferred(running, send, deliver)
    assert len(labels) == 1


async def test_who_stops_listening_cancels_what_is_out() -> None:
    running = PlanRun(compiled("{ t { x ... @defer { slow } } }"), {})
    out: list[asyncio.Future[FetchOutcome]] = []

    async def deliver(increments: object, *, has_next: bool) -> None:
        raise AssertionError(increments, has_next)

    def send(_: FetchRequest) -> asyncio.Future[FetchOutcome]:
        out.append(asyncio.get_running_loop().create_future())
        return out[-1]

    await execute(running, FakeSubgraphs({0: data(t=T)}).send)
    delivering = asyncio.ensure_future(execute_deferred(running, send, deliver))
    await asyncio.sleep(0)
    delivering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivering
    assert [future.cancelled() for future in out] == [True]


async def test_when_time_is_up_before_the_response_nothing_is_deferred() -> None:
    running = PlanRun(compiled("{ t { x ... @defer { slow } } }"), {})

    def send(_: FetchRequest) -> asyncio.Future[FetchOutcome]:
        return asyncio.get_running_loop().create_future()

    result = await execute(running, send, deadline=0)
    assert (data_of(result), running.has_next) == ({"t": None}, False)


async def test_the_asynchronous_shell_delivers_the_same() -> None:
    answers = {0: data(t=T), 1: entities({"slow": "s"}), 2: entities({"late": "l"})}
    running = PlanRun(compiled("{ t { x ... @defer { slow ... @defer { late } } } }"), {})
    subgraphs = FakeSubgraphs(answers)
    parts: list[tuple[bytes, bool]] = []

    async def deliver(increments: object, *, has_next: bool) -> None:
        assert isinstance(increments, tuple)
        parts.extend((each.data, has_next) for each in increments)

    await execute(running, subgraphs.send)
    await execute_deferred(running, subgraphs.send, deliver)

    assert [each for each, _ in parts] == [b'{"slow":"s"}', b'{"late":"l"}']
    assert parts[-1][1] is False


def test_the_schema_may_be_asked_for_in_deferred_pieces() -> None:
    text = '{ t { x } __type(name: "T") { name ... @defer { kind } } }'
    first, _ = run(text, {0: data(t=T)})

    assert data_of(first) == {"t": {"x": "x"}, "__type": {"name": "T", "kind": "OBJECT"}}


# What is too large


def late_in_a_list(size_bytes: int, *, repeated: int = 1) -> tuple[ExecutionResult, list[list[JSON]]]:
    program = compiled("{ ts { x ... @defer { late } } }", options=ExecutionOptions(max_response_bytes=size_bytes))
    send = FakeSubgraphs({0: data(ts=[T] * repeated), 1: entities({"late": "x" * 100})})
    running = PlanRun(program, {})
    return run_sync(running, send), list(delivered(running, send, lambda _: 0))


def test_a_part_that_is_too_large_is_null_with_an_error() -> None:
    first, later = late_in_a_list(110)
    assert data_of(first) == {"ts": [{"x": "x"}]}
    assert later == [[{"path": ["ts", 0], "data": None, "errors": [["ts", 0]]}]]


def test_parts_that_are_delivered_together_share_what_there_is() -> None:
    _, later = late_in_a_list(250, repeated=3)
    assert [part["data"] for part in later[0]] == [{"late": "x" * 100}, {"late": "x" * 100}, None]
