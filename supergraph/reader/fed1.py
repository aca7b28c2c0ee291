"""What a supergraph of join 0.1 leaves implicit.

Federation 1 wrote down who owns a type and its keys, and little else. A subgraph has the fields of its keys although
no directive says so; it declares as external what its requires and provides select; and value types carry no
directive at all, they are in each subgraph that refers to them.
https://specs.apollo.dev/join/v0.1/
"""

from collections.abc import Iterable, Mapping

from graphql import FieldDefinitionNode, FieldNode, InlineFragmentNode, SelectionSetNode

from supergraph.reader.document import SupergraphDocument
from supergraph.reader.draft import GraphDraft, TypeDraft
from supergraph.reader.field_sets import FieldSets
from supergraph.sdl.types import base_name, type_from_node
from supergraph.views import FieldView


def complete_fed1(document: SupergraphDocument, graphs: Iterable[GraphDraft], sets: FieldSets) -> None:
    """Add the implicit fields to ``graphs`` and remove the value types that a graph does not refer to."""
    definitions = {
        name: {node.name.value: node for node in getattr(definition, "fields", None) or ()}
        for name, definition in document.types.items()
    }
    roots = set(document.roots.values())
    for graph in graphs:
        _add_selected_fields(graph, definitions, sets)
        _drop_unreachable(graph, roots)


Definitions = Mapping[str, Mapping[str, FieldDefinitionNode]]


def _add_selected_fields(graph: GraphDraft, definitions: Definitions, sets: FieldSets) -> None:
    for draft in list(graph.types.values()):
        for key in draft.keys:
            _add(graph, definitions, draft.name, sets.read(draft.name, key.fields), external=False)
    for draft in list(graph.types.values()):
        for view in list(draft.fields.values()):
            if view.requires is not None:
                _add(graph, definitions, draft.name, sets.read(draft.name, view.requires), external=True)
            if view.provides is not None:
                base = base_name(view.type)
                _add(graph, definitions, base, sets.read(base, view.provides), external=True)


def _add(
    graph: GraphDraft, definitions: Definitions, type_name: str, selection: SelectionSetNode, *, external: bool
) -> None:
    draft = graph.types.get(type_name)
    for node in selection.selections:
        match node:
            case FieldNode(name=name, selection_set=inner) if name.value in definitions.get(type_name, {}):
                type_ref = type_from_node(definitions[type_name][name.value].type)
                if draft is not None and name.value not in draft.fields:
                    draft.fields[name.value] = FieldView(name=name.value, type=type_ref, external=external)
                if inner is not None:
                    _add(graph, definitions, base_name(type_ref), inner, external=external)
            case InlineFragmentNode(type_condition=condition, selection_set=inner):
                target = condition.name.value if condition else type_name
                _add(graph, definitions, target, inner, external=external)
            case _:  # __typename
                pass


def _drop_unreachable(graph: GraphDraft, roots: set[str]) -> None:
    """Keep root types, entities and what they lead to; the value types of other subgraphs go."""
    implementations = graph.runtime_types()
    found: set[str] = set()
    waiting = [draft.name for draft in graph.types.values() if draft.keys or draft.name in roots]
    while waiting:
        name = waiting.pop()
        draft = graph.types.get(name)
        if name in found or draft is None:
            continue
        found.add(name)
        waiting.extend(_neighbours(draft))
        waiting.extend(implementations.get(name, ()))
    for name, draft in list(graph.types.items()):
        # What has no fields carries no data; inputs, enums and scalars are kept as they are.
        if name not in found and draft.kind in ("object", "interface", "union"):
            del graph.types[name]


def _neighbours(draft: TypeDraft) -> Iterable[str]:
    yield from (base_name(view.type) for view in draft.fields.values())
    yield from draft.interfaces
