"""Struct types for answers: msgspec decodes into them, and so checks what it decodes, in C.

    layout ──▶ structs ──▶ decoders, and the types of the response
               ▲ you are here

A struct is decoded, filled by later fetches, and encoded into the response. Its fields stand in the response's order
under the response's keys; a field that is ``UNSET`` is not encoded, so that hidden fields are unset before the end.
Where answers have other keys than the response, or type names that are not asked for, there are two types of the same
attributes, and an object's class is changed before it is encoded.

What is refused here is what projection would have an opinion on: a null where none may be, a leaf of another type, a
hidden enum value, an object of another type name, a key that nobody asked for.
"""

import functools
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from graphql import GraphQLNamedType, is_enum_type

from router.executor.compiled.places import TYPE_NAME, Part, Place, Slot, Target

Annotation = Any
"""A type for msgspec, put together at run time."""

StructType = type[msgspec.Struct]

_INT = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
_SCALARS: dict[str, Annotation] = {"Int": _INT, "Float": float | int, "String": str, "Boolean": bool, "ID": str}
_ANY_VALUE = bool | int | float | str | list[Any] | dict[str, Any]


_OTHER = msgspec.defstruct("Other", [], tag_field=TYPE_NAME, tag="!", forbid_unknown_fields=True)
"""No type has this name."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a struct type; ``default`` is the annotation's only value where an answer must not have the key."""

    attribute: str
    name: str
    annotation: Annotation
    default: object = msgspec.NODEFAULT


@dataclass(frozen=True, slots=True, eq=False)
class EntityType:
    """What a fetch answers for one object, as one path needs it.

    Attributes:
        attributes: By key.
        optional: Keys that not every type has, and that are ``UNSET`` there.
        raw: Keys whose values are decoded differently for different types, and stay bytes until the type is known.
    """

    struct: StructType
    attributes: Mapping[str, str]
    optional: frozenset[str]
    raw: frozenset[str]


class StructTypes:
    """The struct types of one layout, made when they are first wanted; equal ones are one."""

    def __init__(self, *, strict_leaves: bool) -> None:
        self._strict_leaves = strict_leaves
        self._decoded: dict[int, StructType] = {}
        self._made: dict[object, StructType] = {}

    def of_root(self, place: Place) -> StructType:
        """The response's root, which is created empty and filled by each root fetch."""
        fields = (_default_field(slot, _response_name(slot)) for slot in place.slots)
        return self._define("Root", fields)

    def decoded(self, place: Place, *, is_tagged: bool) -> StructType:
        """The objects of a place as its creator answers them."""
        found = self._decoded.get(id(place))
        if found is None:
            name = _name if is_converted(place, is_tagged=is_tagged) else _response_name
            fields = [
                _Field(slot.attribute, slot.key, self.annotation(slot))
                if place.is_own(slot)
                else _default_field(slot, name(slot))
                for slot in place.slots
                if not (is_tagged and slot.constant is not None and name(slot) == TYPE_NAME)
            ]
            found = self._define(place.type_name, fields, tag=place.type_name if is_tagged else None)
            self._decoded[id(place)] = found
        return found

    def encoded(self, place: Place) -> StructType:
        """The objects of a place as clients get them, with the attributes of what is decoded."""
        return self._define(place.type_name, (_default_field(slot, _response_name(slot)) for slot in place.slots))

    def of_entity(self, target: Target, all_parts: Iterable[Part]) -> EntityType:
        """What answers to ``all_parts`` are, decoded for the objects of ``target``."""
        parts = tuple(all_parts)
        keys = tuple(dict.fromkeys(key for part in parts for key in part.keys))
        optional = frozenset(key for key in keys if not all(key in part.keys for part in parts))
        attributes = {key: f"e{index}" for index, key in enumerate(keys)}
        raw: set[str] = set()
        fields = []
        for key in keys:
            found = self._annotations(key, target, parts)
            annotation = found[0] if len(found) == 1 else msgspec.Raw
            if len(found) > 1:
                raw.add(key)
            if key in optional:
                fields.append(_Field(attributes[key], key, annotation | msgspec.UnsetType, msgspec.UNSET))
            else:
                fields.append(_Field(attributes[key], key, annotation))
        return EntityType(self._define("Entity", fields), attributes, optional, frozenset(raw))

    def of_data(self, entries: Iterable[tuple[str, str, StructType]], *, is_whole: bool) -> StructType:
        """The data of an entity fetch: (attribute, alias, entity) for each list."""
        fields = (_Field(attribute, alias, _list_of(entity | None)) for attribute, alias, entity in entries)
        return self._define("Data", fields, forbids_unknown=is_whole)

    def of_answer(self, data: StructType) -> StructType:
        """A whole response of a subgraph: with errors it is for the interpreter."""
        return msgspec.defstruct("Answer", [("data", data), ("errors", None, None)], gc=False)

    def annotation(self, slot: Slot) -> Annotation:
        """What the value of a slot is decoded as."""
        annotation: Annotation
        if slot.constant is not None:
            annotation = Literal[slot.constant]
        elif slot.leaf is not None:
            annotation = self._leaf(slot, slot.leaf)
        else:
            structs = [self.decoded(place, is_tagged=slot.is_tagged) for place in slot.places]
            if slot.is_tagged and len(structs) == 1:
                structs.append(_OTHER)  # of one type, msgspec would not miss the tag
            annotation = functools.reduce(operator.or_, structs)
        for nullable in reversed(slot.nullable[1:]):
            annotation = _list_of(annotation | None if nullable else annotation)
        return annotation | None if slot.nullable[0] else annotation

    def _leaf(self, slot: Slot, leaf: GraphQLNamedType) -> Annotation:
        is_visible = slot.response_key is not None
        if is_visible and not self._strict_leaves:
            return _ANY_VALUE
        if is_enum_type(leaf):
            return Literal[tuple(sorted(leaf.values))] if is_visible else str
        return _SCALARS.get(leaf.name, _ANY_VALUE)

    def _annotations(self, key: str, target: Target, parts: Iterable[Part]) -> list[Annotation]:
        """What a key is decoded as at the places of ``target``; nothing if it is asked for other places only."""
        checked = [part for part in parts if key in part.checks]
        # A subgraph may call its root types as it likes, and only what represents entities has a template.
        if any(part.template is None for part in checked):
            return [_ANY_VALUE | None]
        if checked:
            return [Literal[tuple(sorted({name for part in checked for name in part.names}))]]
        slots = (slot for part in target.parts for slot in part.slots if slot.key == key)
        return list(dict.fromkeys(map(self.annotation, slots)))

    def _define(
        self, name: str, fields: Iterable[_Field], *, tag: str | None = None, forbids_unknown: bool = True
    ) -> StructType:
        listed = tuple(fields)
        key = (name, listed, tag, forbids_unknown)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = msgspec.defstruct(
                name,
                [
                    (field.attribute, field.annotation)
                    if field.default is msgspec.NODEFAULT
                    else (field.attribute, field.annotation, field.default)
                    for field in listed
                ],
                rename={field.attribute: field.name for field in listed},
                tag_field=None if tag is None else TYPE_NAME,
                tag=tag,
                kw_only=True,
                gc=False,
                forbid_unknown_fields=forbids_unknown,
            )
        return made


def is_exact(leaf: GraphQLNamedType) -> bool:
    """Whether equal values of a leaf's type have equal JSON: not so where ``1`` and ``1.0`` may meet."""
    return is_enum_type(leaf) or (leaf.name in _SCALARS and leaf.name != "Float")


def is_converted(place: Place, *, is_tagged: bool) -> bool:
    """Whether objects change their class between answer and response."""
    visible = [slot for slot in place.slots if slot.response_key is not None]
    if any(slot.key != slot.response_key and not slot.is_absent for slot in visible):
        return True
    # A tag is encoded first, and under its own name.
    return is_tagged and not (visible and visible[0].constant is not None and visible[0].key == TYPE_NAME)


def _name(slot: Slot) -> str:
    """The name of a field in what is decoded and will be converted."""
    return f"!{slot.attribute}" if slot.constant is not None or slot.is_absent else slot.key


def _response_name(slot: Slot) -> str:
    return f"!{slot.attribute}" if slot.response_key is None else slot.response_key


def _default_field(slot: Slot, name: str) -> _Field:
    if slot.constant is not None and slot.response_key is not None:
        return _Field(slot.attribute, name, Literal[slot.constant], slot.constant)
    if slot.is_absent:
        return _Field(slot.attribute, name, None, None)
    return _Field(slot.attribute, name, msgspec.UnsetType, msgspec.UNSET)


def _list_of(element: Annotation) -> Annotation:
    return list[element]
