"""Merging the arguments of a field or of a directive: those that all sources have."""

from collections.abc import Sequence

from supergraph.compose.applied import merge_applied
from supergraph.compose.references import merge_default, merge_description, merge_type, ordered_names
from supergraph.compose.state import Merge, Source, places
from supergraph.compose.wording import quoted
from supergraph.sdl.model import Argument, DirectiveDef, Field
from supergraph.sdl.types import NonNull

Owner = Field | DirectiveDef


def merge_arguments(
    state: Merge, element: Owner, sources: Sequence[Source[Field]] | Sequence[Source[DirectiveDef]]
) -> None:
    """Give ``element`` the arguments that every source has; contextual ones are filled by the router instead."""
    owners: list[Source[Owner]] = [Source(source.subgraph, source.element) for source in sources]
    for name in ordered_names(owners, lambda owner: list(owner.arguments)):
        found = [
            Source(source.subgraph, source.element.arguments[name])
            for source in owners
            if name in source.element.arguments
        ]
        contextual = [source for source in found if source.subgraph.has(source.element, "fromContext")]
        if contextual:
            _report_plain(state, [source for source in found if source not in contextual], contextual)
        elif len(found) < len(owners):
            _report_missing(state, element, name, found, owners)
        else:
            element.arguments[name] = _merge_argument(state, element, name, found)


def _merge_argument(state: Merge, element: Owner, name: str, sources: Sequence[Source[Argument]]) -> Argument:
    argument = Argument(name, sources[0].element.type, parent=element.coordinate)
    merge_type(state, argument, sources)
    merge_default(state, argument, sources)
    merge_description(state, argument, sources)
    merge_applied(state, argument, sources)
    return argument


def is_required(argument: Argument | Field) -> bool:
    """Must a value be given?"""
    return isinstance(argument.type, NonNull) and argument.default is None


def _report_missing(
    state: Merge,
    element: Owner,
    name: str,
    found: Sequence[Source[Argument]],
    owners: Sequence[Source[Owner]],
) -> None:
    coordinate = f"{element.coordinate}({name}:)"
    missing = quoted(owner.name for owner in owners if name not in owner.element.arguments)
    required = [source for source in found if is_required(source.element)]
    if required:
        message = (
            f'Argument "{coordinate}" is required in {quoted(source.name for source in required)} but does not exist '
            f"in all subgraphs: it is missing in {missing}"
        )
        code = "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH"
        state.problems.error(code, message, places(found), coordinate=coordinate)
        return
    message = (
        f'Optional argument "{coordinate}" will not be in the supergraph, as it is not in all subgraphs: '
        f"it is defined in {quoted(source.name for source in found)} but not in {missing}"
    )
    state.problems.hint("INCONSISTENT_ARGUMENT_PRESENCE", message, places(found), coordinate=coordinate)


def _report_plain(state: Merge, plain: Sequence[Source[Argument]], contextual: Sequence[Source[Argument]]) -> None:
    code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
    names = quoted(source.name for source in contextual)
    for source in plain:
        coordinate = source.element.coordinate
        if is_required(source.element):
            message = (
                f'Argument "{coordinate}" is contextual in {names} but required and not contextual in "{source.name}"'
            )
            state.problems.error(code, message, [source.place], coordinate=coordinate)
        else:
            message = (
                f'Argument "{coordinate}" is contextual in {names} but not in "{source.name}": '
                f"it will not be in the supergraph"
            )
            state.problems.hint(code, message, [source.place], coordinate=coordinate)
