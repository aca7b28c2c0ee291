"""The expressions that build one representation, and those that tell it from others.

    layout ──▶ representing ──▶ collecting
               ▲ you are here

What the interpreter would not represent is a reason to give up: a null where none may be sent has made its own place
null, and the usual case has no such places.
"""

from collections.abc import Sequence

from graphql import GraphQLNamedType, is_enum_type

from router.executor.compiled.layout import choose_template
from router.executor.compiled.places import NotCompilableError, Place, Slot
from router.executor.compiled.source import Lines, Source
from router.executor.compiled.structs import is_exact
from supergraph.plan import InputField, InputObject

Entries = Sequence[tuple[str, str]]
"""Names of fields with expressions for their values."""


class Representing:
    """Writes representations into one source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._nested: dict[tuple[int, int], str] = {}

    def entries(self, variable: str, place: Place, template: InputObject) -> Entries:
        """The fields of the representation of the object in ``variable``."""
        entries = []
        for field in template.fields:
            slot = stored(place, field)
            value = f"{variable}.{slot.attribute}"
            entries.append((field.name, self._value(value, slot, field, len(slot.nullable) - 1)))
        return entries

    def _value(self, value: str, slot: Slot, field: InputField, lists: int) -> str:
        if not field.selection:
            return value
        if lists:
            inner = self._value("each", slot, field, lists - 1)
            return f"(None if {value} is None else [{inner} for each in {value}])"
        known = (id(slot), id(field))
        if known not in self._nested:
            self._nested[known] = self._source.function("v0", self._nested_body(slot, field))
        return f"{self._nested[known]}({value})"

    def _nested_body(self, slot: Slot, field: InputField) -> Lines:
        def write(variable: str, place: Place) -> Lines:
            template = choose_template(place, field.selection)
            if template is None:
                return []
            entries = self.entries(variable, place, template)
            return [
                *give_up_if(nulls(variable, place, template)),
                f"return {object_of(template.typename, entries)}",
            ]

        return [
            "if v0 is None:",
            " return None",
            *self._source.tell_apart(slot, "v0", write, slot.places),
            "raise GiveUpError",
        ]


def object_of(typename: str | None, entries: Entries) -> str:
    """An expression for an object."""
    shown = [] if typename is None else [("__typename", repr(typename))]
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in [*shown, *entries]) + "}"


def shape_of(template: InputObject) -> tuple[str | None, ...]:
    """What representations of equal bytes have in common: the type name and the names of the fields."""
    return (template.typename, *(field.name for field in template.fields))


def stored(place: Place, field: InputField) -> Slot:
    """Where a field of a representation comes from."""
    slot = place.by_key.get(field.store_key)
    if slot is None or bool(slot.places) is not bool(field.selection):
        raise NotCompilableError(f"{field.store_key} is not fetched as it is sent")
    return slot


def nulls(variable: str, place: Place, template: InputObject) -> list[str]:
    """Conditions under which a value is null that may not be sent so."""
    slots = (stored(place, field) for field in template.fields if not field.nullable)
    return [f"{variable}.{slot.attribute} is None" for slot in slots if slot.nullable[0]]


def give_up_if(conditions: Sequence[str]) -> Lines:
    """Gives up if one of ``conditions`` holds."""
    return [f"if {' or '.join(conditions)}:", " raise GiveUpError"] if conditions else []


def identity(variable: str, place: Place, template: InputObject) -> list[str] | None:
    """Expressions that are equal where representations have equal bytes; ``None`` if only the bytes tell."""
    told: list[str] = []
    for field in template.fields:
        slot = stored(place, field)
        value = f"{variable}.{slot.attribute}"
        if len(slot.nullable) > 1 or slot.leaf is None:
            return None
        if slot.leaf.name == "Float":
            # 1 and 1.0 are equal, and so are 0.0 and -0.0.
            told += [f"{value} or repr({value})", f"{value}.__class__"]
        elif is_exact(slot.leaf):
            told.append(value)
        else:
            return None
    return told


def is_text(slots: Sequence[Slot]) -> bool:
    """Whether there is one slot, and its values are strings, or null."""
    if len(slots) != 1:
        return False
    (slot,) = slots
    return len(slot.nullable) == 1 and slot.leaf is not None and _is_string(slot.leaf)


def _is_string(leaf: GraphQLNamedType) -> bool:
    return leaf.name in ("ID", "String") or is_enum_type(leaf)
