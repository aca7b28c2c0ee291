"""From a path of the plan to the objects that stand there in the store.

    store ──▶ walk ──▶ representations ──▶ subgraph ──▶ merge ──▶ store
              ▲ you are here

A null, a missing key or a value of the wrong kind ends its branch quietly. An object without a stored type name passes
every guard: type names are stored wherever a position can hold more than one type.

This code runs per object and per request: data stays the dicts and lists that the JSON parser made.
"""

from collections.abc import Iterable
from itertools import islice

from supergraph.plan import Path, Step

Stored = dict[str, object]
StorePath = tuple[str | int, ...]

MAX_PLACES = 100_000
"""In more places nobody looks for an error."""


def walk(root: Stored, path: Path) -> list[Stored]:
    """The objects at ``path``, in document order; one in a list that stands in several places occurs but once."""
    values: list[object] = [root]
    for step in path:
        values = _enter(values, step)
    return [value for value in values if type(value) is dict]


def _enter(values: list[object], step: Step) -> list[object]:
    key = step.key
    found: list[object] = []
    if key is None:
        # What stands in several places is one object: where lists stand in lists, there may be any number of places.
        lists = {id(value): value for value in values if type(value) is list}
        for value in lists.values():
            found.extend(value)
    else:
        found = [inner for value in values if type(value) is dict and (inner := value.get(key)) is not None]
    return [value for value in found if _passes(value, step.types)] if step.types else found


def _passes(value: object, types: tuple[str, ...]) -> bool:
    if type(value) is not dict:
        return True
    name = value.get("__typename")
    return name is None or name in types


def walk_with_paths(root: Stored, path: Path) -> list[tuple[Stored, StorePath]]:
    """The objects at ``path`` with all of their places, the first ``MAX_PLACES``; only errors need this."""
    places: list[tuple[object, StorePath]] = [(root, ())]
    for step in path:
        children = (
            (value, place)
            for parent, parent_place in places
            for value, place in _children(parent, parent_place, step.key)
            if not step.types or _passes(value, step.types)
        )
        places = list(islice(children, MAX_PLACES))
    return [(value, place) for value, place in places if type(value) is dict]


def _children(parent: object, place: StorePath, key: str | None) -> Iterable[tuple[object, StorePath]]:
    if key is None:
        if type(parent) is list:
            for index, value in enumerate(parent):
                yield value, (*place, index)
    elif type(parent) is dict and (value := parent.get(key)) is not None:
        yield value, (*place, key)
