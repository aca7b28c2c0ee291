"""``@interfaceObject``: an object type that stands for an interface and supplies fields to all its implementations."""

from collections.abc import Mapping, Sequence

from supergraph.compose.field_sharing import check_sharing, supplied_by_interface_objects
from supergraph.compose.fields import copied_field
from supergraph.compose.overrides import Overrides
from supergraph.compose.state import Merge, Source
from supergraph.compose.wording import quoted
from supergraph.sdl.model import INTERFACE, OBJECT, TypeDef


def check_interface_objects(state: Merge, sources: Mapping[str, Sequence[Source[TypeDef]]]) -> None:
    """Report interface objects next to implementations, and interface keys where implementations are missing."""
    for name, type_def in state.schema.types.items():
        if type_def.kind != INTERFACE or name not in sources:
            continue
        implementations = [t.name for t in state.schema.implementations(name)]
        for source in sources[name]:
            if state.usage_of(source).is_interface_object(source.element):
                _check_stand_in(state, source, implementations)
            elif any(key.resolvable for key in state.usage_of(source).keys.get(name, ())):
                _check_complete(state, source, implementations)
            if name in source.subgraph.fed1_interface_keys and _has_interface_object(state, sources[name]):
                message = (
                    f'Interface "{name}" has an @interfaceObject in another subgraph, which this federation 1 subgraph '
                    "cannot support: upgrade it to federation 2"
                )
                code = "INTERFACE_OBJECT_USAGE_ERROR"
                state.problems.error_in(source.name, code, message, source.element.node, coordinate=name)


def _has_interface_object(state: Merge, sources: Sequence[Source[TypeDef]]) -> bool:
    return any(state.usage_of(source).is_interface_object(source.element) for source in sources)


def _check_stand_in(state: Merge, source: Source[TypeDef], implementations: Sequence[str]) -> None:
    present = [name for name in implementations if name in source.subgraph.schema.types]
    if present:
        name = source.element.name
        message = (
            f'Interface type "{name}" is an @interfaceObject in subgraph "{source.name}", so that subgraph should not '
            f"define its implementations, but it defines {quoted(present)}"
        )
        state.problems.error("INTERFACE_OBJECT_USAGE_ERROR", message, [source.place], coordinate=name)


def _check_complete(state: Merge, source: Source[TypeDef], implementations: Sequence[str]) -> None:
    missing = [name for name in implementations if name not in source.subgraph.schema.types]
    if missing:
        name = source.element.name
        message = (
            f'Interface type "{name}" has a resolvable key in subgraph "{source.name}", but that subgraph lacks '
            f"some of the supergraph's implementations of it: {quoted(missing)}"
        )
        code = "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE"
        state.problems.error_in(source.name, code, message, source.element.node, coordinate=name)


def add_supplied_fields(state: Merge) -> None:
    """Give implementations the fields that they have only through interface objects.

    The ``@join__field`` without arguments says: no subgraph resolves it on this type, go through the interface.
    """
    for type_def in state.schema.types.values():
        if type_def.kind != OBJECT:
            continue
        for interface in type_def.interfaces:
            declared = state.schema.types.get(interface)
            for field in list(declared.fields.values()) if declared else ():
                if field.name in type_def.fields:
                    continue
                if not supplied_by_interface_objects(state, type_def, field.name):
                    continue
                copy = copied_field(field, type_def)
                copy.applied.append(state.join_directive("field", None))
                type_def.fields[field.name] = copy
                check_sharing(state, type_def, copy, (), Overrides())
