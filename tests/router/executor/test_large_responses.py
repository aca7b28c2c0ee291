"""Small answers can make a response that no machine can hold: what is too large ends before memory is spent on it.

Numbers are so large that a program which looks at every place would not come to an end.
"""

import json
from collections.abc import Callable

import pytest

from router.executor import merge as merging
from router.executor.outcome import ExecutionResult
from router.executor.program import ExecutionOptions, Program
from router.executor.run import PlanRun
from router.executor.schedule import run_sync
from router.executor.ways import WAYS, Way
from router.executor.ways import compiled as as_structs
from tests.compiled_programs import program_of, speculate
from tests.router.executor.executing import (
    FakeSubgraphs,
    answer,
    call,
    codes_of,
    data,
    data_of,
    entity_fetch,
    leaf,
    paths_of,
    program,
    root_fetch,
    run,
    supergraph,
    template,
)

GRAPH = supergraph(
    """
    scalar JSON
    type Query { as: [A] strict: [A!]! }
    type A { id: ID! bs: [B] same: [B] text: String any: JSON numbers: [Int] w1: Int w2: Int w3: Int }
    type B { id: ID! name: String cs: [C!] strict: String! }
    type C { id: ID! name: String }
    """
)
MANY = 100_000
LARGE = ["RESPONSE_TOO_LARGE"]
A, B = template("A", leaf("id")), template("B", leaf("id"))
SAME = {"id": "1"}


def most(size_bytes: int) -> ExecutionOptions:
    return ExecutionOptions(max_response_bytes=size_bytes)


def lists_in_lists(*, options: ExecutionOptions | None = None) -> Program:
    """An entity in many places has a list of an entity that is in many places."""
    return program(
        GRAPH,
        "{ as { bs { name } } }",
        root_fetch(0, "one"),
        entity_fetch(1, "two", call("as.@", templates=[A])),
        entity_fetch(2, "three", call("as.@.bs.@", templates=[B]), needs=[1]),
        options=options,
    )


def nested(count: int, *, name: str | None = "x") -> dict[int, object]:
    return {
        0: data(**{"as": [SAME] * count}),
        1: data(_entities=[{"bs": [SAME] * count}]),
        2: data(_entities=[{"name": name}]),
    }


# --- what stands in many places -----------------------------------------------------------------------------------


def test_lists_in_lists_are_asked_for_once_and_then_too_large() -> None:
    subgraphs = FakeSubgraphs(nested(MANY))
    result = run_sync(PlanRun(lists_in_lists(), {}), subgraphs)
    assert (data_of(result), codes_of(result)) == (None, LARGE)
    assert [len(subgraphs.variables(number)) for number in (1, 2)] == [1, 1]


def test_what_is_not_too_large_is_complete() -> None:
    result = run(lists_in_lists(), nested(100))
    assert (data_of(result), result.errors) == ({"as": [{"bs": [{"name": "x"}] * 100}] * 100}, ())


def entity(brings: str) -> Callable[..., ExecutionResult]:
    compiled = program(
        GRAPH,
        f"{{ as {{ {brings} }} }}",
        root_fetch(0, "one"),
        entity_fetch(1, "two", call("as.@", templates=[A])),
        options=most(10_000_000),
    )

    def answered(**entity: object) -> ExecutionResult:
        return run(compiled, {0: data(**{"as": [SAME] * MANY}), 1: data(_entities=[entity])})

    return answered


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "x" * MANY),
        ("numbers", [1] * MANY),
        ("any", [1] * MANY),
        ("any", {str(number): number for number in range(MANY)}),
        ("any", "x" * MANY),
        ("any", [["x" * MANY]]),
    ],
    ids=lambda value: str(value)[:10],
)
def test_a_long_value_in_many_places_is_too_large(field: str, value: object) -> None:
    result = entity(field)(**{field: value})
    assert (data_of(result), codes_of(result)) == (None, LARGE)


def test_many_keys_that_nobody_asked_for_are_not_put_into_many_objects() -> None:
    result = entity("text")(text="x", **{str(number): number for number in range(MANY)})
    assert codes_of(result) == LARGE


def test_a_selection_that_an_answer_leaves_empty_is_as_long_as_its_keys() -> None:
    compiled = program(GRAPH, "{ as { w1 w2 w3 } }", root_fetch(0, "one"), options=most(2000))
    shown = {"w1": None, "w2": None, "w3": None}
    assert data_of(run(compiled, {0: data(**{"as": [{}] * 50})})) == {"as": [shown] * 50}
    assert codes_of(run(compiled, {0: data(**{"as": [{}] * 100})})) == LARGE


def test_lists_that_two_fetches_bring_for_many_objects_are_merged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = program(
        GRAPH,
        "{ as { bs { name strict } } }",
        root_fetch(0, "one"),
        entity_fetch(1, "two", call("as.@", templates=[A])),
        entity_fetch(2, "three", call("as.@", templates=[A])),
    )
    merged = []
    merge_lists = merging._merge_lists

    def count(*args: object) -> None:
        merged.append(args)
        merge_lists(*args)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(merging, "_merge_lists", count)
    answers = {
        0: data(**{"as": [SAME] * 100}),
        1: data(_entities=[{"bs": [{"name": "x"}]}]),
        2: data(_entities=[{"bs": [{"strict": "y"}]}]),
    }
    assert data_of(run(compiled, answers)) == {"as": [{"bs": [{"name": "x", "strict": "y"}]}] * 100}
    assert len(merged) == 1


def test_lists_that_are_put_together_for_one_object_are_not_taken_for_those_of_another() -> None:
    """Such a list is forgotten when its object is done: the next may stand at the same address."""
    compiled = program(
        GRAPH,
        "{ as { text bs { name } bs { strict } } }",
        root_fetch(0, "one"),
        entity_fetch(1, "two", call("as.@", templates=[A])),
        store_keys={(3, "A"): "__1", (5, "A"): "__2"},
    )
    stored = [{"id": "1", "__1": [{"name": str(number)}], "__2": [{"strict": str(number)}]} for number in range(200)]
    result = run(compiled, {0: data(**{"as": stored}), 1: data(_entities=[{"text": "x"}])})
    assert data_of(result) == {
        "as": [{"text": "x", "bs": [{"name": str(number), "strict": str(number)}]} for number in range(200)]
    }


# --- requests ------------------------------------------------------------------------------------------------------


def requiring() -> Program:
    """The representations of the second fetch hold what the first one brought."""
    return program(
        GRAPH,
        "{ as { text w1 } }",
        root_fetch(0, "one"),
        entity_fetch(1, "two", call("as.@", templates=[template("A", leaf("kind"))])),
        entity_fetch(2, "three", call("as.@", templates=[template("A", leaf("id"), leaf("text"))]), needs=[1]),
        options=most(19_300),
    )


def test_a_request_that_is_too_large_is_not_made_and_what_it_would_bring_is_missing() -> None:
    several = [{"id": str(number), "kind": "k"} for number in range(10)]
    answers = {0: data(**{"as": several}), 1: data(_entities=[{"text": "x" * 1900}])}
    result = run(requiring(), answers)
    assert data_of(result) == {"as": [{"text": "x" * 1900, "w1": None}] * 10}
    assert (codes_of(result), paths_of(result)) == (LARGE, [None])


def test_a_request_that_is_not_too_large_is_made() -> None:
    several = [{"id": str(number), "kind": "k"} for number in range(10)]
    answers = {
        0: data(**{"as": several}),
        1: data(_entities=[{"text": "x" * 1000}]),
        2: data(_entities=[{"w1": number} for number in range(10)]),
    }
    result = run(requiring(), answers)
    assert data_of(result) == {"as": [{"text": "x" * 1000, "w1": number} for number in range(10)]}


# --- errors --------------------------------------------------------------------------------------------------------


def test_what_is_wrong_in_many_places_is_told_for_some_of_them() -> None:
    result = run(lists_in_lists(), nested(300, name=None))
    assert data_of(result) == {"as": [{"bs": [{"name": None}] * 300}] * 300}
    wrong = run(lists_in_lists(), {**nested(300), 2: data(_entities=[{"name": 5}])})
    assert data_of(wrong) == {"as": [{"bs": [{"name": None}] * 300}] * 300}
    assert set(codes_of(wrong)) == {"RESPONSE_VALIDATION_FAILED", "TOO_MANY_ERRORS"}
    assert paths_of(wrong)[:2] == [["as", 0, "bs", 0, "name"], ["as", 0, "bs", 1, "name"]]


def test_many_objects_that_are_wrong_in_many_places_are_told_for_some_of_them() -> None:
    answers = {**nested(600), 1: data(_entities=[{"bs": [*([SAME] * 600), 5]}])}
    result = run(lists_in_lists(), answers)
    assert paths_of(result)[:2] == [["as", 0, "bs", 600], ["as", 1, "bs", 600]]
    assert data_of(result) == {"as": [{"bs": [*([{"name": "x"}] * 600), None]}] * 600}
    assert len(result.errors) == 100


def test_a_response_has_so_many_errors_and_no_more() -> None:
    compiled = program(GRAPH, "{ as { id } }", root_fetch(0, "one"))
    result = run(compiled, {0: data(**{"as": [5] * 20_000})})
    assert len(result.errors) == 10_001
    assert result.errors[-1] == {
        "message": "There are more errors than the 10000 that are shown.",
        "extensions": {"code": "TOO_MANY_ERRORS"},
    }


def test_the_last_error_that_there_may_be_is_told_without_another() -> None:
    compiled = program(GRAPH, "{ as { id } }", root_fetch(0, "one"))
    result = run(compiled, {0: data(**{"as": [5] * 10_000})})
    assert codes_of(result) == ["RESPONSE_VALIDATION_FAILED"] * 10_000


def test_errors_of_subgraphs_count_too() -> None:
    compiled = program(GRAPH, "{ as { id } }", root_fetch(0, "one"))
    result = run(compiled, {0: {"data": {"as": None}, "errors": [{"message": "no"}] * 10_500}})
    assert codes_of(result) == ["DOWNSTREAM_SERVICE_ERROR"] * 10_000 + ["TOO_MANY_ERRORS"]


def test_what_concerns_all_of_a_response_is_told_after_all_others() -> None:
    compiled = program(GRAPH, "{ as { id } }", root_fetch(0, "one"), root_fetch(1, "two"))
    running = PlanRun(compiled, {})
    first, _ = running.ready()
    running.receive(first, answer({"data": {"as": None}, "errors": [{"message": "no"}] * 10_500}))
    running.time_out()
    assert codes_of(running.response())[-2:] == ["GATEWAY_TIMEOUT", "TOO_MANY_ERRORS"]


def test_a_long_error_is_not_told_for_many_places() -> None:
    compiled = program(
        GRAPH, "{ as { text } }", root_fetch(0, "one"), entity_fetch(1, "two", call("as.@", templates=[A]))
    )
    error = {"message": "x" * 1_000_000, "path": ["_entities", 0, "text"]}
    answers = {0: data(**{"as": [SAME] * 50}), 1: {"data": {"_entities": [{"text": None}]}, "errors": [error]}}
    result = run(compiled, answers)
    assert 1 < len(result.errors) < 15
    assert result.errors[0]["extensions"]["affectedPaths"] == 50  # type: ignore[index]  # JSON


def test_many_errors_of_an_entity_in_many_places_are_told_where_its_list_is() -> None:
    compiled = program(
        GRAPH,
        "{ as { text } }",
        root_fetch(0, "one"),
        entity_fetch(1, "two", call("as.@", templates=[A])),
        options=ExecutionOptions(error_fan_out=1),
    )
    errors = [{"message": "no", "path": ["_entities", 0, f"k{number}"]} for number in range(200)]
    answers = {0: data(**{"as": [SAME] * 1000}), 1: {"data": {"_entities": [{"text": None}]}, "errors": errors}}
    paths = paths_of(run(compiled, answers))
    assert paths == [["as", 0]] * 100 + [["as"]] * 100


def test_very_many_errors_of_an_entity_in_very_many_places_end_its_fetch() -> None:
    compiled = program(
        GRAPH, "{ as { text } }", root_fetch(0, "one"), entity_fetch(1, "two", call("as.@", templates=[A]))
    )
    errors = [{"message": "no", "path": ["_entities", 0, f"k{number}"]} for number in range(MANY)]
    answers = {0: data(**{"as": [SAME] * MANY}), 1: {"data": {"_entities": [{"text": None}]}, "errors": errors}}
    assert "RESPONSE_TOO_LARGE" in codes_of(run(compiled, answers))


def test_an_error_at_places_without_number_is_told_at_some() -> None:
    error = {"message": "no", "path": ["_entities", 0, "name"]}
    answers = {**nested(600), 2: {"data": {"_entities": [{"name": None}]}, "errors": [error]}}
    result = run(lists_in_lists(), answers)
    assert data_of(result) == {"as": [{"bs": [{"name": None}] * 600}] * 600}
    assert paths_of(result)[:2] == [["as", 0, "bs", 0, "name"], ["as", 1, "bs", 0, "name"]]
    assert set(codes_of(result)) == {"DOWNSTREAM_SERVICE_ERROR"}


# --- every way -----------------------------------------------------------------------------------------------------


SHOP_ANSWERS: tuple[object, ...] = (
    data(products=[{"id": "1", "name": "a"}] * 20),
    data(_entities=[{"left": 1, "price": 2.5}]),
)
SHOP_OPERATION = "{ products { name left price } }"


def in_a_way(way: Way | None, size_bytes: int) -> tuple[ExecutionResult, bool]:
    """The response, and whether it took the interpreter."""
    compiled = program_of(SHOP_OPERATION, options=most(size_bytes))
    subgraphs = FakeSubgraphs(dict(enumerate(SHOP_ANSWERS)))
    if way is None:
        return run_sync(PlanRun(compiled, {}), subgraphs), True
    running = speculate(compiled, way=way)
    return run_sync(running, subgraphs), running.is_interpreted


@pytest.mark.parametrize("way", [None, *WAYS], ids=lambda way: way.__name__ if way else "interpreted")
def test_a_response_may_be_as_large_as_it_may_in_every_way(way: Way | None) -> None:
    whole = len(in_a_way(None, 10_000)[0].data)
    allowed, _ = in_a_way(way, whole)
    assert (len(allowed.data), allowed.errors) == (whole, ())
    refused, is_interpreted = in_a_way(way, whole - 1)
    assert (data_of(refused), codes_of(refused)) == (None, LARGE)
    assert is_interpreted


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_fast_ways_are_taken_where_there_is_room(way: Way) -> None:
    assert not in_a_way(way, 10_000)[1]


BOMB = {
    "one": 'type Query { as: [A] } type A @key(fields: "id") { id: ID! }',
    "two": 'type A @key(fields: "id") { id: ID! bs: [B] text: String } type B @key(fields: "id") { id: ID! }',
    "three": """type B @key(fields: "id") { id: ID! name: String }
        type A @key(fields: "id") { id: ID! text: String @external w: Int @requires(fields: "text") }""",
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize(("count", "is_too_large"), [(100, False), (MANY, True)])
def test_lists_in_lists_are_too_large_in_every_way(way: Way, count: int, *, is_too_large: bool) -> None:
    running = speculate(program_of("{ as { bs { name } } }", subgraphs=BOMB), way=way)
    result = run_sync(running, FakeSubgraphs(nested(count)))
    assert codes_of(result) == (LARGE if is_too_large else [])
    assert running.is_interpreted is is_too_large


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize(("count", "is_too_large"), [(10, False), (200, True)])
def test_a_long_value_that_objects_share_is_not_sent_for_many(way: Way, count: int, *, is_too_large: bool) -> None:
    running = speculate(program_of("{ as { w } }", subgraphs=BOMB, options=most(100_000)), way=way)
    answers = {
        0: data(**{"as": [{"id": str(number)} for number in range(count)]}),
        1: data(_entities=[{"text": "x" * 1000}] * count),
        2: data(_entities=[{"w": 1}] * count),
    }
    subgraphs = FakeSubgraphs(answers)
    result = run_sync(running, subgraphs)
    assert codes_of(result) == (LARGE if is_too_large else [])
    assert len(subgraphs.asked) == (2 if is_too_large else 3)
    assert running.is_interpreted is is_too_large


def test_a_compiled_run_counts_the_places_of_the_entity_that_has_most() -> None:
    products = [{"id": str(number), "name": "a"} for number in range(50)] * 2
    entities = [{"left": number, "price": 1.0} for number in range(50)]
    first, second = (len(json.dumps(body)) for body in (data(products=products), data(_entities=entities)))
    for room, gives_up in ((first + 2 * second, False), (first + 2 * second - 1, True)):
        running = speculate(program_of(SHOP_OPERATION, options=most(room)), way=as_structs)
        result = run_sync(running, FakeSubgraphs({0: data(products=products), 1: data(_entities=entities)}))
        assert running.is_interpreted is gives_up
        assert not result.errors
