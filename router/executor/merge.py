"""What a subgraph answered goes into the store.

    subgraph ──▶ merge ──▶ store ──▶ project
                 ▲ you are here

Most merges put new keys. Keys meet only where the plan fetches a composite value in pieces, or where two subgraphs
answer the same shared field. The rules are symmetric, so that the order of answers does not change the store:

====================  ====================================  ===========================================
stored                new                                   kept
====================  ====================================  ===========================================
nothing               anything                              the new value
null                  a value                               the value, unless the null came with an error
a value               null                                  the value, unless the null came with an error
object                object                                both, merged key by key
list                  list of the same length               both, merged element by element
list                  list of another length                the stored one: the subgraphs contradict each other
object or list        any other kind                        the object or list
scalar                scalar                                the new one
``__typename``        ``__typename``                        the concrete type's name rather than an interface's
====================  ====================================  ===========================================

A null that came with an error stays null: a field that one subgraph failed must not be half filled by another. Where
kinds or lengths differ, something of an answer is lost, and ``MergeNotes.contradicted`` tells so.

This code runs per object and per request: data stays the dicts and lists that the JSON parser made.
"""

from typing import Final

from router.executor.walk import Stored, StorePath

MAX_DEPTH = 200
"""Values are merged and copied so deep and shared below: only a custom scalar nests deeper than any operation."""


class MergeNotes:
    """What later merges and the response must know of earlier ones: the places whose null came with an error.

    Attributes:
        contradicted: Whether an answer did not fit what was stored.
    """

    __slots__ = ("_merged", "_places", "contradicted")

    def __init__(self) -> None:
        self.contradicted = False
        # What ids stand for is kept, so that they are not given to others.
        self._merged: dict[tuple[int, int], tuple[object, object]] = {}
        self._places: dict[int, tuple[object, set[str | int]]] = {}

    def __bool__(self) -> bool:
        return bool(self._places)

    def begin_answer(self) -> None:
        """What is noted of an answer is forgotten with the next one."""
        self.contradicted = False
        self._merged.clear()

    def is_first(self, stored: object, new: object) -> bool:
        """Whether these two were not merged before: objects in many places share what they hold, and so do answers."""
        pair = stored, new
        return self._merged.setdefault((id(stored), id(new)), pair) is pair

    def add(self, container: object, key: str | int) -> None:
        """Remember that ``container[key]`` failed."""
        self._places.setdefault(id(container), (container, set()))[1].add(key)

    def has(self, container: object, key: str | int) -> bool:
        """Whether ``container[key]`` failed."""
        place = self._places.get(id(container))
        return place is not None and key in place[1]


def merge_object(
    target: Stored, new: Stored, abstract_types: frozenset[str], notes: MergeNotes, depth: int = MAX_DEPTH
) -> None:
    """Put what ``new`` holds into ``target``; composite values are shared with ``new``, not copied."""
    if target.keys().isdisjoint(new):
        target.update(new)
        return
    for key, value in new.items():
        if key not in target:
            target[key] = value
            continue
        stored = target[key]
        if stored is value:
            continue
        if key == "__typename":
            if type(value) is str and (stored is None or value not in abstract_types):
                target[key] = value
        elif stored is None:
            if not (notes and notes.has(target, key)):
                target[key] = value
        elif value is not None and (type(value) not in _CONTAINERS or notes.is_first(stored, value)):
            target[key] = _merge_values(stored, value, abstract_types, notes, depth - 1)


def _merge_values(stored: object, new: object, abstract_types: frozenset[str], notes: MergeNotes, depth: int) -> object:
    if type(stored) is dict:
        if type(new) is dict and depth > 0:
            merge_object(stored, new, abstract_types, notes, depth)
        else:
            notes.contradicted = True
        return stored
    if type(stored) is list:
        if type(new) is list and len(new) == len(stored) and depth > 0:
            _merge_lists(stored, new, abstract_types, notes, depth)
        else:
            notes.contradicted = True
        return stored
    if type(new) in _CONTAINERS:
        notes.contradicted = True
    return new


def _merge_lists(
    stored: list[object], new: list[object], abstract_types: frozenset[str], notes: MergeNotes, depth: int
) -> None:
    for index, value in enumerate(new):
        element = stored[index]
        if element is None:
            if not (notes and notes.has(stored, index)):
                stored[index] = value
        elif value is not None and element is not value:
            stored[index] = _merge_values(element, value, abstract_types, notes, depth - 1)


def copy_object(value: Stored, depth: int = MAX_DEPTH) -> Stored:
    """A copy that shares no object or list with ``value``."""
    return {key: _copy(inner, depth - 1) if type(inner) in _CONTAINERS else inner for key, inner in value.items()}


def _copy(value: object, depth: int) -> object:
    if depth > 0 and type(value) is dict:
        return copy_object(value, depth)
    if depth > 0 and type(value) is list:
        return [_copy(inner, depth - 1) if type(inner) in _CONTAINERS else inner for inner in value]
    return value


_CONTAINERS = (dict, list)


def has_composites(value: Stored) -> bool:
    """Whether copying ``value`` needs more than copying its top level."""
    return any(type(inner) in _CONTAINERS for inner in value.values())


def null_failed_place(target: Stored, new: Stored, path: StorePath, notes: MergeNotes) -> None:
    """Make null, and keep null, what an error at ``path`` below ``new`` says has failed.

    The subgraph's null may stand above the error's place, where its own null propagation has put it; if there is no
    null along the path, nothing has failed that the error could protect.
    """
    container: object = target
    value: object = new
    for segment in path:
        value = _child(value, segment)
        if value is None:
            if _child(container, segment) is not _NOTHING:
                _make_null(container, segment)
                notes.add(container, segment)
            return
        container = _child(container, segment)


_NOTHING: Final = object()


def _child(value: object, segment: str | int) -> object:
    if type(value) is dict and type(segment) is str:
        return value.get(segment, _NOTHING)
    if type(value) is list and type(segment) is int and segment < len(value):
        return value[segment]
    return _NOTHING


def _make_null(container: object, segment: str | int) -> None:
    if type(container) is dict and type(segment) is str:
        container[segment] = None
    else:
        assert type(container) is list
        assert type(segment) is int
        container[segment] = None
