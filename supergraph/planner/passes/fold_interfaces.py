"""What every type behind an interface is asked alike is asked on the interface once.

Keys and fields of an interface position are often placed type by type, because the types decide for themselves. Where a
subgraph's interface has the field, the request gets shorter by asking there.
"""

from supergraph.planner.drafts import Draft, DraftCast, DraftField, DraftSelection
from supergraph.planner.fragments import SelectionKey, selection_key
from supergraph.query_graph import QueryGraph
from supergraph.sdl.types import base_name
from supergraph.views import TypeView


def fold_interfaces(drafts: list[Draft], graph: QueryGraph) -> list[Draft]:
    """Fold the selections of every request; a root type is no interface, and entities name their own types."""
    for draft in drafts:
        root = draft.kind.capitalize()
        _fold(draft.selection, root, draft.graph, graph, set())
    return drafts


def _fold(
    selection: DraftSelection, type_name: str, subgraph: int, graph: QueryGraph, done: set[DraftSelection]
) -> None:
    if selection in done:
        return
    done.add(selection)
    view = graph.type_view(subgraph, type_name)
    for item in selection.items.values():
        if isinstance(item, DraftCast):
            _fold(item.below, item.type or type_name, subgraph, graph, done)
        elif item.below is not None and view is not None and item.name in view.fields:
            _fold(item.below, base_name(view.fields[item.name].type), subgraph, graph, done)
    if view is not None and view.kind == "interface":
        _fold_here(selection, view, subgraph, graph)


def _fold_here(selection: DraftSelection, view: TypeView, subgraph: int, graph: QueryGraph) -> None:
    type_name = view.name
    types = graph.subgraphs[subgraph].runtime_types.get(type_name, ())
    casts = [item for item in selection.items.values() if isinstance(item, DraftCast) and not item.conditions]
    if not types or {cast.type for cast in casts} != set(types):
        return
    for identity, field in _common(casts):
        known = view.fields.get(field.name)
        if known is None or not graph.is_active(known) or not _same_type(field.name, type_name, types, subgraph, graph):
            continue
        for cast in casts:
            del cast.below.items[identity]
        selection.field(field)
    for key, item in list(selection.items.items()):
        if isinstance(item, DraftCast) and not item.below.items and not item.conditions:
            del selection.items[key]


def _common(casts: list[DraftCast]) -> list[tuple[tuple[str, ...], DraftField]]:
    """The fields that all casts ask in the same words."""
    found = []
    for identity, item in casts[0].below.items.items():
        if isinstance(item, DraftField) and all(_is_same(cast.below.items.get(identity), item) for cast in casts[1:]):
            found.append((identity, item))
    return found


def _is_same(other: DraftField | DraftCast | None, field: DraftField) -> bool:
    if not isinstance(other, DraftField):
        return False
    asked = (other.name, other.arguments, other.conditions, other.directives)
    if asked != (field.name, field.arguments, field.conditions, field.directives):
        return False
    return other.below is field.below or _below(other) == _below(field)


def _below(field: DraftField) -> SelectionKey | None:
    return None if field.below is None else selection_key(field.below)


def _same_type(name: str, interface: str, types: tuple[str, ...], subgraph: int, graph: QueryGraph) -> bool:
    """Whether the field has one type on the interface and behind it, so that the selection below stays valid."""
    views = [graph.type_view(subgraph, type_name) for type_name in (interface, *types)]
    return len({str(view.fields[name].type) for view in views if view is not None and name in view.fields}) == 1
