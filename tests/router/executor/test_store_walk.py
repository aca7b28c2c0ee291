"""From paths to objects."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.executor.walk import Stored, walk, walk_with_paths
from tests.router.executor.executing import path


def ids(store: Stored, text: str) -> list[object]:
    return [found["id"] for found in walk(store, path(text))]


def test_the_empty_path_is_the_root() -> None:
    store: Stored = {"a": 1}
    assert walk(store, ()) == [store]


def test_keys_and_list_steps_lead_to_objects_in_document_order() -> None:
    store: Stored = {"a": [{"b": {"id": 1}}, {"b": {"id": 2}}]}
    assert ids(store, "a.@.b") == [1, 2]


def test_nested_lists_are_flattened_by_repeating_the_step() -> None:
    assert ids({"a": [[{"id": 1}], None, [None, {"id": 2}]]}, "a.@.@") == [1, 2]


@pytest.mark.parametrize(
    "store",
    [{}, {"a": None}, {"a": 1}, {"a": "text"}, {"a": {"b": {"id": 1}}}, {"a": [None, 3, {"b": None}, {}, {"b": [1]}]}],
)
def test_nulls_missing_keys_and_wrong_kinds_end_their_branch(store: Stored) -> None:
    assert walk(store, path("a.@.b")) == []


def test_a_guard_lets_only_its_types_pass() -> None:
    store: Stored = {"a": [{"__typename": "A", "id": 1}, {"__typename": "B", "id": 2}, {"__typename": "C", "id": 3}]}
    assert ids(store, "a.@|[A,C]") == [1, 3]


def test_a_guard_on_a_key_tests_the_object_behind_it() -> None:
    store: Stored = {"a": {"__typename": "A", "b": {"id": 1}}}
    assert (ids(store, "a|[A].b"), ids(store, "a|[B].b")) == ([1], [])


def test_an_object_without_a_type_name_passes_a_guard() -> None:
    assert ids({"a": {"id": 1}}, "a|[A]") == [1]


def test_a_type_name_of_the_wrong_kind_passes_no_guard() -> None:
    assert ids({"a": {"__typename": ["A"], "id": 1}}, "a|[A]") == []


def test_a_guard_on_a_list_leaves_its_elements_to_the_next_step() -> None:
    assert ids({"a": [{"__typename": "B", "id": 1}]}, "a|[A].@") == [1]


def test_places_are_given_with_their_objects() -> None:
    store: Stored = {"a": [[{"__typename": "A"}], [{"__typename": "B"}, {"__typename": "A"}]]}
    assert [place for _, place in walk_with_paths(store, path("a.@.@|[A]"))] == [("a", 0, 0), ("a", 1, 1)]


def test_a_shared_object_has_several_places() -> None:
    shared: Stored = {"id": 1}
    found = walk_with_paths({"a": [shared, shared]}, path("a.@"))
    assert [(value is shared, place) for value, place in found] == [(True, ("a", 0)), (True, ("a", 1))]


_keys = st.sampled_from(["a", "b", "__typename"])
_values = st.recursive(
    st.none() | st.sampled_from(["A", "B", 1]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
)
_steps = st.lists(st.sampled_from(["a", "b", "@", "a|[A]", "@|[A,B]"]), max_size=4)


@settings(deadline=None)
@given(st.dictionaries(_keys, _values), _steps)
def test_both_walks_end_at_the_same_objects(store: Stored, steps: list[str]) -> None:
    where = path(".".join(steps))
    assert [id(found) for found, _ in walk_with_paths(store, where)] == [id(found) for found in walk(store, where)]


@settings(deadline=None)
@given(st.dictionaries(_keys, _values), _steps)
def test_a_place_leads_to_its_object(store: Stored, steps: list[str]) -> None:
    for found, place in walk_with_paths(store, path(".".join(steps))):
        reached: object = store
        for segment in place:
            reached = reached[segment]  # type: ignore[index]  # JSON
        assert reached is found


def test_a_place_is_found_beside_type_names() -> None:
    store: Stored = {"a": [{"__typename": "A", "b": {"__typename": "B"}}]}
    assert [place for _, place in walk_with_paths(store, path("a.@.b"))] == [("a", 0, "b")]
