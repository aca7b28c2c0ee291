"""Field sharing: a field that several subgraphs resolve must be shareable in all of them."""

from collections.abc import Iterator, Sequence

from supergraph.compose.overrides import Overrides
from supergraph.compose.state import Merge, Source, places
from supergraph.compose.wording import quoted
from supergraph.sdl.model import Field, TypeDef


def check_sharing(
    state: Merge, parent: TypeDef, element: Field, sources: Sequence[Source[Field]], overrides: Overrides
) -> None:
    """Report a field of an object type that is resolved more than once without being shareable everywhere."""
    resolving = [source for source in sources if _resolves(state, source, overrides)]
    resolving += supplied_by_interface_objects(state, parent, element.name)
    shareable = [source for source in resolving if source.element.coordinate in state.usage_of(source).shareable]
    if parent.name == state.schema.roots.get("subscription"):
        _check_subscription(state, element, shareable)
        return
    lacking = [source for source in resolving if source not in shareable]
    if len(resolving) < 2 or not lacking:
        return
    everywhere = "all of them" if len(lacking) == len(resolving) else "subgraphs " + quoted(s.name for s in lacking)
    message = (
        f'Non-shareable field "{element.coordinate}" is resolved from multiple subgraphs: it is resolved from '
        f"subgraphs {quoted(source.name for source in resolving)} and defined as non-shareable in {everywhere}"
    )
    for source in lacking:
        if source.name in overrides.unknown:
            message += (
                f' (note: the @override of "{source.name}" names the subgraph "{overrides.unknown[source.name]}", '
                "which does not exist)"
            )
    state.problems.error("INVALID_FIELD_SHARING", message, places(resolving), coordinate=element.coordinate)


def _resolves(state: Merge, source: Source[Field], overrides: Overrides) -> bool:
    return (
        not state.usage_of(source).is_fully_external(source.element)
        and not overrides.is_overridden(source.name)
        and not overrides.is_moving_away(source.name)
    )


def _check_subscription(state: Merge, element: Field, shareable: Sequence[Source[Field]]) -> None:
    for source in shareable:
        message = f'Fields of the subscription root cannot be shareable, but "{element.coordinate}" is'
        code = "INVALID_FIELD_SHARING"
        state.problems.error_in(source.name, code, message, source.element.node, coordinate=element.coordinate)


def supplied_by_interface_objects(state: Merge, parent: TypeDef, name: str) -> list[Source[Field]]:
    """The sources of field ``name`` of an object type that are fields of interface objects."""
    return list(_supplied(state, parent, name))


def _supplied(state: Merge, parent: TypeDef, name: str) -> Iterator[Source[Field]]:
    for subgraph in state.subgraphs:
        usage = state.usage[subgraph.name]
        for interface in parent.interfaces:
            declared = subgraph.schema.types.get(interface)
            if declared is None or name not in declared.fields or not usage.is_interface_object(declared):
                continue
            field = declared.fields[name]
            if not usage.is_fully_external(field):
                yield Source(subgraph, field)
