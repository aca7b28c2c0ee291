"""Any lists of values are represented as a slow reference does it, and any entities go where they belong."""

import json
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.router.executor.spliced.splices import (
    ITEMS,
    LISTS,
    NAMES,
    PAIRS,
    PREFIX,
    a_splice,
    answer,
    both_lists,
    items,
    named,
    names,
    own,
    representation,
    target,
)

deterministic = settings(derandomize=True, deadline=None, max_examples=150)
MANY = 4000

plain = st.characters(codec="utf-8", exclude_characters='"\\', min_codepoint=0x20)
texts = st.one_of(
    st.text(plain, max_size=40),
    st.text(st.sampled_from("ab"), max_size=3),
    st.text(st.sampled_from("ab"), min_size=1, max_size=1).map(
        lambda last: "a common prefix of some words, then " + last
    ),
    st.integers(0, 40).map("x".__mul__),
    st.tuples(st.integers(0, 40), plain).map(lambda end: "y" * end[0] + end[1]),
)
values = st.one_of(
    texts, texts, st.integers(-3, 3), st.booleans(), st.none(), st.sampled_from([0.5, 1.25, "1", "null"])
)


Object = tuple[str, Sequence[object]]
"""The name of its type, and its values."""


def represented(objects: Iterable[Object]) -> tuple[list[bytes], list[int]]:
    """Representations of the objects, each once; for each object, the number of its representation."""
    found: dict[bytes, int] = {}
    numbers = []
    for type_name, its in objects:
        sent = json.dumps(representation(*its, type_name=type_name), separators=(",", ":"), ensure_ascii=False)
        numbers.append(found.setdefault(sent.encode(), len(found)))
    return list(found), numbers


def request_of(representations: Sequence[bytes]) -> bytes | None:
    return PREFIX + b'"r":[' + b",".join(representations) + b"]}}" if representations else None


def named_items(ids: Sequence[object], numbers: Iterable[int]) -> list[object]:
    return [{"id": each, "name": number} for each, number in zip(ids, numbers, strict=True)]


def check(ids: Sequence[object]) -> None:
    """Each different value is sent once, and its entity goes to all objects that have it."""
    splice = a_splice(ITEMS, NAMES)
    splice.take(0, items(*ids))
    sent, numbers = represented(("T", [each]) for each in ids)

    assert splice.request(1, []) == request_of(sent)
    splice.take(1, names(*range(len(sent))))
    assert splice.response() == answer(items=named_items(ids, numbers))


@deterministic
@given(ids=st.lists(values, max_size=60))
def test_each_different_value_is_sent_once_and_its_entity_goes_to_all_that_have_it(ids: list[object]) -> None:
    check(ids)


@deterministic
@given(
    lengths=st.lists(st.integers(0, 40), max_size=20),
    ends=st.lists(st.sampled_from(["", "a", "b", "é", "\x7f"]), min_size=1, max_size=4),
    begin=st.sampled_from("xy"),
)
def test_values_may_differ_in_their_last_byte_alone(lengths: list[int], ends: list[str], begin: str) -> None:
    check([begin * length + end for length in lengths for end in ends])


@pytest.mark.parametrize(
    "ids",
    [
        list(range(MANY)),
        [each % 700 for each in range(MANY)],
        [f"item-{each:032x}" for each in range(MANY)],
        [f"{each:08x}-common-end-of-all-of-them" for each in range(MANY)],
        ["x" * (each % 41) for each in range(MANY)],
        [chr(0x4E00 + each) for each in range(MANY)],
        [each * 65536 for each in range(MANY)],
        ["the same"] * MANY,
        [f"{each:014}" for each in range(MANY)],
    ],
    ids=["numbers", "repeated", "prefix", "suffix", "lengths", "characters", "multiples", "one", "padded"],
)
def test_thousands_of_objects_are_sent_each_once(ids: list[object]) -> None:
    check(ids)


@pytest.mark.parametrize("length", range(24))
def test_a_hundred_objects_are_sent_wherever_in_their_values_their_numbers_stand(length: int) -> None:
    check([f"{'x' * length}{number:02}" for number in range(100)])


@deterministic
@given(pairs=st.lists(st.tuples(values, values), max_size=40), repeated=st.integers(1, 3))
def test_each_different_pair_of_values_is_sent_once(pairs: list[tuple[object, object]], repeated: int) -> None:
    pairs *= repeated
    splice = a_splice(PAIRS, named(target(own(2), own(3), holes=[(4, 0)])))
    splice.take(0, answer(items=[{"a": a, "b": b} for a, b in pairs]))

    assert splice.request(1, []) == request_of(represented(("T", pair) for pair in pairs)[0])


@deterministic
@given(ids=st.lists(values, max_size=30), other_ids=st.lists(values, max_size=30), type_name=st.sampled_from("TU"))
def test_objects_of_two_lists_are_sent_once_if_their_types_are_the_same(
    ids: list[object], other_ids: list[object], type_name: str
) -> None:
    targets = target(own(2), holes=[(3, 0)]), target(own(4), type_name=type_name, holes=[(5, 0)])
    splice = a_splice(LISTS, named(*targets))
    splice.take(0, both_lists(ids, other_ids))

    objects = [*(("T", [each]) for each in ids), *((type_name, [each]) for each in other_ids)]
    sent, numbers = represented(objects)
    assert splice.request(1, []) == request_of(sent)
    splice.take(1, names(*range(len(sent))))
    assert splice.response() == answer(
        items=named_items(ids, numbers[: len(ids)]), others=named_items(other_ids, numbers[len(ids) :])
    )
