"""What fast runs ask and answer where everything is as it should be, whichever way they go."""

import json
from collections.abc import Callable
from functools import partial

import pytest

from router.executor.program import ExecutionOptions
from router.executor.ways import WAYS
from tests.compiled_programs import program_of, run_compiled
from tests.router.executor.executing import (
    data,
)

Run = Callable[..., object]
"""As ``run_compiled``, in one of the ways."""


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def run(request: pytest.FixtureRequest) -> Run:
    return partial(run_compiled, way=request.param)


def entities(*found: object) -> object:
    return data(_entities=list(found))


def test_entities_are_put_into_the_objects_they_stand_for(run: Run) -> None:
    program = program_of("{ products { name left } }")

    found = run(
        program,
        data(products=[{"id": "1", "name": "a"}, {"id": "2", "name": "b"}]),
        entities({"left": 3}, {"left": 4}),
    )

    assert found == {"products": [{"name": "a", "left": 3}, {"name": "b", "left": 4}]}


def test_equal_entities_are_asked_for_once(run: Run) -> None:
    program = program_of("{ products { name left } }")

    found = run(
        program,
        data(products=[{"id": "1", "name": "a"}, {"id": "1", "name": "b"}]),
        entities({"left": 3}),
    )

    assert found == {"products": [{"name": "a", "left": 3}, {"name": "b", "left": 3}]}


def test_entities_at_several_places_are_told_apart_and_shared(run: Run) -> None:
    program = program_of("{ a: products { left } b: products { left } }")
    assert len(program.plan.fetches[1].entities[0].paths) == 2

    found = run(
        program,
        data(a=[{"id": "1"}, {"id": "2"}], b=[{"id": "3"}, {"id": "1"}]),
        entities({"left": 1}, {"left": 2}, {"left": 3}),
    )

    assert found == {"a": [{"left": 1}, {"left": 2}], "b": [{"left": 3}, {"left": 1}]}


@pytest.mark.parametrize("odd", [",", "%", "%b", "%%", "'", "{}", "é😀\x7f", "null", "", " ", "a" * 100])
def test_keys_may_be_any_text_that_is_written_in_one_way_only(run: Run, odd: str) -> None:
    program = program_of("{ products { left } }")
    products = data(products=[{"id": odd}, {"id": "1"}, {"id": odd}, {"id": odd + "x"}])

    found = run(
        program,
        json.dumps(products, ensure_ascii=False).encode(),
        entities({"left": 1}, {"left": 2}, {"left": 3}),
    )

    assert found == {"products": [{"left": 1}, {"left": 2}, {"left": 1}, {"left": 3}]}


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (0.0, -0.0), (0, 0.0)])
def test_equal_numbers_that_are_written_in_two_ways_are_two(run: Run, one: float, other: float) -> None:
    program = program_of("{ products { postage } }")

    found = run(
        program,
        data(products=[{"id": "1", "weight": one}, {"id": "1", "weight": other}, {"id": "1", "weight": one}]),
        entities({"postage": 1}, {"postage": 2}),
    )

    assert found == {"products": [{"postage": 1}, {"postage": 2}, {"postage": 1}]}


def test_objects_that_were_represented_before_are_represented_again(run: Run) -> None:
    program = program_of("{ stores { visitor { nick greeting } } }")
    stores = [{"visitor": {"id": "1"}}, {"visitor": {"id": "2"}}, {"visitor": {"id": "1"}}, {"visitor": None}]

    found = run(
        program,
        data(stores=stores),
        entities({"badge": "x"}, {"badge": "y"}),
        entities({"nick": "X"}, {"nick": "Y"}),
        entities({"greeting": "hi X"}, {"greeting": "hi Y"}),
    )

    x, y = {"nick": "X", "greeting": "hi X"}, {"nick": "Y", "greeting": "hi Y"}
    assert found == {"stores": [{"visitor": x}, {"visitor": y}, {"visitor": x}, {"visitor": None}]}


def test_objects_that_become_equal_are_represented_once(run: Run) -> None:
    program = program_of("{ stores { visitor { nick greeting } } }")

    found = run(
        program,
        data(stores=[{"visitor": {"id": "1"}}, {"visitor": {"id": "2"}}]),
        entities({"badge": "x"}, {"badge": "x"}),
        entities({"nick": "X"}),
        entities({"greeting": "hi X"}),
    )

    x = {"nick": "X", "greeting": "hi X"}
    assert found == {"stores": [{"visitor": x}, {"visitor": x}]}


def test_a_null_list_has_no_entities_to_ask_for(run: Run) -> None:
    assert run(program_of("{ products { left } }"), data(products=None)) == {"products": None}


def test_a_type_name_that_comes_first_stays_first(run: Run) -> None:
    program = program_of("{ media { __typename title } }")

    found = run(program, data(media=[{"__typename": "Book", "title": "y"}]))

    assert found == {"media": [{"__typename": "Book", "title": "y"}]}


def test_a_field_under_the_name_of_the_type_name_is_no_type_name(run: Run) -> None:
    program = program_of("{ media { __typename: title ... on Book { pages } } }")
    (stored,) = set(program.plan.store_keys.values())

    found = run(program, data(media=[{"__typename": "Book", stored: "y", "pages": 1}]))

    assert found == {"media": [{"__typename": "y", "pages": 1}]}


def test_two_calls_of_one_request_are_answered_apart(run: Run) -> None:
    program = program_of('mutation { a: add(name: "a") { name left } b: add(name: "b") { left price name } }')

    found = run(
        program,
        data(a={"id": "1", "name": "a"}, b={"id": "1", "name": "b"}),
        data(_e0=[{"left": 1}], _e1=[{"left": 2, "price": 0.5}]),
    )

    assert found == {"a": {"name": "a", "left": 1}, "b": {"left": 2, "price": 0.5, "name": "b"}}


def test_conditions_decide_what_is_asked_and_answered(run: Run) -> None:
    program = program_of("query ($more: Boolean!) { products { name @skip(if: $more) left @include(if: $more) id } }")
    products = data(products=[{"name": "a", "id": "1"}])

    without = run(program, products, variables={"more": False})
    with_more = run(program, data(products=[{"id": "1"}]), entities({"left": 2}), variables={"more": True})

    assert without == {"products": [{"name": "a", "id": "1"}]}
    assert with_more == {"products": [{"left": 2, "id": "1"}]}


def test_withheld_fields_are_null(run: Run) -> None:
    program = program_of("{ products { sizes { width } id } }", without="{ products { id } }", withheld="sizes")

    assert run(program, data(products=[{"id": "1"}])) == {"products": [{"sizes": None, "id": "1"}]}


def test_leaves_pass_unchecked_where_they_are_trusted(run: Run) -> None:
    program = program_of("{ products { id kind } }", options=ExecutionOptions(strict_leaves=False))

    found = run(program, data(products=[{"id": 1, "kind": "SECRET"}]))

    assert found == {"products": [{"id": 1, "kind": "SECRET"}]}
