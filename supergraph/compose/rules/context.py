"""``@context`` and ``@fromContext``: every type that sets a context must have the one value that is asked of it."""

import re
from collections.abc import Iterator

from supergraph.compose.context_values import context_setters, read_context_value
from supergraph.compose.problems import Problems
from supergraph.compose.references import is_subtype
from supergraph.compose.usage import Usage
from supergraph.sdl.field_set import FieldSet, FieldSetError, Selected, parse_field_set, walk
from supergraph.sdl.model import OBJECT, UNION, Applied, Argument, Field, Schema, TypeDef
from supergraph.sdl.types import ListOf, NonNull, TypeRef, base_name

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*\Z")
_INVALID = "CONTEXT_INVALID_SELECTION"
Finding = tuple[str, str]


def check_contexts(usage: Usage, problems: Problems) -> None:
    """Report contexts with bad names and arguments that cannot be filled from one."""
    subgraph = usage.subgraph
    setters = context_setters(subgraph)
    for type_def in subgraph.schema.types.values():
        for applied in subgraph.applications(type_def, "context"):
            name = applied.text("name") or ""
            if not _NAME.match(name):
                message = f'Context name "{name}" is invalid: it must be a letter followed by letters and digits'
                code = "CONTEXT_NAME_INVALID"
                problems.error_in(subgraph.name, code, message, applied.node, coordinate=type_def.name)
    for owner, field, argument, applied in _contextual_arguments(usage):
        for code, reason in dict.fromkeys(_findings(usage, setters, owner, field, argument, applied)):
            message = f'@{applied.name} on argument "{argument.coordinate}": {reason}'
            problems.error_in(subgraph.name, code, message, applied.node, coordinate=argument.coordinate)


def _contextual_arguments(usage: Usage) -> Iterator[tuple[TypeDef | None, Field | None, Argument, Applied]]:
    subgraph = usage.subgraph
    for directive in subgraph.schema.directive_defs.values():
        for argument in directive.arguments.values():
            for applied in subgraph.applications(argument, "fromContext"):
                yield None, None, argument, applied
    for type_def in subgraph.schema.types.values():
        for field in type_def.fields.values():
            for argument in field.arguments.values():
                for applied in subgraph.applications(argument, "fromContext"):
                    yield type_def, field, argument, applied


def _findings(
    usage: Usage,
    setters: dict[str, list[TypeDef]],
    owner: TypeDef | None,
    field: Field | None,
    argument: Argument,
    applied: Applied,
) -> Iterator[Finding]:
    schema = usage.subgraph.schema
    if owner is None or field is None:
        yield "CONTEXT_NOT_SET", "it cannot be used on an argument of a directive"
        return
    context, selection = read_context_value(applied.text("field") or "")
    if context is None or not selection.strip():
        yield "NO_CONTEXT_IN_SELECTION", 'it must name a context and select from it, as in "$context { field }"'
        return
    if owner.kind != OBJECT:
        yield "CONTEXT_NOT_SET", "it cannot be used on a field of an abstract type"
    elif any(field.name in schema.types[i].fields for i in owner.interfaces if i in schema.types):
        yield "CONTEXT_NOT_SET", "it cannot be used on a field that implements a field of an interface"
    if argument.default is not None:
        yield "CONTEXT_NOT_SET", "a contextual argument cannot have a default value"
    if context not in setters:
        yield "CONTEXT_NOT_SET", f'context "{context}" is used but never set'
        return
    yield from _check_selection(usage, setters[context], argument, selection)
    keys = usage.keys[owner.name]
    if owner.kind == OBJECT and not any(key.resolvable for key in keys):
        yield (
            "CONTEXT_NO_RESOLVABLE_KEY",
            f'type "{owner.name}" needs a resolvable key to be entered again with the value',
        )


def _check_selection(usage: Usage, setters: list[TypeDef], argument: Argument, selection: str) -> Iterator[Finding]:
    try:
        selected = parse_field_set(selection)
    except FieldSetError as error:
        yield _INVALID, f"the selection is not valid: {error}"
        return
    if any(item.alias or item.directives for item in walk(selected)):
        yield _INVALID, "aliases and directives are not allowed in the selection"
        return
    fragments = [item for item in selected if item.is_fragment]
    if fragments and len(fragments) < len(selected):
        yield _INVALID, "the selection mixes fields and fragments: it must give one value"
        return
    types = usage.subgraph.schema.types
    if any(item.condition not in types or types[item.condition].kind != OBJECT for item in fragments):
        yield _INVALID, "each fragment of the selection must have a type condition, on an object type"
        return
    matched: set[int] = set()
    for setter in setters:
        if usage.is_interface_object(setter):
            yield _INVALID, f'"{setter.name}" is an @interfaceObject, whose fields cannot be selected'
        elif fragments:
            yield from _check_fragments(usage.subgraph.schema, setter, fragments, argument, matched)
        else:
            yield from _check_path(usage.subgraph.schema, setter, selected, argument.type)
    if fragments and len(matched) < len(fragments):
        yield _INVALID, "some fragment of the selection fits none of the types that set the context"


def _check_fragments(
    schema: Schema, setter: TypeDef, fragments: list[Selected], argument: Argument, matched: set[int]
) -> Iterator[Finding]:
    wanted = argument.type.of if isinstance(argument.type, NonNull) else argument.type
    for name in schema.runtime_types(setter.name):
        fitting = [i for i, item in enumerate(fragments) if name in schema.runtime_types(item.condition or name)]
        matched.update(fitting)
        if len(fitting) != 1:
            yield (
                _INVALID,
                f'type "{name}" sets the context but fits {len(fitting)} fragments of the selection, not one',
            )
            continue
        yield from _check_path(schema, schema.types[name], fragments[fitting[0]].children or (), wanted)


def _check_path(schema: Schema, setter: TypeDef, selected: FieldSet, wanted: TypeRef) -> Iterator[Finding]:
    if setter.kind == UNION:
        for member in setter.members:
            if member in schema.types:
                yield from _check_path(schema, schema.types[member], selected, wanted)
        return
    found = _type_of_path(schema, setter.name, selected)
    if isinstance(found, str):
        yield _INVALID, found
    elif not is_subtype(found, wanted, schema):
        yield _INVALID, f'the selection on "{setter.name}" has type "{found}", which does not fit "{wanted}"'


def _type_of_path(schema: Schema, parent: str, selected: FieldSet) -> TypeRef | str:
    """The type of the single value that the selection denotes; or why it denotes none."""
    if len(selected) != 1 or selected[0].is_fragment:
        return "the selection must give exactly one value"
    type_def, item = schema.types.get(parent), selected[0]
    field = type_def.fields.get(item.name) if type_def else None
    if field is None:
        return f'cannot query field "{item.name}" on type "{parent}"'
    base = base_name(field.type)
    if item.children is None:
        known = schema.types.get(base)
        has_fields = known is not None and known.kind in (OBJECT, "interface", UNION)
        return f'field "{field.coordinate}" must have a selection of subfields' if has_fields else field.type
    below = _type_of_path(schema, base, item.children)
    return below if isinstance(below, str) else _through(field.type, below)


def _through(outer: TypeRef, inner: TypeRef) -> TypeRef:
    """The type of ``inner`` reached through a field of type ``outer``: its lists stay, its nulls pass on."""
    match outer:
        case NonNull(of):
            within = _through(of, inner)
            # A value that is never null passes on what is below it; a list that is never null stays one.
            return NonNull(within) if isinstance(of, ListOf) and not isinstance(within, NonNull) else inner
        case ListOf(of):
            return ListOf(_through(of, inner))
        case _:
            return inner.of if isinstance(inner, NonNull) else inner
