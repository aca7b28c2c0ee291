"""Reading the join directives: what each subgraph of a supergraph document has.

The rules are those of join 0.2 to 0.5; ``fed1`` completes what 0.1 leaves implicit.

- A type is in the subgraphs that its ``join__type`` names; without any, it is a value type of every subgraph.
- A field without ``join__field`` is in every subgraph of its type; with some, in those they name. One without
  ``graph`` names none: the field comes through an interface object.
- Where an element has no ``join__implements``, ``join__unionMember`` or ``join__enumValue`` at all (old versions), it
  is in every subgraph of its type.

https://specs.apollo.dev/join/v0.3/
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    value_from_ast_untyped,
)

from supergraph.errors import SupergraphError
from supergraph.nesting import nests_deeper_than
from supergraph.reader.document import TYPE_KINDS, SupergraphDocument
from supergraph.reader.draft import GraphDraft, TypeDraft
from supergraph.reader.features import Feature, Features
from supergraph.reader.fed1 import complete_fed1
from supergraph.reader.field_sets import clean_field_sets, index_fields
from supergraph.sdl.types import TypeRef, type_from_node, type_from_text
from supergraph.views import ContextArgument, FieldView, KeyView, SubgraphView

Arguments = Mapping[str, object]
"""The arguments of an applied directive as plain values."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """The document's own names for the join directives and ``@context``, and its subgraphs by their enum names."""

    join: Feature
    graphs: Mapping[str, GraphDraft]
    context: str | None = None

    def applied(self, node: Node, name: str) -> list[Arguments]:
        """The arguments of each application of a join directive on ``node``."""
        local = self.join.directive(name)
        directives: Iterable[DirectiveNode] = getattr(node, "directives", None) or ()
        return [_arguments(directive) for directive in directives if directive.name.value == local]

    def graph(self, arguments: Arguments) -> GraphDraft | None:
        """The subgraph that an application names, ``None`` if it names none."""
        name = arguments.get("graph")
        if name is None:
            return None
        graph = self.graphs.get(str(name))
        if graph is None:
            raise SupergraphError(f"{name} is not a subgraph of this supergraph.")
        return graph

    def contexts(self, node: Node) -> tuple[str, ...]:
        """The contexts that a type sets."""
        directives: Iterable[DirectiveNode] = getattr(node, "directives", None) or ()
        applied = (directive for directive in directives if directive.name.value == self.context)
        return tuple(str(_arguments(directive).get("name")) for directive in applied)

    def pairs(self, node: Node, name: str, argument: str) -> list[tuple[str, str]]:
        """For a directive that lists one thing of one subgraph: (enum name of the subgraph, thing)."""
        return [(str(found.get("graph")), str(found.get(argument))) for found in self.applied(node, name)]


def read_views(document: SupergraphDocument, features: Features) -> Mapping[str, SubgraphView]:
    """A view per subgraph by original name; raises ``SupergraphError``."""
    join = features.find("join")
    assert join is not None
    reader = _Reader(join, _read_graphs(document, join), features.directive("context"))
    owners: dict[str, str] = {}
    for node in document.types.values():
        if features.owner_of_type(node.name.value) is not None:
            continue
        for owner in reader.applied(node, "owner"):
            owners[node.name.value] = str(owner.get("graph"))
        _read_type(reader, node, owners.get(node.name.value))
    sets = index_fields(document)
    if join.version == (0, 1):
        complete_fed1(document, reader.graphs.values(), sets)
    for graph in reader.graphs.values():
        clean_field_sets(graph, sets)
        graph.drop_idle_types()
    return {graph.name: graph.seal() for graph in reader.graphs.values()}


def _read_graphs(document: SupergraphDocument, join: Feature) -> dict[str, GraphDraft]:
    enum = document.types.get(join.type("Graph"))
    if not isinstance(enum, EnumTypeDefinitionNode):
        raise SupergraphError("The document has no enum that lists its subgraphs.")
    graphs: dict[str, GraphDraft] = {}
    names: set[str] = set()
    for value in enum.values or ():
        applied = [d for d in value.directives or () if d.name.value == join.directive("graph")]
        arguments = _arguments(applied[0]) if applied else {}
        name = arguments.get("name")
        if not isinstance(name, str) or name in names:
            raise SupergraphError(f"{value.name.value} does not name a subgraph of its own.")
        names.add(name)
        enum_name = value.name.value
        graphs[enum_name] = GraphDraft(name=name, enum_name=enum_name, url=str(arguments.get("url") or ""))
    return graphs


def _read_type(reader: _Reader, node: TypeDefinitionNode, owner: str | None) -> None:
    name = node.name.value
    kind = TYPE_KINDS[type(node)]
    drafts: dict[str, TypeDraft] = {}
    for arguments in reader.applied(node, "type"):
        graph = reader.graph(arguments)
        if graph is None:
            raise SupergraphError(f"Type {name} is joined without a subgraph.")
        draft = drafts.setdefault(graph.enum_name, TypeDraft(name=name, kind=kind))
        key = arguments.get("key")
        if isinstance(key, str):
            draft.keys.append(KeyView(key, resolvable=arguments.get("resolvable") is not False))
        if arguments.get("isInterfaceObject") is True:
            draft.interface_object = True
            draft.kind = "object"
    if not drafts:
        named = _named_graphs(reader, node)
        drafts = {enum_name: TypeDraft(name=name, kind=kind) for enum_name in reader.graphs if enum_name in named}
    contexts = reader.contexts(node)
    for enum_name, draft in drafts.items():
        draft.contexts = contexts
        reader.graphs[enum_name].types[name] = draft
    _read_members(reader, node, drafts)
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        for field_node in node.fields or ():
            _read_field(reader, field_node, drafts, owner)


def _named_graphs(reader: _Reader, node: TypeDefinitionNode) -> Iterable[str]:
    """The subgraphs of a type without ``join__type``: those its fields name, as root types of join 0.1 do, or all."""
    fields: Sequence[FieldDefinitionNode] = getattr(node, "fields", None) or ()
    applied = [reader.applied(field_node, "field") for field_node in fields]
    if not applied or not all(applied):
        return reader.graphs
    return {str(found.get("graph")) for applications in applied for found in applications}


def _read_members(reader: _Reader, node: TypeDefinitionNode, drafts: Mapping[str, TypeDraft]) -> None:
    match node:
        case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
            names = [interface.name.value for interface in node.interfaces or ()]
            chosen = _choose(names, reader.pairs(node, "implements", "interface"), drafts)
            for enum_name, draft in drafts.items():
                draft.interfaces = chosen[enum_name]
        case UnionTypeDefinitionNode():
            names = [member.name.value for member in node.types or ()]
            chosen = _choose(names, reader.pairs(node, "unionMember", "member"), drafts)
            for enum_name, draft in drafts.items():
                draft.members = chosen[enum_name]
        case EnumTypeDefinitionNode():
            names = [value.name.value for value in node.values or ()]
            pairs = [
                (str(found.get("graph")), value.name.value)
                for value in node.values or ()
                for found in reader.applied(value, "enumValue")
            ]
            chosen = _choose(names, pairs, drafts)
            for enum_name, draft in drafts.items():
                draft.values = chosen[enum_name]
        case _:
            pass


def _choose(
    names: Sequence[str], pairs: Iterable[tuple[str, str]], drafts: Mapping[str, TypeDraft]
) -> dict[str, tuple[str, ...]]:
    """For each subgraph those of ``names`` that it has; all of them where the document does not say."""
    listed = set(pairs)
    if not listed:
        return dict.fromkeys(drafts, tuple(names))
    return {graph: tuple(name for name in names if (graph, name) in listed) for graph in drafts}


def _read_field(reader: _Reader, node: FieldDefinitionNode, drafts: Mapping[str, TypeDraft], owner: str | None) -> None:
    name = node.name.value
    type_ref = type_from_node(node.type)
    applications = reader.applied(node, "field")
    if not applications:
        view = FieldView(name=name, type=type_ref)
        for enum_name in drafts if owner is None else (owner,):
            if enum_name in drafts:
                drafts[enum_name].fields[name] = view
        return
    for arguments in applications:
        graph = reader.graph(arguments)
        if graph is None:
            continue
        draft = drafts.get(graph.enum_name)
        if draft is None:
            raise SupergraphError(f"Field {name} is joined in {graph.name}, which does not have its type.")
        draft.fields[name] = _field_view(name, type_ref, arguments)


def _field_view(name: str, type_ref: TypeRef, arguments: Arguments) -> FieldView:
    label = _text(arguments, "overrideLabel")
    own_type = _text(arguments, "type")
    # A field that was overridden but is still used by its old subgraph is for that subgraph's eyes only. With a label
    # the old subgraph resolves it as long as the label is off.
    overridden = arguments.get("usedOverridden") is True and label is None
    return FieldView(
        name=name,
        type=type_ref if own_type is None else _parse_type(own_type),
        external=arguments.get("external") is True or overridden,
        requires=_text(arguments, "requires"),
        provides=_text(arguments, "provides"),
        override_label=label,
        label_wanted=label is None or "override" in arguments,
        context_arguments=_context_arguments(arguments.get("contextArguments")),
    )


def _context_arguments(value: object) -> tuple[ContextArgument, ...]:
    entries = value if isinstance(value, list) else []
    return tuple(
        ContextArgument(
            name=str(entry.get("name")),
            type=str(entry.get("type")),
            context=str(entry.get("context")),
            selection=str(entry.get("selection")),
        )
        for entry in entries
        if isinstance(entry, dict)
    )


def _text(arguments: Arguments, name: str) -> str | None:
    value = arguments.get(name)
    return value if isinstance(value, str) else None


def _parse_type(text: str) -> TypeRef:
    if nests_deeper_than(text, 20):
        raise SupergraphError("A type nests more than 20 lists.")
    try:
        return type_from_text(text)
    except GraphQLError as error:
        raise SupergraphError(f"{text!r} is not a type: {error.message}") from error


def _arguments(directive: DirectiveNode) -> Arguments:
    return {node.name.value: value_from_ast_untyped(node.value) for node in directive.arguments or ()}
