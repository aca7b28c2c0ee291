"""Stage 4: the subgraphs' schemas become one supergraph schema.

The order matters, as later steps ask the supergraph questions: shells with kinds, then who implements and belongs to
what (the subtype relation), then members, and enums last, since their merge depends on how the rest uses them.
"""

from collections.abc import Sequence

from supergraph.compose.applied import merge_applied
from supergraph.compose.auth import propagate_requirements
from supergraph.compose.composed import ComposedDirectives, link_application
from supergraph.compose.executable import merge_executable_directives
from supergraph.compose.fields import merge_fields
from supergraph.compose.interface_objects import add_supplied_fields, check_interface_objects
from supergraph.compose.members import enum_positions, merge_enum, merge_input, merge_union
from supergraph.compose.problems import Problems
from supergraph.compose.references import merge_description
from supergraph.compose.state import Merge, Source, places
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.compose.usage import Usage
from supergraph.compose.wording import distribution, quoted
from supergraph.sdl.model import ENUM, INPUT, INTERFACE, OBJECT, UNION, EnumValue, Schema, TypeDef
from supergraph.sdl.parse import DEFAULT_ROOTS
from supergraph.spec.join import graph_names, join_definitions, join_version
from supergraph.spec.link import JOIN, LINK, Version

TypeSources = dict[str, list[Source[TypeDef]]]


def merge(
    subgraphs: Sequence[LoadedSubgraph],
    usage: dict[str, Usage],
    composed: ComposedDirectives,
    version: Version,
    problems: Problems,
) -> Schema:
    """Merge subgraphs that are valid one by one; what does not fit together is in ``problems``."""
    graphs = graph_names([subgraph.name for subgraph in subgraphs])
    state = Merge(subgraphs, usage, graphs, join_version(version), composed, problems)
    sources = _collect_types(state)
    _add_shells(state, sources)
    _add_machinery(state, sources)
    _add_relations(state, sources)
    check_interface_objects(state, sources)
    for name, found in sources.items():
        _merge_type(state, state.schema.types[name], found)
    merge_executable_directives(state)
    _merge_enums(state, sources)
    add_supplied_fields(state)
    propagate_requirements(state, sources)
    _merge_schema_element(state)
    if not state.schema.types["Query"].fields:
        problems.error(
            "NO_QUERIES",
            "No queries found in any subgraph: a supergraph must have a query root type",
            coordinate="Query",
        )
    return state.schema


def _collect_types(state: Merge) -> TypeSources:
    sources: TypeSources = {}
    for subgraph in state.subgraphs:
        for name, type_def in subgraph.schema.types.items():
            if _is_merged(state, subgraph, name):
                sources.setdefault(name, []).append(Source(subgraph, type_def))
    return sources


def _is_merged(state: Merge, subgraph: LoadedSubgraph, name: str) -> bool:
    """Types of features stay behind, unless their feature is composed."""
    if name in ("link__Purpose", "link__Import"):
        return False
    if name == "_FieldSet" and (subgraph.upgraded or subgraph.version is None):
        return False
    if subgraph.links.source_of_type(name) is None:
        return True
    return state.composed.is_composed_type(subgraph, name)


def _add_shells(state: Merge, sources: TypeSources) -> None:
    for name, found in sources.items():
        kinds = {_kind_in_supergraph(state, source): source for source in reversed(found)}
        if len(kinds) > 1:
            described = distribution((source.name, _kind_in_supergraph(state, source)) for source in found)
            message = f'Type "{name}" has mismatched kind: it is defined as {described}'
            state.problems.error("TYPE_KIND_MISMATCH", message, places(found), coordinate=name)
        elif all(state.usage_of(source).is_interface_object(source.element) for source in found):
            message = (
                f'Type "{name}" is declared with @interfaceObject in all the subgraphs in which it is defined '
                f"({quoted(source.name for source in found)}): one must define the interface"
            )
            state.problems.error("INTERFACE_OBJECT_USAGE_ERROR", message, places(found), coordinate=name)
        if not any(source.element.defined for source in found) and name not in DEFAULT_ROOTS.values():
            message = (
                f'[{found[0].name}] Type "{name}" is an extension type, but there is no type definition for it '
                "in any subgraph"
            )
            state.problems.error("EXTENSION_WITH_NO_BASE", message, places(found), coordinate=name)
        state.schema.types[name] = TypeDef(name, _kind_in_supergraph(state, found[0]))
    for operation, name in DEFAULT_ROOTS.items():
        if name in sources:
            state.schema.roots[operation] = name


def _kind_in_supergraph(state: Merge, source: Source[TypeDef]) -> str:
    return INTERFACE if state.usage_of(source).is_interface_object(source.element) else source.element.kind


def _add_machinery(state: Merge, sources: TypeSources) -> None:
    """The definitions of link, join and the composed features."""
    definitions = join_definitions(state.join)
    graph_enum = TypeDef("join__Graph", ENUM)
    for subgraph in state.subgraphs:
        value = EnumValue(state.graphs[subgraph.name], parent=graph_enum.name)
        value.applied.append(state.join_directive("graph", None, name=subgraph.name, url=subgraph.url))
        graph_enum.values[value.name] = value
    definitions.types[graph_enum.name] = graph_enum
    for more in (definitions, state.composed.definitions):
        for name in sorted(more.types.keys() & sources.keys()):
            message = f'Type "{name}" has a name that the supergraph needs for a type of its own: rename it'
            state.problems.error("UNSUPPORTED_FEATURE", message, places(sources[name]), coordinate=name)
        state.schema.types |= more.types
        state.schema.directive_defs |= more.directive_defs


def _add_relations(state: Merge, sources: TypeSources) -> None:
    for name, found in sources.items():
        type_def = state.schema.types[name]
        for source in found:
            for interface in source.element.interfaces:
                type_def.interfaces.setdefault(interface, 0)
                type_def.applied.append(state.join_directive("implements", source.subgraph, interface=interface))
            for member in source.element.members:
                type_def.members.setdefault(member, 0)
        for source in found:
            _add_join_type(state, type_def, source)
        _hint_inconsistent_entity(state, type_def, found)


def _add_join_type(state: Merge, type_def: TypeDef, source: Source[TypeDef]) -> None:
    usage = state.usage_of(source)
    is_interface_object = usage.is_interface_object(source.element) or None
    keys = usage.keys.get(type_def.name, ())
    for key in keys:
        type_def.applied.append(
            state.join_directive(
                "type",
                source.subgraph,
                key=key.text,
                extension=key.extension or None,
                resolvable=None if key.resolvable else False,
                isInterfaceObject=is_interface_object,
            )
        )
    if not keys:
        type_def.applied.append(state.join_directive("type", source.subgraph, isInterfaceObject=is_interface_object))


def _hint_inconsistent_entity(state: Merge, type_def: TypeDef, found: Sequence[Source[TypeDef]]) -> None:
    if type_def.kind != OBJECT or type_def.name in DEFAULT_ROOTS.values():
        return
    without = [source for source in found if not state.usage_of(source).keys.get(type_def.name)]
    if without and len(without) < len(found):
        message = (
            f'Type "{type_def.name}" is declared as an entity (has a @key applied) in some but not all defining '
            f"subgraphs: it has no @key in {quoted(source.name for source in without)}"
        )
        state.problems.hint("INCONSISTENT_ENTITY", message, places(found), coordinate=type_def.name)


def _merge_type(state: Merge, type_def: TypeDef, found: Sequence[Source[TypeDef]]) -> None:
    merge_description(state, type_def, found)
    matching = [source for source in found if _kind_in_supergraph(state, source) == type_def.kind]
    if type_def.kind in (OBJECT, INTERFACE):
        merge_fields(state, type_def, matching)
    elif type_def.kind == UNION:
        merge_union(state, type_def, matching)
    elif type_def.kind == INPUT:
        merge_input(state, type_def, matching)
    merge_applied(state, type_def, found)


def _merge_enums(state: Merge, sources: TypeSources) -> None:
    positions = enum_positions(state)
    for name, found in sources.items():
        if state.schema.types[name].kind == ENUM:
            matching = [source for source in found if source.element.kind == ENUM]
            merge_enum(state, state.schema.types[name], matching, frozenset(positions.get(name, ())))


def _merge_schema_element(state: Merge) -> None:
    schema = state.schema
    schema.applied = [
        link_application(f"{LINK}/v1.0"),
        link_application(f"{JOIN}/v{state.join[0]}.{state.join[1]}", purpose="EXECUTION"),
        *state.composed.links,
    ]
    sources: list[Source[Schema]] = [Source(subgraph, subgraph.schema) for subgraph in state.subgraphs]
    merge_description(state, schema, sources)
    merge_applied(state, schema, sources)
