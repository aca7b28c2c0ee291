"""Operation text: what is sent to a subgraph, without insignificant white space."""

import re
from collections.abc import Iterable, Mapping, Sequence

from supergraph.operation.model import Conditions, VariableDefinition
from supergraph.planner.drafts import Draft, DraftCast, DraftField, DraftSelection, variables_of

_NOT_A_WORD = re.compile(r"\W")


def selection_text(selection: DraftSelection) -> str:
    """The selection in braces, written out; the type name, if asked, comes first."""
    parts = ["__typename"] if selection.typename or not selection.items else []
    parts += (guarded(_item_text(item), item.conditions) for item in selection.items.values())
    return "{" + " ".join(parts) + "}"


def _item_text(item: DraftField | DraftCast) -> tuple[str, str]:
    """What stands before the directives of an item, and what behind."""
    if isinstance(item, DraftCast):
        return cast_head(item), selection_text(item.below)
    return field_head(item), "" if item.below is None else selection_text(item.below)


def cast_head(cast: DraftCast) -> str:
    """What stands before the selection of a type condition, but for ``@skip`` and ``@include``."""
    return f"...on {cast.type}" if cast.type else "..."


def field_head(field: DraftField) -> str:
    """What stands before the selection of a field, but for ``@skip`` and ``@include``."""
    alias = "" if field.key == field.name else f"{field.key}:"
    arguments = ",".join(f"{name}:{value}" for name, value in field.arguments)
    head = f"{alias}{field.name}({arguments})" if arguments else alias + field.name
    return head + field.directives


def guarded(item: tuple[str, str], conditions: Conditions) -> str:
    """The item, head and tail, under its conditions.

    One place can have each directive once, so further ones stand around it.
    """
    own: dict[bool, str] = {}
    around = []
    for condition in conditions:
        text = f"@{'include' if condition.wanted else 'skip'}(if:${condition.variable})"
        if condition.wanted in own:
            around.append(text)
        else:
            own[condition.wanted] = text
    head, tail = item
    text = head + "".join(own.values()) + tail
    for directive in around:
        text = f"...{directive}{{{text}}}"
    return text


def operation_name(client_name: str | None, subgraph: str, index: int) -> str | None:
    """The name of a request, if the client's operation has one: ``Name__subgraph__index``."""
    if client_name is None:
        return None
    return f"{client_name}__{_NOT_A_WORD.sub('_', subgraph)}__{index}"


def used_variables(drafts: Iterable[Draft], declared: Sequence[VariableDefinition]) -> tuple[str, ...]:
    """The client's variables that the requests use, in the order of their declaration."""
    used = set[str]().union(*(variables_of(draft.selection) for draft in drafts))
    return tuple(variable.name for variable in declared if variable.name in used)


def operation_text(
    kind: str,
    name: str | None,
    definitions: Sequence[str],
    selections: Mapping[str, str] | str,
    fragments: Iterable[str] = (),
) -> str:
    """The whole operation.

    Args:
        kind: ``query``, ``mutation`` or ``subscription``.
        name: Its name, if it has one.
        definitions: Variable definitions.
        selections: The selection in braces, or for entity requests the selection of each ``_entities`` field by the
            text that stands before it (alias, name and arguments).
        fragments: Definitions of the fragments that the selections spread.
    """
    body = selections if isinstance(selections, str) else "{" + " ".join(map("".join, selections.items())) + "}"
    if kind == "query" and not name and not definitions:
        return "".join((body, *fragments))
    variables = f"({','.join(definitions)})" if definitions else ""
    return f"{kind}{' ' + name if name else ''}{variables}{''.join((body, *fragments))}"


def definition_text(variable: VariableDefinition) -> str:
    """``$name:Type=default``."""
    default = f"={variable.default}" if variable.default is not None else ""
    return f"${variable.name}:{variable.type}{default}"
