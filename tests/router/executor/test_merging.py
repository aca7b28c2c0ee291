"""What the store holds after a merge; one test for each row of the table in ``merge``."""

import copy

import pytest

from router.executor.merge import MergeNotes, copy_object, merge_object, null_failed_place
from router.executor.walk import Stored


def merged(target: Stored, new: Stored) -> Stored:
    merge_object(target, new, frozenset({"Node"}), MergeNotes())
    return target


@pytest.mark.parametrize("value", [None, 1, "x", {"a": 1}, [1], []])
def test_a_new_key_is_put(value: object) -> None:
    assert merged({"a": 1}, {"b": value}) == {"a": 1, "b": value}


def test_a_new_key_is_put_beside_one_that_is_there() -> None:
    assert merged({"a": 1}, {"a": 1, "b": 2}) == {"a": 1, "b": 2}


@pytest.mark.parametrize("value", [1, {"b": 1}, [1]])
def test_a_value_replaces_a_null(value: object) -> None:
    assert merged({"a": None}, {"a": value}) == {"a": value}


@pytest.mark.parametrize("value", [1, {"b": 1}, [1]])
def test_a_null_does_not_replace_a_value(value: object) -> None:
    assert merged({"a": value}, {"a": None}) == {"a": value}


def test_objects_are_merged_key_by_key() -> None:
    assert merged({"a": {"b": 1, "c": {"d": 2}}}, {"a": {"c": {"e": 3}}}) == {"a": {"b": 1, "c": {"d": 2, "e": 3}}}


def test_lists_of_one_length_are_merged_element_by_element() -> None:
    target: Stored = {"a": [{"b": 1}, None, {"b": 3}, None, [{"x": 1}]]}
    new: Stored = {"a": [{"c": 1}, {"c": 2}, None, None, [{"y": 1}]]}
    assert merged(target, new) == {"a": [{"b": 1, "c": 1}, {"c": 2}, {"b": 3}, None, [{"x": 1, "y": 1}]]}


def test_of_lists_of_different_lengths_the_stored_one_is_kept() -> None:
    assert merged({"a": [{"b": 1}]}, {"a": [{"c": 1}, {"c": 2}]}) == {"a": [{"b": 1}]}


@pytest.mark.parametrize(("stored", "new"), [({"b": 1}, 3), ({"b": 1}, [1]), ([1], "x"), ([1], {"b": 1})])
def test_an_object_or_list_is_kept_against_another_kind(stored: object, new: object) -> None:
    assert merged({"a": stored}, {"a": new}) == {"a": stored}


def test_of_two_scalars_the_new_one_is_kept() -> None:
    assert merged({"a": 1}, {"a": 2}) == {"a": 2}


def test_a_concrete_type_name_replaces_an_interface_name() -> None:
    assert merged({"__typename": "Node"}, {"__typename": "User"}) == {"__typename": "User"}


def test_an_interface_name_does_not_replace_a_concrete_type_name() -> None:
    assert merged({"__typename": "User"}, {"__typename": "Node"}) == {"__typename": "User"}


def test_an_interface_name_is_better_than_none() -> None:
    assert merged({"__typename": None}, {"__typename": "Node"}) == {"__typename": "Node"}


@pytest.mark.parametrize("name", [None, 7, ["User"], {}])
def test_what_is_no_type_name_does_not_replace_one(name: object) -> None:
    assert merged({"__typename": "User"}, {"__typename": name}) == {"__typename": "User"}


def test_a_null_that_failed_stays_null() -> None:
    failed = MergeNotes()
    target: Stored = {"a": {"b": None}}
    null_failed_place(target, target, ("a", "b", "c"), failed)
    merge_object(target, {"a": {"b": {"c": 1}, "d": 1}}, frozenset(), failed)
    assert target == {"a": {"b": None, "d": 1}}


def test_an_element_that_failed_stays_null() -> None:
    failed = MergeNotes()
    target: Stored = {"a": [None, None]}
    null_failed_place(target, target, ("a", 0, "c"), failed)
    merge_object(target, {"a": [{"c": 1}, {"c": 2}]}, frozenset(), failed)
    assert target == {"a": [None, {"c": 2}]}


@pytest.mark.parametrize(
    ("path", "new", "kept"),
    [
        (("a", "b"), {"a": {"b": None}}, {"a": {"b": None}}),
        (("a", "b", "c"), {"a": {"b": None}}, {"a": {"b": None}}),
        (("a", "b"), {"a": None}, {"a": None}),
    ],
)
def test_a_null_that_failed_replaces_what_another_subgraph_answered(
    path: tuple[str, ...], new: Stored, kept: Stored
) -> None:
    target: Stored = {"a": {"b": {"c": 1}}}
    null_failed_place(target, new, path, MergeNotes())
    assert target == kept


def test_a_list_element_that_failed_replaces_what_another_subgraph_answered() -> None:
    target: Stored = {"a": [{"b": 1}, {"b": 2}]}
    null_failed_place(target, {"a": [{"c": 1}, None]}, ("a", 1, "c"), MergeNotes())
    assert target == {"a": [{"b": 1}, None]}


@pytest.mark.parametrize(
    "path", [("a",), ("a", "x"), ("a", "b", "c"), ("x",), ("a", 0), (0,), ("l", 7), ("l", "x"), ("l", 0, "b")]
)
def test_an_error_at_a_place_without_null_changes_nothing(path: tuple[str | int, ...]) -> None:
    target: Stored = {"a": {"b": 1}, "l": [{"b": 1}]}
    before = copy.deepcopy(target)
    null_failed_place(target, copy.deepcopy(target), path, MergeNotes())
    assert target == before


def test_a_failed_place_that_the_store_does_not_have_changes_nothing() -> None:
    target: Stored = {"a": [{"b": 1}]}
    null_failed_place(target, {"a": [{"b": 1}, {"b": None}]}, ("a", 1, "b"), MergeNotes())
    assert target == {"a": [{"b": 1}]}


def test_merging_what_is_there_already_changes_nothing() -> None:
    inner: Stored = {"b": [1]}
    assert merged({"a": inner}, {"a": inner}) == {"a": {"b": [1]}}


def test_values_nested_deeper_than_operations_are_merged_without_recursion() -> None:
    def deep(key: str) -> Stored:
        value: Stored = {key: 1}
        for _ in range(5000):
            value = {"a": value}
        return value

    assert "a" in merged(deep("b"), deep("c"))


def test_lists_nested_deeper_than_operations_are_merged_without_recursion() -> None:
    def deep(leaf: int) -> Stored:
        value: object = leaf
        for _ in range(5000):
            value = [value]
        return {"a": value}

    assert "a" in merged(deep(1), deep(2))


def test_a_copy_shares_no_object_or_list() -> None:
    original: Stored = {"a": {"b": [1, {"c": 2}]}, "d": 3}
    copied = copy_object(original)
    original["a"]["b"][1]["c"] = 5  # type: ignore[index]  # JSON
    original["a"]["b"].append(7)  # type: ignore[index]  # JSON
    assert copied == {"a": {"b": [1, {"c": 2}]}, "d": 3}


def test_a_copy_of_a_value_nested_deeper_than_operations_is_made_without_recursion() -> None:
    value: Stored = {"c": 1}
    for _ in range(5000):
        value = {"a": [value]}
    assert "a" in copy_object(value)
