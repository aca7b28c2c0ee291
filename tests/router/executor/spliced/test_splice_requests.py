"""What a run of a plan asks for."""

import pytest

from tests.router.executor.spliced.splices import (
    BY_CODE,
    CODES,
    IN_ITEMS,
    IN_OTHERS,
    ITEMS,
    LISTS,
    NAMES,
    PAIRS,
    PREFIX,
    SOLID_RUN,
    a_call,
    a_splice,
    answer,
    both_lists,
    brought,
    coded,
    entity_fetch,
    items,
    listed,
    named,
    noted,
    own,
    representation,
    root,
    shown,
    solid,
    target,
    two_calls,
    two_lists,
    unusual,
    variables_of,
)


def test_a_request_has_a_representation_for_each_object() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(1, "é"))

    found = splice.request(1, [])

    assert found == PREFIX + '"r":[{"__typename":"T","k0":1},{"__typename":"T","k0":"é"}]}}'.encode()


def test_representations_stand_in_the_order_in_which_objects_appear_first_and_each_once() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items("b", "a", "b", "c", "a", "b"))

    assert variables_of(splice.request(1, [])) == {"r": [representation(each) for each in "bac"]}


def test_the_only_object_is_asked_for() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items("a"))

    assert variables_of(splice.request(1, [])) == {"r": [representation("a")]}


def test_objects_that_are_all_the_same_are_asked_for_once() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(*["a"] * 40))

    assert variables_of(splice.request(1, [])) == {"r": [representation("a")]}


def test_a_number_and_a_text_are_different() -> None:
    values = (1, "1", True, None, "null", "true")
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(*values, 1))

    assert variables_of(splice.request(1, [])) == {"r": [representation(each) for each in values]}


def test_objects_are_the_same_if_all_their_values_are() -> None:
    splice = a_splice(PAIRS, named(target(own(2), own(3))))
    pairs = [("x", "y"), ("x", "z"), ("y", "x"), ("x", "y"), ("xy", ""), ("", "xy"), ("x", "z")]
    splice.take(0, answer(items=[{"a": a, "b": b} for a, b in pairs]))

    assert variables_of(splice.request(1, [])) == {"r": [representation(*pair) for pair in dict.fromkeys(pairs)]}


def test_values_stand_in_the_order_of_the_target() -> None:
    splice = a_splice(PAIRS, named(target(own(3), own(2))))
    splice.take(0, answer(items=[{"a": 1, "b": 2}, {"a": 2, "b": 1}]))

    assert variables_of(splice.request(1, [])) == {"r": [representation(2, 1), representation(1, 2)]}


def test_the_same_object_in_two_lists_is_asked_for_once() -> None:
    splice = two_lists(IN_ITEMS, IN_OTHERS)
    splice.take(0, answer(items=[{"id": 1}, {"id": 2}], others=[{"id": 3}, {"id": 2}, {"id": 4}]))

    assert variables_of(splice.request(1, [])) == {"r": [representation(each) for each in (1, 2, 3, 4)]}


def test_objects_of_different_types_are_different() -> None:
    splice = two_lists(IN_ITEMS, target(own(4), type_name="U", holes=[(5, 0)]))
    splice.take(0, answer(items=[{"id": 1}, {"id": 2}], others=[{"id": 2}, {"id": 1}, {"id": 2}]))

    assert variables_of(splice.request(1, [])) == {
        "r": [
            representation(1),
            representation(2),
            representation(2, type_name="U"),
            representation(1, type_name="U"),
        ]
    }


def test_the_first_list_may_be_empty() -> None:
    splice = two_lists(IN_ITEMS, IN_OTHERS)
    splice.take(0, answer(items=[], others=[{"id": 3}]))

    assert variables_of(splice.request(1, [])) == {"r": [representation(3)]}


def test_the_second_list_may_be_empty() -> None:
    splice = two_lists(IN_ITEMS, IN_OTHERS)
    splice.take(0, answer(items=[{"id": 3}], others=[]))

    assert variables_of(splice.request(1, [])) == {"r": [representation(3)]}


def test_targets_may_have_different_numbers_of_values() -> None:
    lists = root(listed("items", noted("a", 2), noted("b", 3)), listed("others", noted("a", 4)))
    splice = a_splice(lists, named(target(own(2), own(3)), target(own(4))))
    splice.take(0, answer(items=[{"a": 1, "b": 2}], others=[{"a": 1}, {"a": 2}]))

    assert variables_of(splice.request(1, [])) == {"r": [representation(1, 2), representation(1), representation(2)]}


def test_values_may_be_those_that_an_earlier_call_has_brought() -> None:
    splice = a_splice(ITEMS, CODES, BY_CODE)
    splice.take(0, items(1, 2, 1, 3))
    splice.request(1, [])
    splice.take(1, answer(r=[{"name": "a", "code": code} for code in ("x", "y", "x")]))

    assert variables_of(splice.request(2, [])) == {"s": [representation("x"), representation("y")]}


def test_values_may_be_brought_by_an_earlier_call_for_objects_that_are_all_different() -> None:
    splice = a_splice(ITEMS, CODES, BY_CODE)
    splice.take(0, items(1, 2, 3))
    splice.request(1, [])
    splice.take(1, answer(r=[{"name": "a", "code": code} for code in ("x", "y", "z")]))

    assert variables_of(splice.request(2, [])) == {"s": [representation(each) for each in "xyz"]}


@pytest.mark.parametrize(
    ("others", "asked"),
    [
        ([4, 5], [(4, "d"), (5, "e")]),
        ([1, 4, 1], [(1, "a"), (4, "d")]),
        ([], None),
    ],
    ids=["all different", "shared", "none"],
)
def test_values_may_be_brought_for_the_second_list_of_an_earlier_call(
    others: list[int], asked: list[tuple[int, str]] | None
) -> None:
    call = a_call("s", [target(own(4), brought(1, 1, call=0, target=1))], runs=[SOLID_RUN])
    splice = a_splice(LISTS, coded(IN_ITEMS, IN_OTHERS), entity_fetch((solid(0, shown("price")), call)))
    splice.take(0, answer(items=[{"id": each} for each in (1, 2, 3)], others=[{"id": each} for each in others]))
    entities = variables_of(splice.request(1, []))["r"]
    assert isinstance(entities, list)
    splice.take(1, answer(r=[{"name": "n", "code": "_abcde"[each["k0"]]} for each in entities]))

    found = splice.request(2, [])

    assert (found and variables_of(found)) == (asked and {"s": [representation(*pair) for pair in asked]})


def test_values_of_different_numbers_of_objects_are_unusual() -> None:
    lists = root(listed("items", noted("id", 2)), listed("others", noted("id", 3)))
    splice = a_splice(lists, named(target(own(2), own(3))))
    splice.take(0, answer(items=[{"id": 1}], others=[{"id": 1}, {"id": 2}]))

    with unusual():
        splice.request(1, [])


def test_null_is_sent_where_it_is_not_refused() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(None, 1))

    assert variables_of(splice.request(1, [])) == {"r": [representation(None), representation(1)]}


@pytest.mark.parametrize("ids", [(None,), (1, None), (None, 1), (1, 2, None, 3)])
def test_null_is_unusual_where_it_is_refused(ids: tuple[object, ...]) -> None:
    splice = a_splice(ITEMS, named(target(own(2, refuses_null=True))))
    splice.take(0, items(*ids))

    with unusual():
        splice.request(1, [])


@pytest.mark.parametrize("ids", [(), (1, 2), ("null",)])
def test_what_is_not_null_is_sent_where_null_is_refused(ids: tuple[object, ...]) -> None:
    splice = a_splice(ITEMS, named(target(own(2, refuses_null=True))))
    splice.take(0, items(*ids))

    found = splice.request(1, [])

    assert (found and variables_of(found)) == ({"r": [representation(each) for each in ids]} if ids else None)


@pytest.mark.parametrize("ids", [(1, 2, 3), (1, 2, 3, 3, 2, 1)])
def test_a_request_may_have_as_many_representations_as_the_limit_says(ids: tuple[int, ...]) -> None:
    splice = a_splice(ITEMS, NAMES, limit=3)
    splice.take(0, items(*ids))

    assert variables_of(splice.request(1, [])) == {"r": [representation(each) for each in (1, 2, 3)]}


def test_more_representations_than_the_limit_are_unusual() -> None:
    splice = a_splice(ITEMS, NAMES, limit=3)
    splice.take(0, items(1, 2, 3, 4))

    with unusual():
        splice.request(1, [])


def test_a_limit_of_none_at_all_lets_nothing_be_asked_for() -> None:
    splice = a_splice(ITEMS, NAMES, limit=0)
    splice.take(0, items(1))

    with unusual():
        splice.request(1, [])


def test_a_limit_of_none_at_all_is_kept_by_a_request_without_objects() -> None:
    splice = a_splice(ITEMS, NAMES, limit=0)
    splice.take(0, items())

    assert splice.request(1, []) is None


@pytest.mark.parametrize(
    ("ids", "others"), [([1, 2], [2, 3]), ([1], []), ([], [1]), ([], [1, 2])], ids=["both", "one", "other", "others"]
)
def test_a_fetch_of_several_calls_asks_for_each_on_its_own(ids: list[int], others: list[int]) -> None:
    splice = two_calls()
    splice.take(0, both_lists(ids, others))

    assert variables_of(splice.request(1, [])) == {
        "r": [representation(each) for each in ids],
        "s": [representation(each) for each in others],
    }


def test_a_fetch_of_several_calls_without_objects_is_not_made() -> None:
    splice = two_calls()
    splice.take(0, both_lists([], []))

    assert splice.request(1, []) is None


REPRESENTATION = len('{"__typename":"T","k0":1}')


@pytest.mark.parametrize(("ids", "count"), [((1, 2, 3), 3), ((1, 1, 1), 1)], ids=["different", "equal"])
def test_representations_may_be_as_long_as_the_plan_says_with_all_that_are_equal(
    ids: tuple[int, ...], count: int
) -> None:
    splice = a_splice(ITEMS, NAMES, most_bytes=3 * REPRESENTATION)
    splice.take(0, items(*ids))

    assert variables_of(splice.request(1, [])) == {"r": [representation(each) for each in ids[:count]]}


@pytest.mark.parametrize("ids", [(1, 2, 3), (1, 1, 1), (10, 1, 2)])
def test_longer_representations_are_unusual(ids: tuple[int, ...]) -> None:
    splice = a_splice(ITEMS, NAMES, most_bytes=3 * REPRESENTATION - (max(ids) < 10))
    splice.take(0, items(*ids))

    with unusual():
        splice.request(1, [])


def test_the_limit_is_for_all_calls_of_a_request() -> None:
    splice = two_calls(limit=3)
    splice.take(0, both_lists([1, 2], [3, 4]))

    with unusual():
        splice.request(1, [])


def test_entries_of_variables_stand_before_calls() -> None:
    splice = two_calls()
    splice.take(0, both_lists([1], []))

    found = splice.request(1, [b'"v":1', b'"w":{"x":null}'])

    assert found == PREFIX + b'"v":1,"w":{"x":null},"r":[{"__typename":"T","k0":1}],"s":[]}}'


@pytest.mark.parametrize(
    ("entries", "variables"),
    [([], b""), ([b'"v":1'], b'"v":1'), ([b'"v":1', b'"w":2', b'"x":3'], b'"v":1,"w":2,"x":3')],
    ids=["none", "one", "several"],
)
def test_a_request_of_a_root_fetch_has_the_entries_of_its_variables(entries: list[bytes], variables: bytes) -> None:
    splice = a_splice(ITEMS)

    assert splice.request(0, entries) == PREFIX + variables + b"}}"


def test_a_fetch_without_objects_is_not_made_whatever_its_variables_are() -> None:
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items())

    assert splice.request(1, [b'"v":1']) is None


def test_a_request_leaves_its_entries_alone() -> None:
    entries = [b'"v":1']
    a_splice(ITEMS).request(0, entries)

    assert entries == [b'"v":1']
