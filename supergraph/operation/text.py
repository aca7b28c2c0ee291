"""The normalised operation as GraphQL text.

Operations of equal text are answered by the same plan. The name is left out: it goes into the hash besides the text.
"""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import zip_longest

from graphql import FragmentDefinitionNode, OperationDefinitionNode, print_ast

from supergraph.operation.model import Cast, Conditions, Field, SelectionSet, VariableDefinition
from supergraph.operation.normalise import is_partly_local
from supergraph.operation.values import join_arguments, print_directives, print_text


def print_operation(
    definition: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Iterable[VariableDefinition],
    selection: SelectionSet,
) -> str:
    """The text of an operation.

    Where the client introspects, what it wrote is added behind, because the tree does not hold it.
    """
    declared = ", ".join(map(_print_variable, variables))
    head = f"{definition.operation.value}({declared})" if declared else definition.operation.value
    directives = print_directives(definition.directives or ())
    text = " ".join(part for part in (head, directives, print_selection(selection)) if part)
    if is_partly_local(selection):
        written = [print_ast(node) for node in (definition, *fragments.values())]
        text = "\n".join((text, *(f"# {line}" for part in written for line in part.splitlines())))
    return text


def operation_key(name: str | None, text: str) -> str:
    """The hash of an operation's name and normalised text."""
    return hashlib.sha256(f"{name or ''}\0{text}".encode()).hexdigest()


def print_selection(selection: SelectionSet) -> str:
    """``{ a b: c(d: 1) @include(if: $e) { ... on T { f } } }``."""
    parts: list[str] = []
    _write(selection, parts)
    return " ".join(parts)


def print_conditions(conditions: Conditions) -> str:
    """The conditions as directives; for at most one ``@include`` and one ``@skip``."""
    return " ".join(f"@{'include' if c.wanted else 'skip'}(if: ${c.variable})" for c in conditions)


def split_conditions(conditions: Conditions) -> tuple[Conditions, ...]:
    """Parts that each fit on one selection: a directive may stand there only once, so the others go around it.

    https://spec.graphql.org/September2025/#sec-Directives-Are-Unique-per-Location
    """
    wanted = [condition for condition in conditions if condition.wanted]
    unwanted = [condition for condition in conditions if not condition.wanted]
    pairs = zip_longest(wanted, unwanted)
    return tuple(tuple(condition for condition in pair if condition is not None) for pair in pairs)


def _write(selection: SelectionSet, parts: list[str]) -> None:
    # One frame per level and nothing lazy: operations may nest 200 levels.
    parts.append("{")
    for unit in selection.units:
        *around, own = split_conditions(unit.conditions) or (unit.conditions,)
        parts.extend(f"... {print_conditions(conditions)} {{" for conditions in around)
        parts.append(f"... on {unit.type}" if isinstance(unit, Cast) else _print_field(unit))
        if own:
            parts.append(print_conditions(own))
        if unit.selection is not None:
            _write(unit.selection, parts)
        parts.extend("}" for _ in around)
    for part in selection.deferred:
        label = "" if part.block.label is None else f"(label: {print_text(part.block.label)})"
        guards = split_conditions(part.conditions)
        parts.extend(f"... {print_conditions(conditions)} {{" for conditions in guards)
        parts.append(f"... @defer{label}")
        _write(part.selection, parts)
        parts.extend("}" for _ in guards)
    parts.append("}")


def _print_field(field: Field) -> str:
    """The field up to its conditions."""
    key = "__hidden" if field.hidden else field.response_key
    alias = "" if key == field.name else f"{key}: "
    directives = f" {field.directives}" if field.directives else ""
    return f"{alias}{field.name}{join_arguments(field.arguments)}{directives}"


def _print_variable(variable: VariableDefinition) -> str:
    default = f" = {variable.default}" if variable.default is not None else ""
    return f"${variable.name}: {variable.type}{default}"
