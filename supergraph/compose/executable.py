"""Merging the definitions of executable directives: kept if every subgraph has them."""

from collections.abc import Sequence

from supergraph.compose.arguments import merge_arguments
from supergraph.compose.references import merge_description, ordered_names
from supergraph.compose.state import Merge, Source, places
from supergraph.compose.subgraph import LoadedSubgraph
from supergraph.compose.wording import distribution, quoted
from supergraph.sdl.model import BUILT_IN_DIRECTIVES, DirectiveDef, Schema

EXECUTABLE = (
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
)
# A definition of @defer or @stream in a subgraph says nothing about the router, which adds its own.
_OWNED_BY_ROUTER = BUILT_IN_DIRECTIVES | {"defer", "stream"}


def merge_executable_directives(state: Merge) -> None:
    """Put the common executable directives into the supergraph."""
    schemas: list[Source[Schema]] = [Source(subgraph, subgraph.schema) for subgraph in state.subgraphs]
    for name in ordered_names(schemas, lambda schema: list(schema.directive_defs)):
        if name in _OWNED_BY_ROUTER or name in state.schema.directive_defs:
            continue
        sources = [
            Source(subgraph, subgraph.schema.directive_defs[name])
            for subgraph in state.subgraphs
            if name in subgraph.schema.directive_defs and not _belongs_to_feature(subgraph, name)
        ]
        if any(set(source.element.locations) & set(EXECUTABLE) for source in sources):
            _merge(state, name, sources)


def _belongs_to_feature(subgraph: LoadedSubgraph, name: str) -> bool:
    return name in subgraph.canonical or name == "link" or subgraph.links.source_of_directive(name) is not None


def _merge(state: Merge, name: str, sources: Sequence[Source[DirectiveDef]]) -> None:
    coordinate = f"@{name}"
    missing = [s.name for s in state.subgraphs if s.name not in {source.name for source in sources}]
    if missing:
        message = (
            f'Executable directive "{coordinate}" will not be in the supergraph, as it is not in all subgraphs: '
            f"it is missing in {quoted(missing)}"
        )
        code = "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE"
        state.problems.hint(code, message, places(sources), coordinate=coordinate)
        return
    located = [[place for place in source.element.locations if place in EXECUTABLE] for source in sources]
    common = [place for place in located[0] if all(place in other for other in located)]
    described = distribution((s.name, " | ".join(where)) for s, where in zip(sources, located, strict=True))
    if not common:
        message = f'Executable directive "{coordinate}" has no location common to all subgraphs: it is on {described}'
        code = "NO_EXECUTABLE_DIRECTIVE_INTERSECTION"
        state.problems.hint(code, message, places(sources), coordinate=coordinate)
        return
    if any(set(other) != set(common) for other in located):
        message = (
            f'Executable directive "{coordinate}" has inconsistent locations: it will be on {" | ".join(common)}; '
            f"it is on {described}"
        )
        code = "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS"
        state.problems.hint(code, message, places(sources), coordinate=coordinate)
    definition = DirectiveDef(name)
    definition.locations = tuple(common)
    definition.repeatable = all(source.element.repeatable for source in sources)
    if not definition.repeatable and any(source.element.repeatable for source in sources):
        message = f'Executable directive "{coordinate}" is repeatable in only some subgraphs: it will not be'
        code = "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE"
        state.problems.hint(code, message, places(sources), coordinate=coordinate)
    merge_arguments(state, definition, sources)
    merge_description(state, definition, sources)
    state.schema.directive_defs[name] = definition
