"""Argument values and directives as canonical GraphQL text on one line."""

from collections.abc import Iterable, Iterator

from graphql import (
    ArgumentNode,
    DirectiveNode,
    ListValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    print_ast,
)

STRIPPED_DIRECTIVES = frozenset({"skip", "include", "defer"})
"""Directives that normalisation uses up. Unless the client takes deferred parts (``with_deferred_parts``), a
``@defer`` is just taken out: the part is delivered with the rest, which the directive allows.
https://github.com/graphql/defer-stream-wg"""


def print_value(node: ValueNode) -> str:
    """``node`` as text; equal values that differ in layout or string style print alike."""
    match node:
        case VariableNode(name=name):
            return f"${name.value}"
        case ListValueNode(values=values):
            return "[" + ", ".join(map(print_value, values)) + "]"
        case ObjectValueNode(fields=fields):
            return "{" + ", ".join(f"{field.name.value}: {print_value(field.value)}" for field in fields) + "}"
        case StringValueNode(value=text):
            return print_text(text)
        case _:
            return print_ast(node)


def print_text(text: str) -> str:
    """A string in quotes, on one line."""
    return print_ast(StringValueNode(value=text, block=False))


def print_arguments(nodes: Iterable[ArgumentNode]) -> tuple[tuple[str, str], ...]:
    """Pairs of name and printed value, sorted by name."""
    return tuple(sorted((node.name.value, print_value(node.value)) for node in nodes))


def print_directives(nodes: Iterable[DirectiveNode]) -> str:
    """The directives that are passed on, as they would be written behind a field."""
    return " ".join(_print_directive(node) for node in nodes if node.name.value not in STRIPPED_DIRECTIVES)


def join_arguments(arguments: Iterable[tuple[str, str]]) -> str:
    """``(a: 1, b: $c)``, or nothing if there are none."""
    text = ", ".join(f"{name}: {value}" for name, value in arguments)
    return f"({text})" if text else ""


def used_variables(arguments: Iterable[ArgumentNode], directives: Iterable[DirectiveNode]) -> frozenset[str]:
    """The variables in ``arguments`` and in the directives that are passed on."""
    values = [node.value for node in arguments]
    for directive in directives:
        if directive.name.value not in STRIPPED_DIRECTIVES:
            values.extend(node.value for node in directive.arguments or ())
    return frozenset(name for value in values for name in _variables(value))


def _print_directive(node: DirectiveNode) -> str:
    return f"@{node.name.value}{join_arguments(print_arguments(node.arguments or ()))}"


def _variables(value: ValueNode) -> Iterator[str]:
    match value:
        case VariableNode(name=name):
            yield name.value
        case ListValueNode(values=values):
            for item in values:
                yield from _variables(item)
        case ObjectValueNode(fields=fields):
            for field in fields:
                yield from _variables(field.value)
        case _:
            pass
