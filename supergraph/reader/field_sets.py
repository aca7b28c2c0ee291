"""The field sets of key, requires and provides: parsed, checked against the supergraph, cleaned for one subgraph."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from graphql import (
    FieldNode,
    GraphQLError,
    InlineFragmentNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
    strip_ignored_characters,
)

from supergraph.errors import SupergraphError
from supergraph.nesting import nests_deeper_than
from supergraph.reader.document import SupergraphDocument
from supergraph.reader.draft import GraphDraft, TypeDraft
from supergraph.sdl.types import base_name, type_from_node
from supergraph.views import FieldView

MAX_NESTING = 50

NO_TYPES: Mapping[str, TypeDraft] = MappingProxyType({})

COMPOSITE_NODES = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode, UnionTypeDefinitionNode)


@dataclass(slots=True)
class FieldSets:
    """Field sets of one document, each text parsed and each (type, text) checked once."""

    fields: Mapping[str, Mapping[str, str]]
    """For each composite type the base type names of its fields."""
    parsed: dict[str, SelectionSetNode] = field(default_factory=dict)
    checked: set[tuple[str, str]] = field(default_factory=set)

    def read(self, type_name: str, text: str, types: Mapping[str, TypeDraft] = NO_TYPES) -> SelectionSetNode:
        """The selection that ``text`` denotes on ``type_name``; raises ``SupergraphError``.

        ``types`` are those of the subgraph that the set stands in: where one of its fields has a narrower type than in
        the supergraph, what is selected below is put under a condition on that type.
        """
        parsed = self.parsed.get(text)
        if parsed is None:
            parsed = self.parsed[text] = _parse(text)
        selection = self._narrow(type_name, parsed, types)
        seen = (type_name, text if selection is parsed else _print(selection))
        if seen not in self.checked:
            self._check(type_name, selection, text)
            self.checked.add(seen)
        return selection

    def text(self, text: str, selection: SelectionSetNode) -> str:
        """The user's text, unless it means something else now or a comment would swallow a closing brace."""
        return text if selection is self.parsed[text] and "#" not in text else _print(selection)

    def _narrow(self, type_name: str, selection: SelectionSetNode, types: Mapping[str, TypeDraft]) -> SelectionSetNode:
        nodes = tuple(self._narrow_node(type_name, node, types) for node in selection.selections)
        if all(new is old for new, old in zip(nodes, selection.selections, strict=True)):
            return selection
        return SelectionSetNode(selections=nodes)

    def _narrow_node(self, type_name: str, node: SelectionNode, types: Mapping[str, TypeDraft]) -> SelectionNode:
        match node:
            case FieldNode(name=name, selection_set=SelectionSetNode() as inner):
                merged = self.fields.get(type_name, {}).get(name.value, "")
                draft = types.get(type_name)
                view = draft.fields.get(name.value) if draft else None
                own = base_name(view.type) if view else merged
                narrowed = self._narrow(own, inner, types)
                if own != merged and own in self.fields and merged in self.fields:
                    own_type = NamedTypeNode(name=NameNode(value=own))
                    fragment = InlineFragmentNode(type_condition=own_type, selection_set=narrowed, directives=())
                    narrowed = SelectionSetNode(selections=(fragment,))
                return node if narrowed is inner else replace(node, selection_set=narrowed)
            case InlineFragmentNode(type_condition=condition, selection_set=inner):
                narrowed = self._narrow(condition.name.value if condition else type_name, inner, types)
                return node if narrowed is inner else replace(node, selection_set=narrowed)
            case _:
                return node

    def _check(self, type_name: str, selection: SelectionSetNode, text: str) -> None:
        if not selection.selections:
            raise SupergraphError(f"Field set {text!r} selects nothing in one place.")
        for node in selection.selections:
            match node:
                case FieldNode(name=name, selection_set=inner) if name.value == "__typename":
                    found = inner is None
                case FieldNode(name=name, selection_set=inner):
                    base = self.fields.get(type_name, {}).get(name.value)
                    found = base is not None and (inner is None) != (base in self.fields)
                    if base is not None and inner is not None and found:
                        self._check(base, inner, text)
                case InlineFragmentNode(type_condition=condition, selection_set=inner):
                    target = condition.name.value if condition else type_name
                    found = target in self.fields
                    self._check(target, inner, text)
                case _:
                    found = False
            if not found:
                raise SupergraphError(f"Field set {text!r} does not fit type {type_name}.")


def index_fields(document: SupergraphDocument) -> FieldSets:
    """An empty memo for the composite types of ``document``."""
    return FieldSets(
        {
            name: {f.name.value: base_name(type_from_node(f.type)) for f in getattr(node, "fields", None) or ()}
            for name, node in document.types.items()
            if isinstance(node, COMPOSITE_NODES)
        }
    )


def clean_field_sets(graph: GraphDraft, sets: FieldSets) -> None:
    """Check every field set of ``graph``, and drop the leaves of requires and provides that are not external there.

    Federation 1 allowed such leaves. They say nothing, and would make the planner fetch what the subgraph has itself.
    """
    runtime_types = graph.runtime_types()
    for draft in graph.types.values():
        draft.keys = [
            replace(key, fields=sets.text(key.fields, sets.read(draft.name, key.fields, graph.types)))
            for key in draft.keys
        ]
        for view in list(draft.fields.values()):
            if view.requires is None and view.provides is None:
                continue
            draft.fields[view.name] = replace(
                view,
                requires=_clean(graph, runtime_types, sets, draft.name, view.requires),
                provides=_clean(graph, runtime_types, sets, base_name(view.type), view.provides),
            )


def _clean(
    graph: GraphDraft, runtime_types: Mapping[str, tuple[str, ...]], sets: FieldSets, type_name: str, text: str | None
) -> str | None:
    if text is None:
        return None
    selection = sets.read(type_name, text, graph.types)
    cleaned = _Cleaner(graph.types, runtime_types).clean(type_name, selection)
    if cleaned is selection:
        return sets.text(text, selection)
    return None if cleaned is None else _print(cleaned)


def _print(selection: SelectionSetNode) -> str:
    return strip_ignored_characters(print_ast(selection))[1:-1]


@dataclass(frozen=True, slots=True)
class _Cleaner:
    types: Mapping[str, TypeDraft]
    runtime_types: Mapping[str, tuple[str, ...]]

    def clean(self, type_name: str, selection: SelectionSetNode) -> SelectionSetNode | None:
        """``selection`` with its external parts only; ``None`` if nothing is left but type names."""
        kept = [(node, self._clean_node(type_name, node)) for node in selection.selections]
        if all(new is old for old, new in kept):
            return selection
        nodes = tuple(new for _, new in kept if new is not None)
        if all(isinstance(node, FieldNode) and node.name.value == "__typename" for node in nodes):
            return None
        return SelectionSetNode(selections=nodes)

    def _clean_node(self, type_name: str, node: SelectionNode) -> SelectionNode | None:
        match node:
            case FieldNode(name=name, selection_set=inner):
                if name.value == "__typename" or self._is_external(type_name, name.value):
                    return node
                view = self._find(type_name, name.value)
                if inner is None or view is None:
                    return None
                return _with_selection(node, self.clean(base_name(view.type), inner))
            case InlineFragmentNode(type_condition=condition, selection_set=inner):
                return _with_selection(node, self.clean(condition.name.value if condition else type_name, inner))
            case _:  # pragma: no cover - refused when the set was read
                return None

    def _is_external(self, type_name: str, field_name: str) -> bool:
        """Whether the subgraph does not resolve the field itself, on this type or on one of its runtime types.

        A field that the view does not have at all is external as well: it must come from elsewhere.
        """
        views = [self._find(name, field_name) for name in (type_name, *self.runtime_types.get(type_name, ()))]
        return views[0] is None or any(view is not None and view.external for view in views)

    def _find(self, type_name: str, field_name: str) -> FieldView | None:
        draft = self.types.get(type_name)
        return draft.fields.get(field_name) if draft else None


def _with_selection(
    node: FieldNode | InlineFragmentNode, selection: SelectionSetNode | None
) -> FieldNode | InlineFragmentNode | None:
    if selection is None or selection is node.selection_set:
        return node if selection else None
    return replace(node, selection_set=selection)


def _parse(text: str) -> SelectionSetNode:
    if nests_deeper_than(text, MAX_NESTING):
        raise SupergraphError(f"A field set nests more than {MAX_NESTING} brackets.")
    try:
        # The line break ends a comment at the end of the text.
        definitions: Iterable[object] = parse("{" + text + "\n}", no_location=True).definitions
    except GraphQLError as error:
        raise SupergraphError(f"Field set {text!r} is not a selection: {error.message}") from error
    match tuple(definitions):
        case (OperationDefinitionNode(selection_set=selection),):
            return selection
        case _:
            raise SupergraphError(f"Field set {text!r} is not a selection.")
