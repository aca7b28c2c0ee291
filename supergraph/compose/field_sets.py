"""The fields that a field set selects, found on a schema model. Lenient: what does not exist is passed over."""

from collections.abc import Iterator

from supergraph.sdl.field_set import FieldSet
from supergraph.sdl.model import INTERFACE, Field, Schema
from supergraph.sdl.types import base_name


def selected_fields(
    schema: Schema, parent: str, selected: FieldSet, *, implementations: bool = False
) -> Iterator[Field]:
    """Every field that ``selected`` selects on ``parent``, parents before children.

    With ``implementations``, a field selected on an interface also stands for the same field of each object type that
    implements it.
    """
    stack = [(parent, item) for item in reversed(selected)]
    while stack:
        type_name, item = stack.pop()
        if item.is_fragment:
            stack += [(item.condition or type_name, child) for child in reversed(item.children or ())]
            continue
        type_def = schema.types.get(type_name)
        field = type_def.fields.get(item.name) if type_def else None
        if field is None:
            continue
        yield field
        if implementations and type_def is not None and type_def.kind == INTERFACE:
            for implementation in schema.implementations(type_name):
                if item.name in implementation.fields:
                    yield implementation.fields[item.name]
        stack += [(base_name(field.type), child) for child in reversed(item.children or ())]
