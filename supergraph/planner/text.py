"""Operation text: what is sent to a subgraph, without insignificant white space."""

import re
from collections.abc import Iterable, Mapping, Sequence

from supergraph.operation.model import Conditions, VariableDefinition
from supergraph.planner.drafts import Draft, DraftCast, DraftSelection, variables_of

_NOT_A_WORD = re.compile(r"\W")


def selection_text(selection: DraftSelection) -> str:
    """The selection in braces; the type name, if asked, comes first."""
    parts = ["__typename"] if selection.typename or not selection.items else []
    for item in selection.items.values():
        if isinstance(item, DraftCast):
            below = selection_text(item.below)
            parts.append(f"...on {item.type}{conditions_text(item.conditions)}{below}")
            continue
        alias = "" if item.key == item.name else f"{item.key}:"
        arguments = ",".join(f"{name}:{value}" for name, value in item.arguments)
        text = f"{alias}{item.name}({arguments})" if arguments else alias + item.name
        text += item.directives + conditions_text(item.conditions)
        parts.append(text if item.below is None else text + selection_text(item.below))
    return "{" + " ".join(parts) + "}"


def conditions_text(conditions: Conditions) -> str:
    """The directives that say the same."""
    return "".join(f"@{'include' if c.wanted else 'skip'}(if:${c.variable})" for c in conditions)


def operation_name(client_name: str | None, subgraph: str, index: int) -> str | None:
    """The name of a request, if the client's operation has one: ``Name__subgraph__index``."""
    if client_name is None:
        return None
    return f"{client_name}__{_NOT_A_WORD.sub('_', subgraph)}__{index}"


def used_variables(drafts: Iterable[Draft], declared: Sequence[VariableDefinition]) -> tuple[str, ...]:
    """The client's variables that the requests use, in the order of their declaration."""
    used = {name for draft in drafts for name in variables_of(draft.selection)}
    return tuple(variable.name for variable in declared if variable.name in used)


def operation_text(kind: str, name: str | None, definitions: Sequence[str], selections: Mapping[str, str] | str) -> str:
    """The whole operation.

    Args:
        kind: ``query``, ``mutation`` or ``subscription``.
        name: Its name, if it has one.
        definitions: Variable definitions.
        selections: The selection in braces, or for entity requests the selection of each ``_entities`` field by the
            text that stands before it (alias, name and arguments).
    """
    body = selections if isinstance(selections, str) else "{" + " ".join(map("".join, selections.items())) + "}"
    if kind == "query" and not name and not definitions:
        return body
    variables = f"({','.join(definitions)})" if definitions else ""
    return f"{kind}{' ' + name if name else ''}{variables}{body}"


def definition_text(variable: VariableDefinition) -> str:
    """``$name:Type=default``."""
    default = f"={variable.default}" if variable.default is not None else ""
    return f"${variable.name}:{variable.type}{default}"
