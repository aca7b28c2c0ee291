"""Merging the fields of objects and interfaces: the union over all subgraphs."""

from collections.abc import Sequence

from supergraph.compose.applied import merge_applied
from supergraph.compose.arguments import merge_arguments
from supergraph.compose.context_values import read_context_value
from supergraph.compose.external_fields import check_external
from supergraph.compose.field_sharing import check_sharing, supplied_by_interface_objects
from supergraph.compose.overrides import Overrides, resolve_overrides
from supergraph.compose.references import merge_description, merge_type, ordered_names
from supergraph.compose.state import Merge, Source, places
from supergraph.compose.wording import quoted
from supergraph.sdl.model import INTERFACE, OBJECT, Field, TypeDef
from supergraph.sdl.values import Plain


def merge_fields(state: Merge, type_def: TypeDef, sources: Sequence[Source[TypeDef]]) -> None:
    """Fill an object or interface with its fields."""
    _hint_inconsistent(state, type_def, sources)
    for name in ordered_names(sources, lambda declared: list(declared.fields)):
        found = [
            Source(source.subgraph, source.element.fields[name]) for source in sources if name in source.element.fields
        ]
        type_def.fields[name] = _merge_field(state, type_def, name, found, sources)


def _merge_field(
    state: Merge, parent: TypeDef, name: str, found: Sequence[Source[Field]], owners: Sequence[Source[TypeDef]]
) -> Field:
    element = Field(name, found[0].element.type, parent=parent.name)
    overrides = resolve_overrides(state, parent, found)
    internal = [source for source in found if not state.usage_of(source).is_external(source.element)]
    if not internal:
        supplied = supplied_by_interface_objects(state, parent, name)
        if not supplied:
            _report_no_base(state, element, found)
        internal = list(supplied) or list(found)
    # An overridden field still counts: while the override is rolled out, both subgraphs answer.
    merge_type(state, element, internal)
    merge_arguments(state, element, internal)
    merge_description(state, element, internal)
    check_external(state, element, [source for source in found if source not in internal])
    if parent.kind == OBJECT:
        check_sharing(state, parent, element, found, overrides)
    merge_applied(state, element, internal if internal[0] in found else found)
    _add_join_fields(state, element, found, owners, overrides)
    return element


def _report_no_base(state: Merge, element: Field, found: Sequence[Source[Field]]) -> None:
    message = (
        f'Field "{element.coordinate}" is marked @external on all the subgraphs in which it is listed '
        f"({quoted(source.name for source in found)})"
    )
    state.problems.error("EXTERNAL_MISSING_ON_BASE", message, places(found), coordinate=element.coordinate)


def _add_join_fields(
    state: Merge,
    element: Field,
    found: Sequence[Source[Field]],
    owners: Sequence[Source[TypeDef]],
    overrides: Overrides,
) -> None:
    kept = [source for source in found if source.name not in overrides.dropped]
    # An overridden source, though dropped, may have widened the type.
    same_type = all(source.element.type == element.type for source in kept)
    arguments = [_join_arguments(state, source, overrides) for source in kept]
    if same_type and len(kept) == len(owners) and not any(arguments):
        return
    for source, given in zip(kept, arguments, strict=True):
        if not same_type:
            given["type"] = str(source.element.type)
        ordered = {name: given[name] for name in _JOIN_FIELD_ORDER if name in given}
        element.applied.append(state.join_directive("field", source.subgraph, **ordered))


_JOIN_FIELD_ORDER = (
    "requires",
    "provides",
    "type",
    "external",
    "override",
    "usedOverridden",
    "overrideLabel",
    "contextArguments",
)


def _join_arguments(state: Merge, source: Source[Field], overrides: Overrides) -> dict[str, Plain]:
    subgraph, field = source.subgraph, source.element
    arguments: dict[str, Plain] = {}
    for name in ("requires", "provides"):
        for applied in subgraph.applications(field, name):
            arguments[name] = applied.text("fields")
    if state.usage_of(source).is_external(field):
        arguments["external"] = True
    if source.name in overrides.sources:
        arguments["override"] = overrides.sources[source.name]
    if source.name in overrides.used or source.name in overrides.used_under_label:
        arguments["usedOverridden"] = True
    if source.name in overrides.labels:
        arguments["overrideLabel"] = overrides.labels[source.name]
    contextual = _context_arguments(source)
    if contextual:
        arguments["contextArguments"] = contextual
    return arguments


def _context_arguments(source: Source[Field]) -> list[Plain]:
    arguments: list[Plain] = []
    for argument in source.element.arguments.values():
        for applied in source.subgraph.applications(argument, "fromContext"):
            context, selection = read_context_value(applied.text("field") or "")
            arguments.append(
                {
                    "context": f"{source.name}__{context}",
                    "name": argument.name,
                    "type": str(argument.type),
                    "selection": selection,
                }
            )
    return arguments


def _hint_inconsistent(state: Merge, type_def: TypeDef, sources: Sequence[Source[TypeDef]]) -> None:
    """Hint at fields of a value type that are not everywhere; an entity's fields are expected to be spread."""
    if any(state.usage_of(source).keys.get(type_def.name) for source in sources):
        return
    if type_def.name in state.schema.roots.values():
        return
    kind = "INTERFACE" if type_def.kind == INTERFACE else "OBJECT"
    for name in ordered_names(sources, lambda declared: list(declared.fields)):
        missing = [
            source.name
            for source in sources
            if name not in source.element.fields and not _is_all_external(state, source)
        ]
        if missing:
            coordinate = f"{type_def.name}.{name}"
            message = (
                f'Field "{coordinate}" of {type_def.kind} value type "{type_def.name}" is defined in some but not all '
                f"subgraphs that define the type: it is missing in {quoted(missing)}"
            )
            code = f"INCONSISTENT_{kind}_VALUE_TYPE_FIELD"
            state.problems.hint(code, message, places(sources), coordinate=coordinate)


def _is_all_external(state: Merge, source: Source[TypeDef]) -> bool:
    """A type that a subgraph only refers to: it need not list every field."""
    usage = state.usage_of(source)
    return all(usage.is_external(field) for field in source.element.fields.values())


def copied_field(field: Field, parent: TypeDef) -> Field:
    """A field that an implementation has only through an interface object."""
    copy = Field(field.name, field.type, parent=parent.name, description=field.description)
    copy.arguments = dict(field.arguments)
    copy.applied = [applied for applied in field.applied if not applied.name.startswith("join__")]
    return copy
