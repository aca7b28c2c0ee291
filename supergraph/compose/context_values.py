"""Contexts: which types set them, and what contextual arguments select on those."""

import re
from collections.abc import Iterator

from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.sdl.field_set import FieldSet, FieldSetError, parse_field_set
from supergraph.sdl.model import Field, Schema, TypeDef

_VALUE = re.compile(r"\A[\s,]*\$([_A-Za-z]\w*)(.*)\Z", re.DOTALL)


def read_context_value(text: str) -> tuple[str | None, str]:
    """Take ``@fromContext(field: "$name selection")`` apart.

    Returns the context's name without ``$`` (``None`` if there is none) and the selection as written.
    """
    match = _VALUE.match(text)
    if match is None:
        return None, text
    return match[1], match[2]


def context_setters(subgraph: LoadedSubgraph) -> dict[str, list[TypeDef]]:
    """The types that set each context of a subgraph."""
    setters: dict[str, list[TypeDef]] = {}
    for type_def in subgraph.schema.types.values():
        for applied in subgraph.applications(type_def, "context"):
            setters.setdefault(applied.text("name") or "", []).append(type_def)
    return setters


def context_selections(subgraph: LoadedSubgraph) -> Iterator[tuple[Field, str, FieldSet]]:
    """For each field with contextual arguments, each type that sets the context, and what is selected on it."""
    setters = context_setters(subgraph)
    if not setters:
        return
    for type_def in subgraph.schema.types.values():
        for field in type_def.fields.values():
            for argument in field.arguments.values():
                for applied in subgraph.applications(argument, "fromContext"):
                    context, selection = read_context_value(applied.text("field") or "")
                    for setter in setters.get(context or "", ()):
                        yield field, setter.name, _selected_on(subgraph.schema, setter, selection)


def _selected_on(schema: Schema, setter: TypeDef, selection: str) -> FieldSet:
    """The part of a selection that a type can fit; nothing if it does not parse, which validation reports."""
    try:
        selected = parse_field_set(selection)
    except FieldSetError:
        return ()
    possible = set(schema.runtime_types(setter.name))
    return tuple(
        item
        for item in selected
        if not item.is_fragment or possible & set(schema.runtime_types(item.condition or setter.name))
    )
