"""Does the gateway's answer equal the monolith's?

Data must be equal, order of response keys included. Errors are compared by where they leave their mark: the path of
an error, cut at the null that it caused. So a gateway may tell fewer or more errors about one nulled object, and may
word them differently, but it may not lose a failure or invent one.
"""

import json
from collections.abc import Mapping, Sequence

from tests.oracle.data import Json

Response = Mapping[str, Json]
Mark = tuple[str | int, ...]


def difference(expected: Response, actual: Response, *, may_add_errors: bool = False) -> str | None:
    """What is wrong with ``actual``, in a few words; ``None`` if nothing is.

    Args:
        expected: The monolith's response.
        actual: The gateway's response.
        may_add_errors: Fields that the client did not ask for can fail, and the gateway may tell.
    """
    if expected.get("data") != actual.get("data"):
        return f"data differs at {_first_difference(expected.get('data'), actual.get('data'))}"
    if json.dumps(expected.get("data")) != json.dumps(actual.get("data")):
        return "the order of response keys differs"
    wanted, found = marks(expected), marks(actual)
    if lost := wanted - found:
        return f"no error at {sorted(lost, key=str)[0]}"
    if (invented := found - wanted) and not may_add_errors:
        return f"an error too many at {sorted(invented, key=str)[0]}"
    return None


def marks(response: Response) -> set[Mark]:
    """The nulls in the data that errors explain."""
    errors = response.get("errors") or []
    assert isinstance(errors, list)
    found = set()
    for error in errors:
        assert isinstance(error, dict)
        path = error.get("path") or []
        assert isinstance(path, list)
        found.add(_mark(response.get("data"), path))
    return found


def _mark(data: Json, path: Sequence[Json]) -> Mark:
    taken: list[str | int] = []
    for step in path:
        if data is None:
            break
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            break
        taken.append(step)
    return tuple(taken)


def _first_difference(expected: Json, actual: Json, path: str = "data") -> str:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in [*expected, *actual]:
            if key not in expected or key not in actual:
                return f"{path}.{key}: {'missing' if key in expected else 'not asked for'}"
            if expected[key] != actual[key]:
                return _first_difference(expected[key], actual[key], f"{path}.{key}")
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
            if one != other:
                return _first_difference(one, other, f"{path}.{index}")
    return f"{path}: expected {json.dumps(expected)[:200]}, got {json.dumps(actual)[:200]}"


def damage(expected: Response, actual: Response) -> str | None:
    """What is wrong with the answer when a subgraph failed: it must be the right one with nulls in it, and say so."""
    place = _weakened(expected.get("data"), actual.get("data"))
    if place is not None:
        return f"more than nulls differs at {place}"
    if expected.get("data") != actual.get("data") and not actual.get("errors"):
        return "no error tells what is missing"
    return None


def _weakened(expected: Json, actual: Json, path: str = "data") -> str | None:
    """Where ``actual`` is more than ``expected`` with some values nulled; ``None`` if nowhere."""
    if actual is None or expected == actual:
        return None
    if isinstance(expected, dict) and isinstance(actual, dict) and list(expected) == list(actual):
        found = (_weakened(value, actual[key], f"{path}.{key}") for key, value in expected.items())
        return next((place for place in found if place), None)
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = enumerate(zip(expected, actual, strict=True))
        places = (_weakened(one, other, f"{path}.{index}") for index, (one, other) in pairs)
        return next((place for place in places if place), None)
    return f"{path}: expected {json.dumps(expected)[:200]} or null, got {json.dumps(actual)[:200]}"
