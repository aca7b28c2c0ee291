"""What nobody should do with a run of a plan is an error, and never more than that."""

import pytest

from router.executor.spliced.shapes import Kind, Shape
from tests.router.executor.spliced.cutters import Cutter, Splice, Splicer
from tests.router.executor.spliced.splices import (
    BY_CODE,
    CODES,
    ITEMS,
    NAMES,
    PREFIX,
    SOLID_RUN,
    WHOLE,
    UnusualError,
    a_call,
    a_splice,
    answer,
    brought,
    entity_fetch,
    items,
    names,
    own,
    representation,
    shown,
    solid,
    target,
    unusual,
    variables_of,
)


class OddBytes(bytes):
    """Bytes, but not only."""


def call(splice: Splice, method: str, *args: object) -> object:
    """What no type checker would let through."""
    return getattr(splice, method)(*args)


def type_name(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize("number", [-1, 2, 1000, -(2**63)])
def test_there_is_no_fetch_of_another_number(number: int) -> None:
    splice = a_splice(ITEMS, NAMES)

    with pytest.raises(IndexError, match="no such fetch"):
        splice.take(number, items())
    with pytest.raises(IndexError, match="no such fetch"):
        splice.request(number, [])


def test_a_number_that_is_too_large_is_an_error() -> None:
    splice = a_splice(ITEMS)

    with pytest.raises(OverflowError):
        splice.take(2**63, items())
    with pytest.raises(OverflowError):
        splice.request(-(2**63) - 1, [])


@pytest.mark.parametrize("number", [None, "0", 0.0, b"0"], ids=repr)
def test_what_is_no_number_is_a_type_error(number: object) -> None:
    splice = a_splice(ITEMS)

    with pytest.raises(TypeError):
        call(splice, "take", number, items())
    with pytest.raises(TypeError):
        call(splice, "request", number, [])


@pytest.mark.parametrize("body", [None, "{}", bytearray(b"{}"), memoryview(b"{}"), OddBytes(b"{}")], ids=type_name)
def test_an_answer_that_is_not_bytes_is_a_type_error(body: object) -> None:
    with pytest.raises(TypeError, match="and bytes"):
        call(a_splice(ITEMS), "take", 0, body)


@pytest.mark.parametrize("entries", [None, (), b"", [None], [b"", ""], [bytearray()]], ids=repr)
def test_entries_that_are_no_list_of_bytes_are_a_type_error(entries: object) -> None:
    with pytest.raises(TypeError, match=r"a list|entries are bytes"):
        call(a_splice(ITEMS), "request", 0, entries)


@pytest.mark.parametrize(
    ("method", "args"),
    [("take", ()), ("take", (0,)), ("take", (0, b"", 1)), ("request", (0,)), ("request", ()), ("response", (0,))],
    ids=repr,
)
def test_the_wrong_number_of_arguments_is_a_type_error(method: str, args: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        call(a_splice(ITEMS), method, *args)


def test_an_answer_is_taken_once() -> None:
    splice = a_splice(ITEMS)
    splice.take(0, items(1))

    with pytest.raises(ValueError, match="has its answer"):
        splice.take(0, items(2))
    assert splice.request(0, []) == PREFIX + b"}}"


def test_a_fetch_is_asked_for_once() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(1))
    splice.request(1, [])

    with pytest.raises(ValueError, match="asked for before"):
        splice.request(1, [])
    splice.take(1, names("a"))
    assert splice.response() == answer(items=[{"id": 1, "name": "a"}])


def test_a_fetch_that_is_asked_for_too_early_has_nothing_to_ask_for() -> None:
    splice = a_splice(ITEMS, NAMES)

    assert splice.request(1, []) is None
    splice.take(0, items(1))
    assert variables_of(splice.request(1, [])) == {"r": [representation(1)]}


def test_a_fetch_of_which_some_values_are_missing_is_unusual() -> None:
    call = a_call("s", [target(own(2), brought(1, 1, call=0))], runs=[SOLID_RUN])
    splice = a_splice(ITEMS, CODES, entity_fetch((solid(0, shown("price")), call)))
    splice.take(0, items(1))
    splice.request(1, [])

    with unusual():
        splice.request(2, [])


def test_an_answer_that_came_before_its_request_does_not_fit_to_it() -> None:
    splice = a_splice(ITEMS, CODES, BY_CODE)
    splice.take(1, answer(r=[]))
    splice.take(0, items(1, 2))
    splice.request(1, [])

    with unusual():
        splice.request(2, [])
    with unusual():
        splice.response()


# --- the type -----------------------------------------------------------------------------------------------------


def test_a_splice_is_made_of_one_plan() -> None:
    plan = Splicer((WHOLE,), (), -1, 1000, UnusualError)

    with pytest.raises(TypeError):
        Splice()
    with pytest.raises(TypeError):
        Splice(plan, plan)
    with pytest.raises(TypeError):
        Splice(splicer=plan)
    with pytest.raises(TypeError):
        Splice(plan, splicer=plan)
    with pytest.raises(TypeError):
        Splice(Cutter(Shape(Kind.INT)))
    with pytest.raises(TypeError):
        object.__new__(Splice)


def test_runs_of_one_plan_have_nothing_in_common() -> None:
    plan = Splicer((WHOLE,), (), -1, 1000, UnusualError)
    one, other = Splice(plan), Splice(plan)
    one.take(0, answer(v=1))
    other.take(0, answer(v=2))

    assert (one.response(), other.response()) == (answer(v=1), answer(v=2))
