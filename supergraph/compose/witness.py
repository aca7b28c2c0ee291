"""The smallest operation that leads to a field: the witness in the message of a satisfiability error."""

from dataclasses import dataclass

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

_SAMPLES = {"Int": "0", "Float": "3.14", "Boolean": "true", "String": '"A string value"', "ID": '"<any id>"'}


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Steps from a root, the last one first: a field, or a cast if ``field`` is ``None``."""

    parent: "Path | None"
    type: str
    field: str | None = None

    def steps(self) -> "list[Path]":
        """The steps in the order of the operation, the root included."""
        found: list[Path] = []
        step: Path | None = self
        while step is not None:
            found.append(step)
            step = step.parent
        return found[::-1]


def witness(schema: GraphQLSchema, path: Path, last: str | None) -> str:
    """The operation that follows ``path`` and then selects field ``last`` (or casts, if the path ends in a cast)."""
    root, *steps = path.steps()
    lines = [root.type.lower() + " {"]
    parent = root.type
    for step in steps:
        indent = "  " * len(lines)
        if step.field is None:
            lines.append(f"{indent}... on {step.type} {{")
        else:
            lines.append(f"{indent}{step.field}{_arguments(schema, parent, step.field)} {{")
        parent = step.type
    indent = "  " * len(lines)
    closing = ["  " * depth + "}" for depth in range(len(lines) - 1, -1, -1)]
    lines += _last_lines(schema, parent, last, indent)
    return "\n".join(lines + closing)


def _last_lines(schema: GraphQLSchema, parent: str, last: str | None, indent: str) -> list[str]:
    if last is None:
        return [f"{indent}..."]
    field = _field(schema, parent, last)
    head = f"{indent}{last}{_arguments(schema, parent, last)}"
    if field is not None and is_composite_type(get_named_type(field.type)):
        return [f"{head} {{", f"{indent}  ...", f"{indent}}}"]
    return [head]


def _field(schema: GraphQLSchema, parent: str, name: str) -> GraphQLField | None:
    fields: dict[str, GraphQLField] = getattr(schema.type_map.get(parent), "fields", {})
    return fields.get(name)


def _arguments(schema: GraphQLSchema, parent: str, name: str) -> str:
    field = _field(schema, parent, name)
    if field is None:
        return ""
    given = [f"{key}: {_sample(arg.type, 0)}" for key, arg in field.args.items() if is_required_argument(arg)]
    return f"({', '.join(given)})" if given else ""


def _sample(type_: GraphQLInputType, depth: int) -> str:
    if isinstance(type_, GraphQLNonNull):
        return _sample(type_.of_type, depth)
    if isinstance(type_, GraphQLList):
        return "[]"
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values), "null")
    if isinstance(type_, GraphQLInputObjectType):
        required = {name: field for name, field in type_.fields.items() if is_required_input_field(field)}
        if depth > 5:
            return "{...}"
        return "{" + ", ".join(f"{name}: {_sample(field.type, depth + 1)}" for name, field in required.items()) + "}"
    return _SAMPLES.get(str(type_), '"<any value>"')
