"""What becomes of stored values when they are sent as representations."""

import json

import pytest

from router.executor.represent import Representations, compile_templates, represent, split_representations
from router.executor.room import Room
from router.executor.walk import Stored
from supergraph.plan import InputField, InputObject
from tests.router.executor.executing import call, leaf, template


def represented(store: Stored, *templates: InputObject, paths: tuple[str, ...] = ("x",)) -> Representations:
    entity_call = call(*paths, templates=templates)
    return represent(store, entity_call, compile_templates(frozenset({"Node", "Any"}), templates), Room(10_000))


def sent(store: Stored, *templates: InputObject, paths: tuple[str, ...] = ("x",)) -> list[object]:
    return [json.loads(each) for each in represented(store, *templates, paths=paths).encoded]


BOOK = template("Book", leaf("id"))


def with_field(field: InputField) -> InputObject:
    return template("Book", field)


@pytest.mark.parametrize("store", [{}, {"x": None}, {"x": 3}, {"x": "Book"}, {"x": [{"id": "1"}]}])
def test_what_is_no_object_has_no_representation(store: Stored) -> None:
    assert sent(store, BOOK) == []


def test_an_object_of_no_fitting_type_has_no_representation() -> None:
    assert sent({"x": {"__typename": "Toy", "id": "1"}}, BOOK) == []


@pytest.mark.parametrize("name", [7, ["Book"], {"a": 1}, True])
def test_a_type_name_of_the_wrong_kind_fits_nothing(name: object) -> None:
    assert sent({"x": {"__typename": name, "id": "1"}}, BOOK) == []


def test_an_object_without_a_type_name_fits_the_first_template() -> None:
    assert sent({"x": {"id": "1"}}, BOOK, template("Toy", leaf("id"))) == [{"__typename": "Book", "id": "1"}]


def test_the_template_is_chosen_by_the_stored_type_name() -> None:
    store: Stored = {"x": {"__typename": "Toy", "id": "1", "ean": "2"}}
    assert sent(store, BOOK, template("Toy", leaf("ean"))) == [{"__typename": "Toy", "ean": "2"}]


def test_an_object_can_be_sent_under_the_name_of_an_interface() -> None:
    store: Stored = {"x": {"__typename": "Book", "id": "1"}}
    assert sent(store, template("Node", leaf("id"), types=["Book", "Toy"])) == [{"__typename": "Node", "id": "1"}]


def test_an_interface_object_is_sent_back_under_the_interface_name() -> None:
    store: Stored = {"x": {"__typename": "Node", "id": "1"}}
    assert sent(store, template("Node", leaf("id"), types=["Book", "Toy"])) == [{"__typename": "Node", "id": "1"}]


def test_an_object_known_by_its_interface_only_is_not_sent_as_one_of_its_types() -> None:
    assert sent({"x": {"__typename": "Node", "id": "1"}}, BOOK) == []


def test_the_stored_type_name_is_left_as_it_is() -> None:
    store: Stored = {"x": {"__typename": "Book", "id": "1"}}
    represented(store, template("Node", leaf("id"), types=["Book"]))
    assert store == {"x": {"__typename": "Book", "id": "1"}}


def test_a_missing_leaf_means_no_representation() -> None:
    assert sent({"x": {"name": "n"}}, with_field(leaf("id", nullable=True))) == []


def test_a_null_leaf_that_may_be_null_is_sent() -> None:
    assert sent({"x": {"id": None}}, with_field(leaf("id", nullable=True))) == [{"__typename": "Book", "id": None}]


def test_a_null_leaf_that_may_not_be_null_means_no_representation() -> None:
    assert sent({"x": {"id": None}}, BOOK) == []


@pytest.mark.parametrize("value", [2**63, 10**30, 1.5, True, "é\u2028", {"a": [1, None]}, [], "\x00"])
def test_a_leaf_is_passed_on_unchanged(value: object) -> None:
    assert sent({"x": {"id": value}}, BOOK) == [{"__typename": "Book", "id": value}]


def test_a_field_is_sent_under_its_name_and_read_from_its_store_key() -> None:
    assert sent({"x": {"id": "other", "__1": "1"}}, with_field(leaf("id", "__1"))) == [
        {"__typename": "Book", "id": "1"}
    ]


def nested(*templates: InputObject, nullable: bool = True) -> InputObject:
    return with_field(InputField(name="in", store_key="in", nullable=nullable, selection=templates))


PLAIN = InputObject(types=("Dim",), typename=None, fields=(leaf("w", nullable=True),))


def test_a_nested_object_is_built_by_its_own_template() -> None:
    assert sent({"x": {"in": {"w": 1, "h": 2}}}, nested(PLAIN)) == [{"__typename": "Book", "in": {"w": 1}}]


def test_a_nested_object_that_is_null_is_sent_as_null() -> None:
    assert sent({"x": {"in": None}}, nested(PLAIN)) == [{"__typename": "Book", "in": None}]


def test_a_nested_null_that_may_not_be_null_means_no_representation() -> None:
    assert sent({"x": {"in": None}}, nested(PLAIN, nullable=False)) == []


def test_a_nested_value_of_the_wrong_kind_is_as_null() -> None:
    assert sent({"x": {"in": 5}}, nested(PLAIN)) == [{"__typename": "Book", "in": None}]


def test_a_leaf_missing_in_a_nested_object_means_no_representation() -> None:
    assert sent({"x": {"in": {"h": 1}}}, nested(PLAIN)) == []


def test_a_nested_list_is_built_element_by_element_and_keeps_its_nulls() -> None:
    store: Stored = {"x": {"in": [{"w": 1}, None, [{"w": 2}]]}}
    assert sent(store, nested(PLAIN)) == [{"__typename": "Book", "in": [{"w": 1}, None, [{"w": 2}]]}]


def test_a_leaf_missing_in_an_element_means_no_representation() -> None:
    assert sent({"x": {"in": [{"w": 1}, {}]}}, nested(PLAIN)) == []


def test_a_nested_abstract_object_is_built_by_its_concrete_type() -> None:
    store: Stored = {"x": {"in": [{"__typename": "Toy", "id": "1"}, {"__typename": "Book", "id": "2"}]}}
    templates = (template("Book", leaf("id")), template("Toy", leaf("ean", "id")))
    assert sent(store, nested(*templates)) == [
        {"__typename": "Book", "in": [{"__typename": "Toy", "ean": "1"}, {"__typename": "Book", "id": "2"}]}
    ]


def test_a_value_that_cannot_be_written_as_json_means_no_representation() -> None:
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    assert sent({"x": {"id": deep}}, BOOK) == []


def test_equal_representations_are_sent_once_in_first_seen_order() -> None:
    store: Stored = {"x": [{"id": "2"}, {"id": "1"}, {"id": "2"}]}
    assert sent(store, BOOK, paths=("x.@",)) == [{"__typename": "Book", "id": "2"}, {"__typename": "Book", "id": "1"}]


def test_every_object_of_a_representation_is_its_target() -> None:
    objects: list[object] = [{"id": "2"}, {"id": "1"}, {"id": "2"}]
    found = represented({"x": objects}, BOOK, paths=("x.@",))
    assert found.targets == [{0: [objects[0], objects[2]]}, {0: [objects[1]]}]


def test_several_paths_are_concatenated_and_share_representations() -> None:
    store: Stored = {"x": {"id": "1"}, "y": [{"id": "2"}, {"id": "1"}]}
    found = represented(store, BOOK, paths=("x", "y.@"))
    assert [list(targets) for targets in found.targets] == [[0, 1], [1]]


def test_values_that_python_calls_equal_are_sent_apart() -> None:
    store: Stored = {"x": [{"id": 1}, {"id": 1.0}, {"id": True}, {"id": "1"}]}
    assert represented(store, BOOK, paths=("x.@",)).encoded == [
        b'{"__typename":"Book","id":1}',
        b'{"__typename":"Book","id":1.0}',
        b'{"__typename":"Book","id":true}',
        b'{"__typename":"Book","id":"1"}',
    ]


def test_objects_of_two_types_with_equal_keys_are_sent_apart() -> None:
    store: Stored = {"x": [{"__typename": "Book", "id": "1"}, {"__typename": "Toy", "id": "1"}]}
    assert sent(store, BOOK, template("Toy", leaf("id")), paths=("x.@",)) == [
        {"__typename": "Book", "id": "1"},
        {"__typename": "Toy", "id": "1"},
    ]


def test_representations_beyond_the_limit_go_into_further_parts() -> None:
    one = represented({"x": [{"id": 1}, {"id": 2}, {"id": 3}]}, BOOK, paths=("x.@",))
    two = represented({"x": [{"id": 4}, {"id": 5}]}, BOOK, paths=("x.@",))
    parts = split_representations([one, two], 2)
    assert [[[json.loads(each)["id"] for each in part.encoded] for part in parts_of] for parts_of in parts] == [
        [[1, 2], []],
        [[3], [4]],
        [[], [5]],
    ]


def test_nothing_to_represent_is_no_part() -> None:
    assert split_representations([represented({}, BOOK)], None) == []
