"""Constant values: comparing them, building them, and checking them against a type."""

from typing import TYPE_CHECKING

from graphql import (
    BooleanValueNode,
    EnumValueNode,
    FloatValueNode,
    IntValueNode,
    ListValueNode,
    NameNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    print_ast,
)

from supergraph.sdl.model import ENUM, INPUT, SCALAR, Schema
from supergraph.sdl.types import ListOf, Named, NonNull, TypeRef

if TYPE_CHECKING:
    from collections.abc import Sequence

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


class EnumName(str):
    """A name that stands for an enum value, as opposed to a string."""

    __slots__ = ()


def normal_text(value: ValueNode | None) -> str:
    """A text that two values share exactly when they are equal: object keys sorted, enum and string kept apart."""
    match value:
        case None:
            return ""
        case ListValueNode(values=values):
            return "[" + ",".join(map(normal_text, values)) + "]"
        case ObjectValueNode(fields=fields):
            return "{" + ",".join(sorted(f"{f.name.value}:{normal_text(f.value)}" for f in fields)) + "}"
        case StringValueNode(value=text):
            return print_ast(StringValueNode(value=text, block=False))
        case _:
            return print_ast(value)


def print_value(value: ValueNode) -> str:
    """A value as it is printed in a supergraph: on one line, objects without inner spaces."""
    match value:
        case ListValueNode(values=values):
            return "[" + ", ".join(map(print_value, values)) + "]"
        case ObjectValueNode(fields=fields):
            return "{" + ", ".join(f"{field.name.value}: {print_value(field.value)}" for field in fields) + "}"
        case StringValueNode(value=text, block=True):
            return print_ast(StringValueNode(value=text, block=False))
        case _:
            return print_ast(value)


def coerced_text(value: ValueNode | None, type_ref: TypeRef) -> str:
    """``normal_text`` after coercion to ``type_ref``: ``1`` and ``1.0`` are one Float, a lone item is a list."""
    if isinstance(type_ref, NonNull):
        return coerced_text(value, type_ref.of)
    if isinstance(type_ref, ListOf) and value is not None and not isinstance(value, NullValueNode):
        items = value.values if isinstance(value, ListValueNode) else (value,)
        return "[" + ",".join(coerced_text(item, type_ref.of) for item in items) + "]"
    if type_ref == Named("Float") and isinstance(value, (IntValueNode, FloatValueNode)):
        return repr(float(value.value))
    if type_ref == Named("ID") and isinstance(value, IntValueNode):
        return normal_text(StringValueNode(value=value.value))
    return normal_text(value)


def to_plain(value: ValueNode | None) -> Plain:
    """The value as plain Python data."""
    match value:
        case StringValueNode(value=text):
            return text
        case IntValueNode(value=text):
            return int(text)
        case FloatValueNode(value=text):
            return float(text)
        case BooleanValueNode(value=flag):
            return flag
        case EnumValueNode(value=name):
            return EnumName(name)
        case ListValueNode(values=values):
            return [to_plain(item) for item in values]
        case ObjectValueNode(fields=fields):
            return {field.name.value: to_plain(field.value) for field in fields}
        case _:
            return None


def to_node(value: Plain | ValueNode) -> ValueNode:
    """The AST of plain data; AST nodes inside are kept."""
    match value:
        case ValueNode():
            return value
        case None:
            return NullValueNode()
        case bool():
            return BooleanValueNode(value=value)
        case int():
            return IntValueNode(value=str(value))
        case float():
            return FloatValueNode(value=repr(value))
        case EnumName():
            return EnumValueNode(value=str(value))
        case str():
            return StringValueNode(value=value, block=False)
        case dict():
            fields = tuple(
                ObjectFieldNode(name=NameNode(value=key), value=to_node(item)) for key, item in value.items()
            )
            return ObjectValueNode(fields=fields)
        case _:
            return ListValueNode(values=tuple(to_node(item) for item in value))


_SCALAR_NODES: dict[str, tuple[type[ValueNode], ...]] = {
    "Int": (IntValueNode,),
    "Float": (IntValueNode, FloatValueNode),
    "String": (StringValueNode,),
    "Boolean": (BooleanValueNode,),
    "ID": (StringValueNode, IntValueNode),
}


def why_invalid(value: ValueNode, type_ref: TypeRef, schema: Schema) -> str | None:
    """Why ``value`` is not of ``type_ref``; ``None`` if it is, or if the type is unknown."""
    if isinstance(type_ref, NonNull):
        if isinstance(value, NullValueNode):
            return f"null is not a {type_ref}"
        return why_invalid(value, type_ref.of, schema)
    if isinstance(value, NullValueNode):
        return None
    if isinstance(type_ref, ListOf):
        items: Sequence[ValueNode] = value.values if isinstance(value, ListValueNode) else (value,)
        return next(filter(None, (why_invalid(item, type_ref.of, schema) for item in items)), None)
    return _why_not_named(value, type_ref.name, schema)


def _why_not_named(value: ValueNode, name: str, schema: Schema) -> str | None:
    wanted = _SCALAR_NODES.get(name)
    if wanted is not None:
        return None if isinstance(value, wanted) else f"{print_ast(value)} is not a {name}"
    type_def = schema.types.get(name)
    if type_def is None or type_def.kind == SCALAR:
        return None
    if type_def.kind == ENUM:
        # A string that names a value passes, as it does in the reference composition.
        known = isinstance(value, (EnumValueNode, StringValueNode)) and value.value in type_def.values
        return None if known else f"{print_ast(value)} is not a value of the enum {name}"
    if type_def.kind != INPUT:
        return f"{name} is not an input type"
    if not isinstance(value, ObjectValueNode):
        return f"{print_ast(value)} is not an object of {name}"
    return _why_not_input(value, name, schema)


def _why_not_input(value: ObjectValueNode, name: str, schema: Schema) -> str | None:
    fields = schema.types[name].fields
    given = {field.name.value: field.value for field in value.fields}
    for key, item in given.items():
        if key not in fields:
            return f"{name} has no field {key}"
        reason = why_invalid(item, fields[key].type, schema)
        if reason:
            return reason
    for key, field in fields.items():
        if key not in given and isinstance(field.type, NonNull) and field.default is None:
            return f"{name}.{key} is missing"
    return None
