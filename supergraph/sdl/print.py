"""From the schema model back to SDL text, in the layout of the reference composition."""

import re
from collections.abc import Iterable

from graphql import StringValueNode, ValueNode, print_ast

from supergraph.sdl.model import Applied, Argument, DirectiveDef, Element, EnumValue, Field, Schema, TypeDef
from supergraph.sdl.values import print_value

_KEYWORDS = {"scalar": "scalar", "object": "type", "interface": "interface", "union": "union", "enum": "enum"}


def print_schema(schema: Schema) -> str:
    """The schema block, then directives by name, then types by name."""
    blocks = [_schema_block(schema)]
    blocks += [_directive_block(schema.directive_defs[name]) for name in sorted(schema.directive_defs)]
    blocks += [_type_block(schema.types[name]) for name in sorted(schema.types)]
    return "\n\n".join(blocks) + "\n"


def _schema_block(schema: Schema) -> str:
    roots = "".join(f"  {operation}: {name}\n" for operation, name in schema.roots.items())
    return f"{_description(schema, '')}schema{_own_lines(schema.applied)}\n{{\n{roots}}}"


def _directive_block(directive: DirectiveDef) -> str:
    repeatable = " repeatable" if directive.repeatable else ""
    locations = " | ".join(directive.locations)
    arguments = _arguments(directive.arguments.values())
    return f"{_description(directive, '')}directive @{directive.name}{arguments}{repeatable} on {locations}"


def _type_block(type_def: TypeDef) -> str:
    keyword = _KEYWORDS.get(type_def.kind, "input")
    interfaces = f" implements {' & '.join(type_def.interfaces)}" if type_def.interfaces else ""
    applied = _own_lines(type_def.applied)
    head = f"{_description(type_def, '')}{keyword} {type_def.name}{interfaces}{applied}"
    if type_def.kind == "scalar":
        return head
    if type_def.kind == "union":
        members = " | ".join(type_def.members)
        return f"{head}\n = {members}" if applied else f"{head} = {members}"
    if type_def.kind == "enum":
        items = [_value(value) for value in type_def.values.values()]
    else:
        items = [_field(field) for field in type_def.fields.values()]
    brace = "\n{" if applied else " {"
    return f"{head}{brace}\n" + "\n".join(items) + "\n}"


def _own_lines(applied: list[Applied]) -> str:
    return "".join(f"\n  {print_applied(application)}" for application in applied)


def _field(field: Field) -> str:
    default = _default(field.default)
    arguments = _arguments(field.arguments.values(), indent="  ")
    return f"{_description(field, '  ')}  {field.name}{arguments}: {field.type}{default}{_inline(field.applied)}"


def _value(value: EnumValue) -> str:
    return f"{_description(value, '  ')}  {value.name}{_inline(value.applied)}"


def _arguments(arguments: Iterable[Argument], indent: str = "") -> str:
    listed = list(arguments)
    if not listed:
        return ""
    texts = [f"{a.name}: {a.type}{_default(a.default)}{_inline(a.applied)}" for a in listed]
    if not any(argument.description for argument in listed):
        return f"({', '.join(texts)})"
    inner = indent + "  "
    lines = [f"{_description(a, inner)}{inner}{text}" for a, text in zip(listed, texts, strict=True)]
    return "(\n" + "\n".join(lines) + f"\n{indent})"


def _default(value: ValueNode | None) -> str:
    return f" = {print_value(value)}" if value is not None else ""


def _inline(applied: list[Applied]) -> str:
    return "".join(f" {print_applied(application)}" for application in applied)


def print_applied(applied: Applied) -> str:
    """One application, for example ``@key(fields: "id")``."""
    arguments = ", ".join(f"{name}: {print_value(value)}" for name, value in applied.arguments.items())
    return f"@{applied.name}({arguments})" if arguments else f"@{applied.name}"


def _description(element: Element, indent: str) -> str:
    if not element.description:
        return ""
    text = element.description.replace('"""', '\\"""')
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text) or text != text.strip():
        return f"{indent}{print_ast(StringValueNode(value=element.description, block=False))}\n"
    lines = [indent + line if line else "" for line in text.split("\n")]
    return f'{indent}"""\n' + "\n".join(lines) + f'\n{indent}"""\n'
