"""Selections as text, with what occurs again and again written once, as a named fragment.

Fields that are asked of each type behind an interface can repeat a selection at every type, and at every level below
once more: written out, the text grows by a power of the depth. So equal sets on one type are made one (*hash-consing*,
from the leaves up), and a set that stands at several places becomes a fragment wherever that makes the text shorter by
more than a trifle. What is printed is then no larger than the distinct sets together.

The client's own fragments play no part: they are written on other types, and are taken apart before planning.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from supergraph.operation.model import Conditions
from supergraph.planner.drafts import DraftCast, DraftField, DraftSelection
from supergraph.planner.text import cast_head, field_head, guarded
from supergraph.query_graph import ROOT_TYPES, QueryGraph
from supergraph.sdl.types import base_name

LEAST_SAVING = 64
"""A fragment must save more characters than this: small requests stay as they are read best."""


class _Item(NamedTuple):
    """A field or type condition of a distinct set; ``inner`` is the number of the set below."""

    head: str
    inner: int | None
    is_cast: bool
    conditions: Conditions


class _Set(NamedTuple):
    """A distinct set: equal ones are written in the same words. ``type`` is ``None`` where no fragment can stand."""

    type: str | None
    typename: bool
    items: tuple[_Item, ...]


FieldType = Callable[[str, str], str | None]
SelectionKey = tuple[_Set, ...]


def print_selections(
    selections: Iterable[DraftSelection],
    type_name: str | None,
    field_type: FieldType,
    *,
    least_saving: int = LEAST_SAVING,
) -> list[str]:
    """The selections of one request, each in braces, and behind them the definitions of their fragments.

    Args:
        selections: What the request selects at its root, or of each of its entities.
        type_name: The type of each; ``None`` for entities, which name theirs.
        field_type: The named type of a field, as the subgraph knows it, by the field's type and name.
        least_saving: How many characters a fragment must save, and one more.
    """
    sets = _DistinctSets(field_type)
    roots = [sets.add(selection, type_name) for selection in selections]
    return _print(sets.found, roots, least_saving)


def selection_key(selection: DraftSelection) -> SelectionKey:
    """Equal for selections that are written in the same words."""
    sets = _DistinctSets(lambda _, __: None)
    sets.add(selection, None)
    return tuple(sets.found)


def field_type_in(graph: QueryGraph, subgraph: int) -> FieldType:
    """The types that one subgraph's fields have."""

    def field_type(type_name: str, name: str) -> str | None:
        view = graph.type_view(subgraph, type_name)
        field = view.fields.get(name) if view else None
        return base_name(field.type) if field else None

    return field_type


class _DistinctSets:
    """The distinct sets of one request, in an order in which those inside stand before those around them."""

    def __init__(self, field_type: FieldType) -> None:
        self.found: list[_Set] = []
        self._field_type = field_type
        self._numbers: dict[_Set, int] = {}
        self._seen: dict[tuple[DraftSelection, str | None], int] = {}

    def add(self, selection: DraftSelection, type_name: str | None) -> int:
        """The number of the set that is equal to ``selection``."""
        known = self._seen.get((selection, type_name))
        if known is not None:
            return known
        items = tuple(self._item(item, type_name) for item in selection.items.values())
        distinct = _Set(type_name, selection.typename or not items, items)
        number = self._numbers.setdefault(distinct, len(self.found))
        if number == len(self.found):
            self.found.append(distinct)
        self._seen[selection, type_name] = number
        return number

    def _item(self, item: DraftField | DraftCast, type_name: str | None) -> _Item:
        if isinstance(item, DraftCast):
            inner = self.add(item.below, item.type or type_name)
            return _Item(cast_head(item), inner, is_cast=True, conditions=item.conditions)
        if item.below is None:
            return _Item(field_head(item), None, is_cast=False, conditions=item.conditions)
        below = self._field_type(type_name, item.name) if type_name is not None else None
        return _Item(field_head(item), self.add(item.below, below), is_cast=False, conditions=item.conditions)


def _print(sets: list[_Set], roots: list[int], least_saving: int) -> list[str]:
    uses = _count_uses(sets, roots)
    texts: list[str] = []
    names: dict[int, str] = {}
    for number, distinct in enumerate(sets):
        texts.append(_set_text(distinct, texts, names))
        if number in roots or not _can_be_named(distinct):
            continue
        name = f"f{len(names)}"
        head = f"fragment {name} on {distinct.type}"
        written_once = len(head) + len(texts[number]) + uses[number] * len(f"{{...{name}}}")
        if uses[number] * len(texts[number]) - written_once > least_saving:
            names[number] = name
    definitions = [f"fragment {name} on {sets[number].type}{texts[number]}" for number, name in names.items()]
    return [*(texts[number] for number in roots), *definitions]


def _count_uses(sets: list[_Set], roots: list[int]) -> list[int]:
    """How often each set stands in the text, at least: as if every set around it that can be named stood once."""
    uses = [0] * len(sets)
    for root in roots:
        uses[root] += 1
    for number in reversed(range(len(sets))):
        times = 1 if _can_be_named(sets[number]) else uses[number]
        for item in sets[number].items:
            if item.inner is not None:
                uses[item.inner] += times
    return uses


def _can_be_named(distinct: _Set) -> bool:
    # A subgraph may call its root types otherwise.
    return distinct.type is not None and distinct.type not in ROOT_TYPES


def _set_text(distinct: _Set, texts: list[str], names: dict[int, str]) -> str:
    parts = ["__typename"] if distinct.typename else []
    parts += (guarded(_item_text(item, texts, names), item.conditions) for item in distinct.items)
    return "{" + " ".join(parts) + "}"


def _item_text(item: _Item, texts: list[str], names: dict[int, str]) -> tuple[str, str]:
    if item.inner is None:
        return item.head, ""
    name = names.get(item.inner)
    if name is None:
        return item.head, texts[item.inner]
    return (f"...{name}", "") if item.is_cast else (item.head, f"{{...{name}}}")
