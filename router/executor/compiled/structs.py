"""Struct types for answers: msgspec decodes into them, and so checks what it decodes, in C.

    layout ──▶ structs ──▶ decoders, and the types of the response
               ▲ you are here

A struct is decoded, filled by later fetches, and encoded into the response. Its fields stand in the response's order
under the response's keys; a field that is ``UNSET`` is not encoded, so that hidden fields are unset before the end.

What is refused here is what projection would have an opinion on: a null where none may be, a leaf of another type, a
hidden enum value, an object of another type name, a key that nobody asked for.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec
from graphql import GraphQLNamedType, is_enum_type

from router.executor.compiled.layout import Part, Place, Slot

Annotation = Any
"""A type for msgspec, put together at run time."""

_INT = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
_SCALARS: dict[str, Annotation] = {"Int": _INT, "Float": float | int, "String": str, "Boolean": bool, "ID": str}
_ANY_VALUE = bool | int | float | str | list[Any] | dict[str, Any]


class StructTypes:
    """The struct types of one layout, made when they are first wanted."""

    def __init__(self, *, strict_leaves: bool) -> None:
        self._strict_leaves = strict_leaves
        self._places: dict[int, type[msgspec.Struct]] = {}

    def of_root(self, place: Place) -> type[msgspec.Struct]:
        """The response's root, which is created empty and filled by each root fetch."""
        return _define("Root", [_unset_or_constant(slot) for slot in place.slots.values()], place.slots.values())

    def of_place(self, place: Place) -> type[msgspec.Struct]:
        """The objects of a place as its creator answers them."""
        found = self._places.get(id(place))
        if found is None:
            fields = [
                (slot.attribute, self._annotation(slot)) if slot.owner == place.creator else _unset_or_constant(slot)
                for slot in place.slots.values()
            ]
            found = self._places[id(place)] = _define(place.type_name, fields, place.slots.values())
        return found

    def of_part(self, part: Part) -> tuple[Annotation, ...]:
        """What the slots and then the checks of a part are decoded as; equal for places that can share an answer."""
        return (
            *(self._annotation(slot) for slot in part.slots),
            *(Literal[part.place.type_name] for _ in part.checks),
        )

    def of_entity(self, part: Part) -> type[msgspec.Struct]:
        """What a fetch answers for one object of ``part``: attributes ``e0``, ``e1``, … for its slots, then checks."""
        keys = [*(slot.key for slot in part.slots), *part.checks]
        fields = [(f"e{index}", annotation) for index, annotation in enumerate(self.of_part(part))]
        rename = {f"e{index}": key for index, key in enumerate(keys)}
        return msgspec.defstruct(
            part.place.type_name, fields, rename=rename, kw_only=True, gc=False, forbid_unknown_fields=True
        )

    def of_answer(self, data: type[msgspec.Struct]) -> type[msgspec.Struct]:
        """A whole response of a subgraph: with errors it is for the interpreter."""
        return msgspec.defstruct("Answer", [("data", data), ("errors", None, None)], gc=False)

    def of_entities(
        self, calls: list[tuple[str, str, type[msgspec.Struct]]], *, is_whole: bool
    ) -> type[msgspec.Struct]:
        """The data of an entity fetch: (attribute, alias, entity) for each list; a null entity is refused."""
        fields = [(attribute, _list_of(entity)) for attribute, _, entity in calls]
        return msgspec.defstruct(
            "Entities",
            fields,
            rename={attribute: alias for attribute, alias, _ in calls},
            gc=False,
            forbid_unknown_fields=is_whole,
        )

    def _annotation(self, slot: Slot) -> Annotation:
        annotation: Annotation
        if slot.constant is not None:
            annotation = Literal[slot.constant]
        elif slot.place is not None:
            annotation = self.of_place(slot.place)
        else:
            annotation = self._leaf(slot)
        for nullable in reversed(slot.nullable[1:]):
            annotation = _list_of(annotation | None if nullable else annotation)
        return annotation | None if slot.nullable[0] else annotation

    def _leaf(self, slot: Slot) -> Annotation:
        leaf = slot.leaf
        assert leaf is not None
        if slot.is_visible and not self._strict_leaves:
            return _ANY_VALUE
        if is_enum_type(leaf):
            return Literal[tuple(sorted(leaf.values))] if slot.is_visible else str
        return _SCALARS.get(leaf.name, _ANY_VALUE)


def is_exact(leaf: GraphQLNamedType) -> bool:
    """Whether equal values of a leaf's type have equal JSON: not so where ``1`` and ``1.0`` may meet."""
    return is_enum_type(leaf) or (leaf.name in _SCALARS and leaf.name != "Float")


def _list_of(element: Annotation) -> Annotation:
    return list[element]


def _unset_or_constant(slot: Slot) -> tuple[str, Annotation, object]:
    if slot.constant is not None and slot.is_visible:
        return slot.attribute, Literal[slot.constant], slot.constant
    if slot.is_absent:
        return slot.attribute, None, None
    return slot.attribute, msgspec.UnsetType, msgspec.UNSET


def _define(name: str, fields: list[Annotation], slots: Iterable[Slot]) -> type[msgspec.Struct]:
    rename = {slot.attribute: slot.key for slot in slots}
    return msgspec.defstruct(name, fields, rename=rename, kw_only=True, gc=False, forbid_unknown_fields=True)
