"""The interpreter goes on where a fast run gives up, and asks nothing twice."""

from collections.abc import Callable
from typing import Any

import pytest

from router.executor.outcome import FetchFailure
from router.executor.program import ExecutionOptions
from router.executor.ways import WAYS, Way
from tests.compiled_programs import OneByOne, program_of, speculate
from tests.router.executor.executing import (
    answer,
    codes_of,
    data,
    data_of,
    paths_of,
)

PRODUCTS = data(products=[{"id": "1", "name": "a"}])


Starter = Callable[..., OneByOne]
"""Starts an operation with execution options."""


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest.fixture
def started(way: Way) -> Starter:
    def start(operation: str, **options: Any) -> OneByOne:  # noqa: ANN401 - as ExecutionOptions takes them
        return OneByOne(speculate(program_of(operation, options=ExecutionOptions(**options)), way=way))

    return start


@pytest.mark.parametrize(
    "unusual",
    [
        data(products=[{"id": "1", "name": None}]),
        data(products=[{"id": "1"}]),
        data(products=[{"id": 1, "name": "a"}]),
        data(products=[{"id": "1", "name": "a", "more": 1}]),
        data(products={"id": "1", "name": "a"}),
        {**PRODUCTS, "errors": []},
        {**PRODUCTS, "errors": [{"message": "no"}]},
        {"data": None},
        b"no JSON",
        answer(PRODUCTS, status=201),
        answer(PRODUCTS, content_type="application/graphql+json"),
        FetchFailure("SUBREQUEST_HTTP_ERROR", "the subgraph is down"),
    ],
    ids=str,
)
def test_an_unusual_answer_is_for_the_interpreter(started: Starter, unusual: object) -> None:
    running = started("{ products { id name } }")

    running.answer(0, unusual)

    assert running.run.is_interpreted


def test_extensions_are_not_unusual(started: Starter) -> None:
    running = started("{ products { id name } }")

    running.answer(0, {**PRODUCTS, "extensions": {"took": 3}})

    assert not running.run.is_interpreted


def test_answers_that_have_arrived_are_not_asked_for_again(started: Starter) -> None:
    running = started('mutation { add(name: "a") { name left } }')

    running.answer(0, data(add={"id": "1", "name": "a"}))
    running.answer(1, data(_entities=[{"left": None}]))

    assert running.asked == [0, 1]
    assert data_of(running.run.response()) == {"add": None}


def test_the_answer_that_was_unusual_is_used(started: Starter) -> None:
    running = started("{ products { name left } }")

    running.answer(0, {"data": {"products": [{"id": "1", "name": "a"}]}, "errors": [{"message": "half"}]})
    running.answer(1, data(_entities=[{"left": 4}]))

    result = running.run.response()
    assert data_of(result) == {"products": [{"name": "a", "left": 4}]}
    assert [error["message"] for error in result.errors] == ["half"]


def test_requests_that_are_out_are_taken_over(started: Starter) -> None:
    running = started("{ products { id } left }")

    running.answer(0, data(products=[{"id": 7}]))
    assert running.out == [1]
    running.answer(1, data(left=5))

    assert running.asked == [0, 1]
    assert data_of(running.run.response()) == {"products": [{"id": "7"}], "left": 5}


def test_what_becomes_ready_by_taking_over_is_sent(started: Starter) -> None:
    running = started("{ products { id left } left }")

    running.answer(0, data(products=[{"id": 7}]))

    assert running.out == [1, 2]


def test_a_request_with_too_many_representations_is_split_by_the_interpreter(started: Starter) -> None:
    running = started("{ products { left } }", max_representations=1)

    running.answer(0, data(products=[{"id": "1"}, {"id": "2"}]))
    assert running.out == [1, 1]
    running.answer(1, data(_entities=[{"left": 1}]))
    running.answer(1, data(_entities=[{"left": 2}]))

    assert data_of(running.run.response()) == {"products": [{"left": 1}, {"left": 2}]}


def test_a_list_of_entities_of_another_length_is_for_the_interpreter(started: Starter) -> None:
    running = started("{ products { name left } }")

    running.answer(0, PRODUCTS)
    running.answer(1, data(_entities=[{"left": 1}, {"left": 2}]))

    assert running.run.is_interpreted
    assert codes_of(running.run.response()) == ["SUBREQUEST_MALFORMED_RESPONSE"]


def test_a_null_entity_whose_fields_may_not_be_null_is_for_the_interpreter(started: Starter) -> None:
    running = started("{ products { name left } }")

    running.answer(0, PRODUCTS)
    running.answer(1, data(_entities=[None]))

    assert running.run.is_interpreted
    assert paths_of(running.run.response()) == [["products", 0, "left"]]


def test_a_null_entity_that_others_depend_on_is_for_the_interpreter(started: Starter) -> None:
    running = started("{ stores { visitor { nick } } }")

    running.answer(0, data(stores=[{"visitor": {"id": "1"}}]))
    running.answer(1, data(_entities=[None]))

    assert running.run.is_interpreted
    assert running.asked == [0, 1]
    assert data_of(running.run.response()) == {"stores": [{"visitor": {"nick": None}}]}


def test_a_key_that_is_null_is_for_the_interpreter(started: Starter) -> None:
    running = started("{ media { ... on Book { left } } }")

    running.answer(0, data(media=[{"__typename": "Book", "id": None}]))

    assert running.run.is_interpreted
    assert running.asked == [0]


def test_when_time_is_up_what_has_arrived_is_answered(started: Starter) -> None:
    running = started("{ products { id name } left }")
    running.answer(0, PRODUCTS)

    running.run.time_out()

    result = running.run.response()
    assert running.run.ready() == []
    assert data_of(result) == {"products": [{"id": "1", "name": "a"}], "left": None}
    assert codes_of(result) == ["GATEWAY_TIMEOUT"]
    assert paths_of(result) == [None]


def test_time_that_is_up_after_taking_over_is_the_interpreters_to_tell(started: Starter) -> None:
    running = started("{ products { id left } left }")
    running.answer(0, data(products=[{"id": 7}]))

    running.run.time_out()

    assert codes_of(running.run.response()) == ["GATEWAY_TIMEOUT"]


def test_fast_runs_defer_nothing(started: Starter) -> None:
    run = started("{ products { id } }").run

    assert (run.has_next, run.has_increments, run.increments()) == (False, False, ())


def test_giving_up_is_told(way: Way) -> None:
    told: list[str] = []
    program = program_of("{ products { id } }")
    running = OneByOne(speculate(program, way=way, gave_up=lambda: told.append("gave up")))

    running.answer(0, b"")

    assert told == ["gave up"]


def test_running_out_of_time_is_not_giving_up(way: Way) -> None:
    told: list[str] = []
    running = OneByOne(speculate(program_of("{ products { id } }"), way=way, gave_up=lambda: told.append("gave up")))

    running.run.time_out()

    assert told == []
