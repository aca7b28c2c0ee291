import pytest

from supergraph.sdl.values import Plain
from supergraph.spec.merge_strategies import (
    dnf_conjunction,
    maximum,
    nullable_and,
    nullable_maximum,
    nullable_union,
)


@pytest.mark.parametrize(
    ("values", "merged"),
    [
        ([[["a"], ["b"]], [["c"]]], [["a", "c"], ["b", "c"]]),
        ([[["a"]], [["a", "b"]]], [["a", "b"]]),
        ([[["a"], ["b"]], [["a"]]], [["a"]]),
        ([[], [["a"]]], [["a"]]),
        (["a", ["b"]], [["a", "b"]]),
    ],
)
def test_requirements_are_joined(values: list[Plain], merged: Plain) -> None:
    assert dnf_conjunction(values) == merged


def test_numbers_are_maximised() -> None:
    assert maximum([1, 3, 2]) == 3
    assert nullable_maximum([None, 2]) == 2
    assert nullable_maximum([None, None]) is None


def test_flags_must_all_be_set() -> None:
    assert nullable_and([True, None]) is True
    assert nullable_and([True, False]) is False
    assert nullable_and([None]) is None


def test_lists_are_united() -> None:
    assert nullable_union([["a", "b"], None, ["b", "c"]]) == ["a", "b", "c"]
    assert nullable_union([None]) is None
