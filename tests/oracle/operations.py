"""Random valid operations over a schema.

Made to be awkward for a planner: aliases that are the names of other fields, the same field several times, fragments,
type conditions on interfaces and unions, conditions on variables, arguments from variables with and without values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from graphql import (
    GraphQLAbstractType,
    GraphQLArgument,
    GraphQLCompositeType,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_non_null_type,
    is_required_argument,
    parse,
    validate,
)

from tests.oracle.data import Json

ALIASES = ("id", "name", "size", "sku", "no", "price", "x", "y", "__1", "calc0", "__typename")


@dataclass(frozen=True, slots=True)
class OperationCase:
    """An operation and the variables that it is run with."""

    text: str
    variables: Mapping[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class _Writer:
    """An operation being written; ``budget`` is how many fields may still be selected."""

    rng: Random
    schema: GraphQLSchema
    budget: int
    aliases: float
    definitions: dict[str, str] = field(default_factory=dict)
    values: dict[str, Json] = field(default_factory=dict)
    fragments: dict[str, str] = field(default_factory=dict)


def random_operation(rng: Random, schema: GraphQLSchema) -> OperationCase:
    """A valid operation; the richness varies, so that simple things are tested simply as well."""
    aliases = rng.choice((0.0, 0.1, 0.4))
    for _ in range(20):
        case = _write(rng, schema, aliases)
        if not validate(schema, parse(case.text)):
            return case
        # Conflicts between response keys come from aliases, and from fields that members have in common.
        aliases /= 2
    return OperationCase("{ __typename }")


def _write(rng: Random, schema: GraphQLSchema, aliases: float) -> OperationCase:
    writer = _Writer(rng, schema, rng.choice((4, 8, 16, 30, 60)), aliases)
    root = schema.query_type
    if schema.mutation_type and rng.random() < 0.3:
        root = schema.mutation_type
    assert root is not None
    body = _selection_set(writer, root, rng.randint(2, 6))
    if root is schema.query_type and rng.random() < 0.03:
        body = body[:-1] + '__type(name: "Ant") { name kind } __schema { queryType { name } } }'
    keyword = "mutation" if root is schema.mutation_type else "query"
    declared = f"({', '.join(f'${name}: {text}' for name, text in writer.definitions.items())})"
    name = " Op" if rng.random() < 0.3 else ""
    header = f"{keyword}{name}{declared if writer.definitions else ''} "
    text = "\n".join([header + body, *writer.fragments.values()])
    return OperationCase(text, writer.values)


def _selection_set(writer: _Writer, parent: GraphQLCompositeType, depth: int) -> str:
    rng = writer.rng
    parts = [_selection(writer, parent, depth) for _ in range(rng.choice((1, 2, 2, 3, 4)))]
    chosen = [part for part in parts if part]
    if not chosen:
        chosen = [_leaf(writer, parent)]
    if rng.random() < 0.1:
        chosen.append("__typename")
    if rng.random() < 0.05:
        chosen.append(rng.choice(chosen))
    return "{ " + " ".join(chosen) + " }"


def _leaf(writer: _Writer, parent: GraphQLCompositeType) -> str:
    if isinstance(parent, GraphQLUnionType):
        return "__typename"
    leaves = [name for name, child in parent.fields.items() if _is_plain_leaf(child)]
    chosen: str = writer.rng.choice([*leaves, "__typename"])
    return chosen


def _is_plain_leaf(child: GraphQLField) -> bool:
    return not is_composite_type(get_named_type(child.type)) and not any(map(is_required_argument, child.args.values()))


def _selection(writer: _Writer, parent: GraphQLCompositeType, depth: int) -> str | None:
    rng = writer.rng
    if writer.budget <= 0:
        return None
    roll = rng.random()
    if isinstance(parent, GraphQLUnionType) or (isinstance(parent, GraphQLInterfaceType) and roll < 0.35):
        return _type_condition(writer, parent, depth)
    if roll < 0.05 and depth > 0:
        return f"...{_condition(writer)} {_selection_set(writer, parent, depth - 1)}"
    if roll < 0.12 and depth > 0:
        return _fragment(writer, parent, depth)
    if isinstance(parent, GraphQLObjectType) and roll < 0.16 and parent.interfaces and depth > 0:
        return f"... on {rng.choice(parent.interfaces).name} {_selection_set(writer, parent.interfaces[0], depth - 1)}"
    return _field(writer, parent, depth)


def _type_condition(writer: _Writer, parent: GraphQLAbstractType, depth: int) -> str | None:
    if writer.rng.random() < 0.1:
        return "__typename"
    members = _narrower(writer.schema, parent)
    if not members or depth < 0:
        return "__typename"
    chosen = writer.rng.choice(members)
    return f"... on {chosen.name}{_condition(writer)} {_selection_set(writer, chosen, depth)}"


def _narrower(schema: GraphQLSchema, parent: GraphQLAbstractType) -> list[GraphQLObjectType | GraphQLInterfaceType]:
    """What can stand in a type condition on ``parent``: its object types, and the interfaces that these implement."""
    objects = schema.get_possible_types(parent)
    interfaces = [interface for each in objects for interface in each.interfaces if interface is not parent]
    return [*objects, *{each.name: each for each in interfaces}.values()]


def _fragment(writer: _Writer, parent: GraphQLCompositeType, depth: int) -> str:
    known = [name for name, text in writer.fragments.items() if f" on {parent.name} " in text.split("{")[0]]
    if known and writer.rng.random() < 0.5:
        return f"...{writer.rng.choice(known)}{_condition(writer)}"
    body = _selection_set(writer, parent, depth - 1)
    name = f"f{len(writer.fragments)}"
    writer.fragments[name] = f"fragment {name} on {parent.name} {body}"
    return f"...{name}{_condition(writer)}"


def _field(writer: _Writer, parent: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str | None:
    rng = writer.rng
    names = [
        name for name, child in parent.fields.items() if depth > 0 or not is_composite_type(get_named_type(child.type))
    ]
    if not names:
        return "__typename"
    name = rng.choice(names)
    child = parent.fields[name]
    writer.budget -= 1
    alias = f"{rng.choice(ALIASES)}: " if rng.random() < writer.aliases else ""
    head = f"{alias}{name}{_arguments(writer, child)}{_condition(writer)}"
    base = get_named_type(child.type)
    if is_composite_type(base):
        return f"{head} {_selection_set(writer, base, depth - 1)}"
    return head


def _condition(writer: _Writer) -> str:
    if writer.rng.random() > 0.08:
        return ""
    name = writer.rng.choice(("yes", "no", "maybe"))
    if name not in writer.definitions:
        writer.definitions[name] = "Boolean! = true" if name == "maybe" else "Boolean!"
        if name != "maybe" or writer.rng.random() < 0.5:
            writer.values[name] = {"yes": True, "no": False, "maybe": False}[name]
    directive = writer.rng.choice(("@include", "@skip"))
    return f" {directive}(if: {writer.rng.choice((f'${name}', f'${name}', f'${name}', 'true', 'false'))})"


def _arguments(writer: _Writer, child: GraphQLField) -> str:
    given = []
    for name, argument in child.args.items():
        if is_required_argument(argument) or writer.rng.random() < 0.7:
            value = _argument(writer, name, argument)
            if value is not None:
                given.append(f"{name}: {value}")
    return f"({', '.join(given)})" if given else ""


def _argument(writer: _Writer, name: str, argument: GraphQLArgument | GraphQLInputField) -> str:
    rng = writer.rng
    base = get_nullable_type(argument.type)
    if isinstance(base, GraphQLInputObjectType) and rng.random() < 0.5:
        parts = [f"{key}: {_argument(writer, key, base.fields[key])}" for key in ("n", "unit") if rng.random() < 0.7]
        return "{" + ", ".join(parts) + "}"
    literal, value = _literal(rng, base)
    if rng.random() > 0.4:
        return "null" if rng.random() < 0.1 and not is_non_null_type(argument.type) else literal
    variable = f"{name}_{str(argument.type).strip('!')}_{rng.randint(0, 1)}"
    if variable not in writer.definitions:
        writer.definitions[variable] = f"{base}!" if rng.random() < 0.5 else f"{base}! = {literal}"
        if "=" not in writer.definitions[variable] or rng.random() < 0.5:
            writer.values[variable] = value
    return f"${variable}"


def _literal(rng: Random, base: object) -> tuple[str, Json]:
    if isinstance(base, GraphQLEnumType):
        value = rng.choice(sorted(base.values))
        return value, value
    if isinstance(base, GraphQLScalarType) and base.name == "Int":
        number = rng.randint(0, 3)
        return str(number), number
    if isinstance(base, GraphQLInputObjectType):
        return '{n: 1, inner: {unit: "t", color: RED}}', {"n": 1, "inner": {"unit": "t", "color": "RED"}}
    text = rng.choice(("kg", "g"))
    return f'"{text}"', text
