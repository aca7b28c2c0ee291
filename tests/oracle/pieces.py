"""What a subgraph says about itself: its SDL as a table of types, fields and federation directives.

    subgraph SDLs ──▶ pieces ──▶ world ──▶ data ──▶ in-memory subgraphs, monolith
                      ▲ you are here

This reader is deliberately independent of the composer that is under test, and knows only what the oracle's own
subgraphs use: federation 2 directives under their plain names.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    OperationDefinitionNode,
    ScalarTypeDefinitionNode,
    SelectionSetNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    parse,
    print_ast,
    value_from_ast_untyped,
)

from supergraph.sdl.types import TypeRef, type_from_node

ROOT_TYPES = ("Query", "Mutation", "Subscription")

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external",'
    ' "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject", "@tag", "@context", "@fromContext"])'
)
"""The first line of every subgraph that does not bring its own."""


@dataclass(frozen=True, slots=True)
class Key:
    """One ``@key`` of a piece."""

    fields: SelectionSetNode
    resolvable: bool = True


@dataclass(frozen=True, slots=True)
class FromContext:
    """An argument that is filled with what ``selection`` finds on the nearest ancestor that sets ``context``."""

    argument: str
    context: str
    selection: SelectionSetNode


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceField:
    """A field as one subgraph declares it."""

    name: str
    type: TypeRef
    arguments: tuple[InputValueDefinitionNode, ...] = ()
    external: bool = False
    shareable: bool = False
    inaccessible: bool = False
    requires: SelectionSetNode | None = None
    provides: SelectionSetNode | None = None
    override: str | None = None
    label: str | None = None
    from_context: tuple[FromContext, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A type as one subgraph declares it.

    Attributes:
        kind: ``object``, ``interface``, ``union``, ``enum``, ``input`` or ``scalar``.
    """

    name: str
    kind: str
    keys: tuple[Key, ...] = ()
    interface_object: bool = False
    inaccessible: bool = False
    fields: Mapping[str, PieceField] = field(default_factory=dict)
    interfaces: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    inputs: tuple[InputValueDefinitionNode, ...] = ()
    contexts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubgraphSource:
    """A subgraph's name and SDL, with its ``@link``."""

    name: str
    sdl: str

    @property
    def body(self) -> str:
        """The SDL without the standard first line."""
        return self.sdl.removeprefix(LINK).strip("\n")


@dataclass(frozen=True, slots=True)
class SubgraphPieces:
    """One subgraph, read."""

    name: str
    types: Mapping[str, Piece]


def with_link(sdl: str) -> str:
    """``sdl`` with the standard ``@link`` unless it has one."""
    return sdl if "@link(" in sdl else f"{LINK}\n\n{sdl}"


def parse_field_set(text: str) -> SelectionSetNode:
    """The selection set that a ``fields`` argument denotes."""
    definition = parse("{" + text + "}", no_location=True).definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    return definition.selection_set


def read_pieces(source: SubgraphSource) -> SubgraphPieces:
    """Read one subgraph; extensions are merged into their definitions."""
    types: dict[str, Piece] = {}
    document: DocumentNode = parse(source.sdl, no_location=True)
    for node in document.definitions:
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode):
            piece = _read_piece(node)
            known = types.get(piece.name)
            types[piece.name] = piece if known is None else _merge(known, piece)
    return SubgraphPieces(source.name, types)


def _merge(first: Piece, second: Piece) -> Piece:
    return replace(
        first,
        keys=first.keys + second.keys,
        interface_object=first.interface_object or second.interface_object,
        inaccessible=first.inaccessible or second.inaccessible,
        fields={**first.fields, **second.fields},
        interfaces=first.interfaces + second.interfaces,
        members=first.members + second.members,
        values=first.values + second.values,
        inputs=first.inputs + second.inputs,
        contexts=first.contexts + second.contexts,
    )


def _read_piece(node: TypeDefinitionNode | TypeExtensionNode) -> Piece:
    name = node.name.value
    directives = _directives(node.directives)
    inaccessible = "inaccessible" in directives
    match node:
        case (
            ObjectTypeDefinitionNode()
            | ObjectTypeExtensionNode()
            | InterfaceTypeDefinitionNode()
            | InterfaceTypeExtensionNode()
        ):
            is_object = isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode)
            fields = [_read_field(name, child, directives) for child in node.fields or ()]
            return Piece(
                name=name,
                kind="object" if is_object else "interface",
                keys=tuple(_read_key(key) for key in directives.get("key", ())),
                interface_object="interfaceObject" in directives,
                inaccessible=inaccessible,
                fields={child.name: child for child in fields},
                contexts=tuple(str(_arguments(each)["name"]) for each in directives.get("context", ())),
                interfaces=tuple(interface.name.value for interface in node.interfaces or ()),
            )
        case UnionTypeDefinitionNode() | UnionTypeExtensionNode():
            members = tuple(member.name.value for member in node.types or ())
            return Piece(name=name, kind="union", members=members, inaccessible=inaccessible)
        case EnumTypeDefinitionNode() | EnumTypeExtensionNode():
            values = tuple(value.name.value for value in node.values or ())
            return Piece(name=name, kind="enum", values=values, inaccessible=inaccessible)
        case InputObjectTypeDefinitionNode():
            return Piece(name=name, kind="input", inputs=tuple(node.fields or ()), inaccessible=inaccessible)
        case ScalarTypeDefinitionNode():
            return Piece(name=name, kind="scalar", inaccessible=inaccessible)
        case _:
            raise ValueError(f"the oracle does not read {print_ast(node)}")


def _read_field(parent: str, node: FieldDefinitionNode, of_type: Mapping[str, list[DirectiveNode]]) -> PieceField:
    own = _directives(node.directives)
    override = _arguments(own["override"][0]) if "override" in own else {}
    return PieceField(
        name=node.name.value,
        type=type_from_node(node.type),
        arguments=tuple(node.arguments or ()),
        external="external" in own or "external" in of_type,
        shareable="shareable" in own or ("shareable" in of_type and parent not in ROOT_TYPES),
        inaccessible="inaccessible" in own,
        requires=_field_set(own, "requires"),
        provides=_field_set(own, "provides"),
        override=_text(override.get("from")),
        label=_text(override.get("label")),
        from_context=tuple(_read_contexts(node)),
    )


def _read_contexts(node: FieldDefinitionNode) -> Iterator[FromContext]:
    for argument in node.arguments or ():
        for directive in _directives(argument.directives).get("fromContext", ()):
            name, _, selection = str(_arguments(directive)["field"]).strip().removeprefix("$").partition(" ")
            inner = selection.strip().removeprefix("{").removesuffix("}")
            yield FromContext(argument.name.value, name, parse_field_set(inner))


def _read_key(node: DirectiveNode) -> Key:
    arguments = _arguments(node)
    return Key(parse_field_set(str(arguments["fields"])), arguments.get("resolvable", True) is not False)


def _field_set(directives: Mapping[str, list[DirectiveNode]], name: str) -> SelectionSetNode | None:
    if name not in directives:
        return None
    return parse_field_set(str(_arguments(directives[name][0])["fields"]))


def _directives(nodes: Iterable[DirectiveNode] | None) -> dict[str, list[DirectiveNode]]:
    found: dict[str, list[DirectiveNode]] = {}
    for node in nodes or ():
        found.setdefault(node.name.value, []).append(node)
    return found


def _arguments(node: DirectiveNode) -> dict[str, object]:
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in node.arguments or ()}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
