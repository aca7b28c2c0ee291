"""Where an error of a subgraph stands in the response.

====================================================  =============================================================
the subgraph's path                                   told at
====================================================  =============================================================
``[alias, i, …rest]`` of an entity fetch              each object that representation ``i`` stands for, then the rest
``[alias]``, no such ``i``, or none, entity fetch     the fetch's path up to its first list, once
``[…rest]`` of a root fetch                           each object that the fetch was made for, then the rest
none, root fetch                                      the fetch's path up to its first list; nowhere at the root
====================================================  =============================================================

Places are looked up when an error needs them: requests without errors pay nothing for them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from router.executor.project import Position, Shape
from router.executor.represent import Representations
from router.executor.walk import MAX_PLACES, Stored, StorePath, walk, walk_with_paths
from supergraph.plan import Fetch, Path

ResponsePath = tuple[str | int, ...]
SubgraphPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ErrorPlace:
    """Where one error of a subgraph belongs.

    Attributes:
        shown: The paths that the client is told; () is told as no path.
        concerned: The paths whose nulls it explains.
    """

    shown: tuple[ResponsePath, ...]
    concerned: tuple[ResponsePath, ...]


class ErrorLocator:
    """Locates the errors of one request, after its data has been merged."""

    __slots__ = ("_calls", "_fetch", "_found", "_places_left", "_position", "_store")

    def __init__(self, position: Position, store: Stored, fetch: Fetch, calls: Sequence[Representations]) -> None:
        self._position = position
        self._store = store
        self._fetch = fetch
        self._calls = {call.call.alias: call for call in calls if call.encoded}
        self._found: dict[int, list[StorePath]] | None = None
        self._places_left = MAX_PLACES

    def locate(self, path: SubgraphPath | None) -> ErrorPlace:
        """The place of an error at ``path`` of the subgraph's response."""
        if not self._fetch.entities:
            return self._locate_root(path or ())
        if not path or path[0] not in self._calls:
            return self._at_lists(path for call in self._calls.values() for path in call.call.paths)
        call = self._calls[str(path[0])]
        index = path[1] if len(path) > 1 else None
        if type(index) is not int or index >= len(call.targets):
            return self._at_lists(call.call.paths)
        targets = chain.from_iterable(call.targets[index].values())
        return self._at_objects(targets, path[2:]) or self._at_lists(call.call.paths)

    def _locate_root(self, path: SubgraphPath) -> ErrorPlace:
        if not self._fetch.path:
            return self._at_places([path])
        if not path:
            return self._at_lists([self._fetch.path])
        return self._at_objects(walk(self._store, self._fetch.path), path) or self._at_lists([self._fetch.path])

    def _at_objects(self, targets: Iterable[Stored], rest: SubgraphPath) -> ErrorPlace | None:
        """Each place of ``targets``; ``None`` if there is none, or if the errors of the request have taken too many."""
        if self._places_left <= 0:
            return None
        if self._found is None:
            self._found = self._find_places()
        found = self._found
        # An object that an error has made null since is nowhere.
        ids = dict.fromkeys(map(id, targets))
        places = (place for target in ids for place in found.get(target, ()))
        listed = [(*place, *rest) for place in islice(places, self._places_left)]
        self._places_left -= max(len(listed), len(ids))
        return self._at_places(listed) if listed else None

    def _find_places(self) -> dict[int, list[StorePath]]:
        places: dict[int, list[StorePath]] = {}
        paths = [path for call in self._calls.values() for path in call.call.paths] or [self._fetch.path]
        for path in paths:
            for target, place in walk_with_paths(self._store, path):
                places.setdefault(id(target), []).append(place)
        return places

    def _at_lists(self, paths: Iterable[Path]) -> ErrorPlace:
        lists = [self._visible(list_path(path)) for path in paths]
        return ErrorPlace((common_prefix(lists),), tuple(lists))

    def _at_places(self, places: Iterable[StorePath]) -> ErrorPlace:
        visible = tuple(dict.fromkeys(map(self._visible, places)))
        return ErrorPlace(visible, visible)

    def _visible(self, path: StorePath) -> ResponsePath:
        return response_path(self._position, self._store, path)


def response_path(position: Position, store: Stored, path: StorePath) -> ResponsePath:
    """``path`` in response keys, as far as the client can see.

    A segment that the client did not ask for is internal: a key, or a field that another one requires. The error is
    then told at the closest place around it.
    """
    translated: list[str | int] = []
    here: Position | None = position
    value: object = store
    for segment in path:
        if isinstance(segment, str):
            key, here = _visible_key(here, value, segment)
            if key is None:
                break
            translated.append(key)
            value = value.get(segment) if type(value) is dict else None
        else:
            translated.append(segment)
            value = value[segment] if type(value) is list and segment < len(value) else None
    return tuple(translated)


def _visible_key(position: Position | None, value: object, store_key: str) -> tuple[str | None, Position | None]:
    for shape in _shapes_at(position, value):
        keys = {store_key, *(key for key, others in shape.joined if store_key in others)}
        for projected in shape.fields:
            if projected.store_key in keys:
                return projected.response_key, projected.position
    return None, None


def _shapes_at(position: Position | None, value: object) -> Iterable[Shape]:
    if position is None:
        return ()
    shape = position.shape_of(value) if type(value) is dict else None
    return position.possible_shapes() if shape is None else (shape,)


def list_path(path: Path) -> StorePath:
    """The part of a plan's path that names one place: up to its first list."""
    keys: list[str | int] = []
    for step in path:
        if step.key is None:
            break
        keys.append(step.key)
    return tuple(keys)


def common_prefix(paths: Iterable[ResponsePath]) -> ResponsePath:
    """The longest path that all of ``paths`` begin with; () of none."""
    prefix: ResponsePath | None = None
    for path in paths:
        if prefix is None:
            prefix = path
        length = 0
        while length < min(len(prefix), len(path)) and prefix[length] == path[length]:
            length += 1
        prefix = prefix[:length]
    return prefix or ()
