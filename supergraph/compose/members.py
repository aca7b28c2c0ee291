"""Merging scalars, unions, input objects and enums."""

from collections.abc import Sequence

from supergraph.compose.applied import merge_applied
from supergraph.compose.arguments import is_required
from supergraph.compose.references import merge_default, merge_description, merge_type, ordered_names
from supergraph.compose.state import Merge, Source, places
from supergraph.compose.wording import quoted
from supergraph.sdl.model import INPUT, EnumValue, Field, TypeDef
from supergraph.sdl.types import base_name


def merge_union(state: Merge, type_def: TypeDef, sources: Sequence[Source[TypeDef]]) -> None:
    """Name the source of each member; the members themselves are merged with the shells."""
    for source in sources:
        for member in source.element.members:
            type_def.applied.append(state.join_directive("unionMember", source.subgraph, member=member))
    for member in type_def.members:
        missing = [source.name for source in sources if member not in source.element.members]
        if missing:
            message = (
                f'Union type "{type_def.name}" includes member type "{member}" in some but not all defining subgraphs: '
                f"it is missing in {quoted(missing)}"
            )
            state.problems.hint("INCONSISTENT_UNION_MEMBER", message, places(sources), coordinate=type_def.name)


def merge_input(state: Merge, type_def: TypeDef, sources: Sequence[Source[TypeDef]]) -> None:
    """Keep the fields that every subgraph accepts."""
    for name in ordered_names(sources, lambda declared: list(declared.fields)):
        found = [
            Source(source.subgraph, source.element.fields[name]) for source in sources if name in source.element.fields
        ]
        if len(found) < len(sources) and not _somewhere_hidden(found):
            _report_missing_input(state, type_def, name, found, sources)
            continue
        field = Field(name, found[0].element.type, parent=type_def.name)
        merge_type(state, field, found)
        merge_default(state, field, found)
        merge_description(state, field, found)
        merge_applied(state, field, found)
        _add_input_join_fields(state, field, found, sources)
        type_def.fields[name] = field
    if not type_def.fields:
        message = (
            f'None of the fields of input object type "{type_def.name}" are consistently defined in all the subgraphs '
            f"that define it ({quoted(source.name for source in sources)})"
        )
        state.problems.error("EMPTY_MERGED_INPUT_TYPE", message, places(sources), coordinate=type_def.name)


def _somewhere_hidden(found: Sequence[Source[Field]] | Sequence[Source[EnumValue]]) -> bool:
    """What clients cannot see need not be everywhere."""
    return any(source.subgraph.has(source.element, "inaccessible") for source in found)


def _report_missing_input(
    state: Merge, type_def: TypeDef, name: str, found: Sequence[Source[Field]], sources: Sequence[Source[TypeDef]]
) -> None:
    coordinate = f"{type_def.name}.{name}"
    missing = quoted(source.name for source in sources if name not in source.element.fields)
    required = [source for source in found if is_required(source.element)]
    if required:
        message = (
            f'Input object field "{coordinate}" is required in {quoted(source.name for source in required)} '
            f"but does not exist in all subgraphs: it is missing in {missing}"
        )
        code = "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH"
        state.problems.error(code, message, places(found), coordinate=coordinate)
        return
    message = (
        f'Input object field "{coordinate}" will not be in the supergraph, as it is not in all subgraphs that define '
        f'"{type_def.name}": it is defined in {quoted(source.name for source in found)} but not in {missing}'
    )
    state.problems.hint("INCONSISTENT_INPUT_OBJECT_FIELD", message, places(found), coordinate=coordinate)


def _add_input_join_fields(
    state: Merge, field: Field, found: Sequence[Source[Field]], sources: Sequence[Source[TypeDef]]
) -> None:
    same_type = all(source.element.type == found[0].element.type for source in found)
    if same_type and len(found) == len(sources):
        return
    for source in found:
        type_text = None if same_type else str(source.element.type)
        field.applied.append(state.join_directive("field", source.subgraph, type=type_text))


def enum_positions(state: Merge) -> dict[str, set[str]]:
    """For each type, whether merged fields use it as ``input``, as ``output``, or both."""
    positions: dict[str, set[str]] = {}
    for type_def in state.schema.types.values():
        for field in type_def.fields.values():
            position = "input" if type_def.kind == INPUT else "output"
            positions.setdefault(base_name(field.type), set()).add(position)
            for argument in field.arguments.values():
                positions.setdefault(base_name(argument.type), set()).add("input")
    for directive in state.schema.directive_defs.values():
        for argument in directive.arguments.values():
            positions.setdefault(base_name(argument.type), set()).add("input")
    return positions


def merge_enum(state: Merge, type_def: TypeDef, sources: Sequence[Source[TypeDef]], positions: frozenset[str]) -> None:
    """Merge an enum by its use: all values of an output, common values of an input, no difference for both."""
    if not positions:
        message = (
            f'Enum type "{type_def.name}" is defined but unused: its values will be merged as those of an output type'
        )
        state.problems.hint("UNUSED_ENUM_TYPE", message, places(sources), coordinate=type_def.name)
    for name in ordered_names(sources, lambda declared: list(declared.values)):
        found = [
            Source(source.subgraph, source.element.values[name]) for source in sources if name in source.element.values
        ]
        if len(found) < len(sources) and not _keep_partial(state, type_def, name, found, sources, positions):
            continue
        value = EnumValue(name, parent=type_def.name)
        for source in found:
            value.applied.append(state.join_directive("enumValue", source.subgraph))
        merge_description(state, value, found)
        merge_applied(state, value, found)
        type_def.values[name] = value
    if not type_def.values:
        message = (
            f'None of the values of enum type "{type_def.name}" are defined consistently in all the subgraphs '
            f"that define it ({quoted(source.name for source in sources)})"
        )
        state.problems.error("EMPTY_MERGED_ENUM_TYPE", message, places(sources), coordinate=type_def.name)


def _keep_partial(
    state: Merge,
    type_def: TypeDef,
    name: str,
    found: Sequence[Source[EnumValue]],
    sources: Sequence[Source[TypeDef]],
    positions: frozenset[str],
) -> bool:
    """Report a value that some subgraphs lack; is it kept all the same?"""
    coordinate = f"{type_def.name}.{name}"
    missing = quoted(source.name for source in sources if name not in source.element.values)
    where = f"it is defined in {quoted(source.name for source in found)} but not in {missing}"
    if "input" not in positions:
        message = f'Value "{name}" of enum type "{type_def.name}" is not defined in all subgraphs: {where}'
        code = "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM"
        state.problems.hint(code, message, places(found), coordinate=coordinate)
        return True
    if _somewhere_hidden(found):
        return True
    if "output" in positions:
        message = (
            f'Enum type "{type_def.name}" is used as both input type and output type, but its value "{name}" is not '
            f"defined in all subgraphs: {where}"
        )
        state.problems.error("ENUM_VALUE_MISMATCH", message, places(found), coordinate=coordinate)
        return True
    message = (
        f'Value "{name}" of input enum type "{type_def.name}" will not be in the supergraph, as it is not in all '
        f"subgraphs: {where}"
    )
    code = "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM"
    state.problems.hint(code, message, places(found), coordinate=coordinate)
    return False
