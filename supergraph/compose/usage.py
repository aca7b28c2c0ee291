"""What a subgraph's federation directives say about its fields: keys, external, provided, used, shareable.

All of it is computed once for a subgraph, as sets of field coordinates.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import BooleanValueNode

from supergraph.compose.context_values import context_selections
from supergraph.compose.field_sets import selected_fields
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.sdl.field_set import FieldSet, FieldSetError, parse_field_set
from supergraph.sdl.model import INTERFACE, OBJECT, Applied, Field, TypeDef
from supergraph.sdl.types import base_name


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """One ``@key`` of a type.

    Attributes:
        text: The field set as the user wrote it.
        selected: The parsed set; empty if it does not parse, which validation reports.
        extension: It is declared on an extension of the type.
    """

    text: str
    selected: FieldSet
    resolvable: bool
    extension: bool
    applied: Applied


class Usage:
    """Facts about the fields of one subgraph; a field is named by its coordinate."""

    __slots__ = ("external", "keys", "provided", "shareable", "subgraph", "used")

    def __init__(self, subgraph: LoadedSubgraph) -> None:
        self.subgraph = subgraph
        self.keys: dict[str, tuple[Key, ...]] = {
            type_def.name: tuple(_keys_of(subgraph, type_def)) for type_def in subgraph.schema.types.values()
        }
        self.external = frozenset(self._external())
        self.provided = frozenset(self._in_provides())
        self.used = frozenset(self._used())
        self.shareable = frozenset(self._shareable())

    def is_external(self, field: Field) -> bool:
        """Is the field external and not only called so by federation 1 habit?"""
        return field.coordinate in self.external

    def is_fully_external(self, field: Field) -> bool:
        """Is the field external on every path?"""
        return field.coordinate in self.external and field.coordinate not in self.provided

    def is_interface_object(self, type_def: TypeDef) -> bool:
        """Does the type stand for an interface?"""
        return type_def.kind == OBJECT and self.subgraph.has(type_def, "interfaceObject")

    def key_fields(self) -> frozenset[str]:
        """Every field that is part of a key, nested ones included."""
        schema = self.subgraph.schema
        return frozenset(
            field.coordinate
            for name, keys in self.keys.items()
            for key in keys
            for field in selected_fields(schema, name, key.selected, implementations=True)
        )

    def _external(self) -> Iterator[str]:
        fake = set(self._fake_external())
        subgraph = self.subgraph
        for type_def in subgraph.schema.types.values():
            whole_type = type_def.kind == OBJECT and subgraph.has(type_def, "external")
            for field in type_def.fields.values():
                if (whole_type or subgraph.has(field, "external")) and field.coordinate not in fake:
                    yield field.coordinate

    def _fake_external(self) -> Iterator[str]:
        """Key fields of an extended type: its keys could not be written without ``@external`` once."""
        subgraph = self.subgraph
        for name, keys in self.keys.items():
            for key in keys:
                if key.extension and subgraph.schema.types[name].kind == OBJECT:
                    for field in selected_fields(subgraph.schema, name, key.selected):
                        if subgraph.has(field, "external"):
                            yield field.coordinate

    def _in_provides(self) -> Iterator[str]:
        for field, selected in self.field_sets("provides"):
            parent = base_name(field.type)
            for provided in selected_fields(self.subgraph.schema, parent, selected, implementations=True):
                yield provided.coordinate

    def field_sets(self, directive: str) -> Iterator[tuple[Field, FieldSet]]:
        """Every field with ``@requires`` or ``@provides`` and the parsed set; sets that do not parse are left out."""
        subgraph = self.subgraph
        for type_def in subgraph.schema.types.values():
            for field in type_def.fields.values():
                for applied in subgraph.applications(field, directive):
                    selected = _parse_or_nothing(applied.text("fields"))
                    if selected:
                        yield field, selected

    def _used(self) -> Iterator[str]:
        """Fields that a key, a requires, a provides, a context or an interface of the subgraph needs."""
        schema = self.subgraph.schema
        for name, keys in self.keys.items():
            for key in keys:
                for field in selected_fields(schema, name, key.selected, implementations=True):
                    yield field.coordinate
        for owner, selected in self.field_sets("requires"):
            for field in selected_fields(schema, owner.parent, selected, implementations=True):
                yield field.coordinate
        yield from self.provided
        yield from self._in_contexts()
        for type_def in schema.types.values():
            for interface in type_def.interfaces:
                inherited = schema.types.get(interface)
                for name in inherited.fields if inherited else ():
                    yield f"{type_def.name}.{name}"

    def _in_contexts(self) -> Iterator[str]:
        for _, setter, selected in context_selections(self.subgraph):
            for field in selected_fields(self.subgraph.schema, setter, selected, implementations=True):
                yield field.coordinate

    def _shareable(self) -> Iterator[str]:
        subgraph = self.subgraph
        for type_def in subgraph.schema.types.values():
            if type_def.kind != OBJECT:
                continue
            declarations = {applied.declaration for applied in subgraph.applications(type_def, "shareable")}
            for field in type_def.fields.values():
                if field.declaration in declarations or subgraph.has(field, "shareable"):
                    yield field.coordinate
        for name, keys in self.keys.items():
            for key in keys:
                for field in selected_fields(subgraph.schema, name, key.selected, implementations=True):
                    yield field.coordinate
        yield from self.external & self.provided


def _keys_of(subgraph: LoadedSubgraph, type_def: TypeDef) -> Iterator[Key]:
    if type_def.kind not in (OBJECT, INTERFACE):
        return
    extends = subgraph.has(type_def, "extends")
    for applied in subgraph.applications(type_def, "key"):
        text = applied.text("fields")
        if text is None:
            continue
        resolvable = applied.arguments.get("resolvable")
        is_off = isinstance(resolvable, BooleanValueNode) and not resolvable.value
        extension = extends or applied.declaration > 0
        yield Key(text, _parse_or_nothing(text), not is_off, extension, applied)


def _parse_or_nothing(text: str | None) -> FieldSet:
    try:
        return parse_field_set(text) if text else ()
    except FieldSetError:
        return ()
