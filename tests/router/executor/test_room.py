"""What a value's JSON comes to at least, and when there is no room for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.executor.codec import encode_json
from router.executor.completed_lists import MAX_TOLD, CompletedLists
from router.executor.room import Growth, Room, TooLargeError

SCALARS = st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)


def size_of(value: object) -> int:
    room = Room(10**9)
    room.take_value(value)
    return 10**9 - room.left


@given(VALUES)
def test_a_value_is_not_smaller_than_the_room_that_it_takes(value: object) -> None:
    assert size_of(value) <= len(encode_json(value))


@given(VALUES)
def test_a_list_that_stands_twice_takes_its_room_twice(value: object) -> None:
    shared = [value, value]
    assert size_of([shared, shared]) == 3 + 2 * size_of(shared)
    assert size_of({"a": shared, "b": shared}) == 1 + 2 * 4 + 2 + 2 * size_of(shared)


def test_what_stands_in_very_many_places_is_looked_at_once() -> None:
    value: list[object] = ["x"]
    for _ in range(100):
        value = [value] * 10
    assert size_of_at_most(value, 10**300) > 10**100


def size_of_at_most(value: object, most: int) -> int:
    room = Room(most)
    room.take_value(value)
    return most - room.left


@pytest.mark.parametrize("value", ["xxxx", {"ab": None}, {"ab": 1.5}, [1, None, True], ["xx"], [[], []]], ids=repr)
def test_there_is_room_for_as_much_as_there_is(value: object) -> None:
    size = size_of(value)
    assert size > 0
    Room(size).take_value(value)
    with pytest.raises(TooLargeError):
        Room(size - 1).take_value(value)


def test_answers_grow_by_the_places_of_all_fetches() -> None:
    growth = Growth()
    assert (growth.is_shared, growth.most_bytes) == (False, 0)
    growth.add(10, 1)
    assert (growth.is_shared, growth.most_bytes) == (False, 10)
    growth.add(10, 5)
    growth.add(10, 0)
    growth.add(10, 7)
    assert (growth.is_shared, growth.most_bytes) == (True, 40 * 35)


def test_a_list_with_errors_is_remembered_when_they_were_told_often_enough() -> None:
    lists, completer = CompletedLists(), object()
    stored: list[object] = [5]
    for _ in range(MAX_TOLD):
        assert lists.find(completer, stored) is None
        lists.add(completer, stored, None, is_clean=False)
    assert lists.find(completer, stored) == (None,)


def test_a_list_without_errors_is_remembered_at_once() -> None:
    lists, completer = CompletedLists(), object()
    stored: list[object] = ["x"]
    lists.add(completer, stored, ["y"], is_clean=True)
    assert lists.find(completer, stored) == (["y"],)
    assert lists.find(completer, ["x"]) is None
    assert lists.find(object(), stored) is None


def test_a_list_is_not_taken_for_one_that_stood_where_it_stands() -> None:
    lists, completer = CompletedLists(), object()
    for number in range(100):
        stored: list[object] = [number]
        assert lists.find(completer, stored) is None
        lists.add(completer, stored, None, is_clean=True)
        del stored
