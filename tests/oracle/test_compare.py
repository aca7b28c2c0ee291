import json

import pytest

from tests.oracle.compare import Response, damage, difference


def response(data: object, *paths: list[object]) -> Response:
    """A response with one error for each path."""
    made: Response = json.loads(
        json.dumps({"data": data, "errors": [{"message": "m", "path": each} for each in paths]})
    )
    return made


DATA = {"a": {"x": 1, "y": [1, None]}}
PLACE: list[object] = ["a", "y", 1]
RIGHT = response(DATA, PLACE)


@pytest.mark.parametrize(
    ("actual", "problem"),
    [
        (RIGHT, None),
        (response(DATA, [*PLACE, "deeper"]), None),
        (response(DATA), "no error at ('a', 'y', 1)"),
        (response({"a": {"x": 1, "y": [1, 2]}}), "data differs at data.a.y.1: expected null, got 2"),
        (response({"a": {"x": 1}}), "data differs at data.a.y: missing"),
        (response({"a": {"x": 1, "y": [1, None], "__1": 5}}), "data differs at data.a.__1: not asked for"),
        (response({"a": {"y": [1, None], "x": 1}}, PLACE), "the order of response keys differs"),
        (response(DATA, PLACE, ["a", "x"]), "an error too many at ('a', 'x')"),
    ],
)
def test_a_difference_is_told_by_its_place(actual: Response, problem: str | None) -> None:
    assert difference(RIGHT, actual) == problem


@pytest.mark.parametrize(
    ("actual", "problem"),
    [
        (response(None, []), None),
        (response({"a": None}, []), None),
        (response({"a": None}), "no error tells what is missing"),
        (
            response({"a": {"x": 7, "y": None}}, []),
            "more than nulls differs at data.a.x: expected 1 or null, got 7",
        ),
    ],
)
def test_a_failed_subgraph_may_only_take_away(actual: Response, problem: str | None) -> None:
    assert damage(RIGHT, actual) == problem
