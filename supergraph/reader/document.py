"""A supergraph document, parsed, with extensions merged into their definitions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from graphql import (
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLError,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    NameNode,
    Node,
    ObjectTypeDefinitionNode,
    OperationType,
    OperationTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    parse,
)

from supergraph.errors import SupergraphError
from supergraph.nesting import nests_deeper_than

MAX_NESTING = 60
"""Supergraphs nest four brackets deep, and a few more in default values."""

TYPE_KINDS: Mapping[type[TypeDefinitionNode], str] = {
    ObjectTypeDefinitionNode: "object",
    InterfaceTypeDefinitionNode: "interface",
    UnionTypeDefinitionNode: "union",
    EnumTypeDefinitionNode: "enum",
    InputObjectTypeDefinitionNode: "input",
    ScalarTypeDefinitionNode: "scalar",
}

AnyNode = TypeVar("AnyNode", bound=Node)
Definition = TypeVar("Definition", TypeDefinitionNode, DirectiveDefinitionNode)

_MERGED_PARTS = ("directives", "interfaces", "fields", "types", "values")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SupergraphDocument:
    """A schema document by parts; nothing in it is an extension any more.

    Attributes:
        schema: The schema definition; made up from the default root names where the document has none.
    """

    schema: SchemaDefinitionNode
    types: Mapping[str, TypeDefinitionNode]
    directives: Mapping[str, DirectiveDefinitionNode]

    @property
    def roots(self) -> Mapping[str, str]:
        """Root type names by ``query``, ``mutation`` and ``subscription``."""
        return {root.operation.value: root.type.name.value for root in self.schema.operation_types}

    def to_node(self) -> DocumentNode:
        """The parts as one document again."""
        return DocumentNode(definitions=(self.schema, *self.directives.values(), *self.types.values()))


def parse_document(sdl: str) -> SupergraphDocument:
    """Parse ``sdl``; raises ``SupergraphError`` for whatever is not a schema document."""
    if nests_deeper_than(sdl, MAX_NESTING):
        raise SupergraphError(f"The document nests more than {MAX_NESTING} brackets.", code="INVALID_GRAPHQL")
    try:
        # Nobody asks where in a supergraph something stands; locations cost a quarter of the time.
        document = parse(sdl, no_location=True)
    except GraphQLError as error:
        raise SupergraphError(f"The document is not GraphQL: {error}", code="INVALID_GRAPHQL") from error
    return merge_document(document)


def merge_document(document: DocumentNode) -> SupergraphDocument:
    """Sort definitions by kind and merge extensions; raises ``SupergraphError`` for duplicates and operations."""
    types: dict[str, TypeDefinitionNode] = {}
    directives: dict[str, DirectiveDefinitionNode] = {}
    schemas: list[SchemaDefinitionNode] = []
    schema_extensions: list[SchemaExtensionNode] = []
    type_extensions: dict[str, list[TypeExtensionNode]] = {}
    for node in document.definitions:
        match node:
            case TypeDefinitionNode():
                _add_once(types, node.name.value, node, "type ")
            case DirectiveDefinitionNode():
                _add_once(directives, node.name.value, node, "directive @")
            case SchemaDefinitionNode():
                schemas.append(node)
            case SchemaExtensionNode():
                schema_extensions.append(node)
            case TypeExtensionNode():
                type_extensions.setdefault(node.name.value, []).append(node)
            case _:
                raise SupergraphError("A supergraph holds type system definitions only.", code="INVALID_GRAPHQL")
    if len(schemas) > 1:
        raise SupergraphError("The document defines its schema twice.", code="INVALID_GRAPHQL")
    for name, extensions in type_extensions.items():
        types[name] = _extend(types.get(name), name, extensions)
    return SupergraphDocument(
        schema=_merge_schema(schemas, schema_extensions, types), types=types, directives=directives
    )


def with_parts(node: AnyNode, parts: Mapping[str, tuple[Node, ...]]) -> AnyNode:
    """A copy of ``node`` with other children under the given attributes."""
    # The attributes are named at run time, which dataclasses.replace cannot be checked for.
    return replace(node, **parts)  # type: ignore[arg-type]


def string_argument(directive: DirectiveNode, name: str) -> str | None:
    """The value of a string argument of an applied directive; ``None`` if it is absent or no string."""
    for argument in directive.arguments or ():
        if argument.name.value == name and isinstance(argument.value, StringValueNode):
            return argument.value.value
    return None


def _add_once(found: dict[str, Definition], name: str, node: Definition, what: str) -> None:
    if name in found:
        raise SupergraphError(f"The document defines {what}{name} twice.", code="INVALID_GRAPHQL")
    found[name] = node


def _extend(
    definition: TypeDefinitionNode | None, name: str, extensions: Iterable[TypeExtensionNode]
) -> TypeDefinitionNode:
    if definition is None:
        raise SupergraphError(f"The document extends type {name} without defining it.", code="INVALID_GRAPHQL")
    parts = {part: list(getattr(definition, part) or ()) for part in _MERGED_PARTS if hasattr(definition, part)}
    for extension in extensions:
        if extension.kind.removesuffix("_extension") != definition.kind.removesuffix("_definition"):
            raise SupergraphError(f"Type {name} and its extension are of different kinds.", code="INVALID_GRAPHQL")
        for part, nodes in parts.items():
            nodes.extend(getattr(extension, part) or ())
    return with_parts(definition, {part: tuple(nodes) for part, nodes in parts.items()})


def _merge_schema(
    definitions: list[SchemaDefinitionNode],
    extensions: list[SchemaExtensionNode],
    types: Mapping[str, TypeDefinitionNode],
) -> SchemaDefinitionNode:
    nodes: tuple[SchemaDefinitionNode | SchemaExtensionNode, ...] = (*definitions, *extensions)
    roots = [root for node in nodes for root in node.operation_types or ()]
    if not roots:
        # Without root operation types the default names count.
        # https://spec.graphql.org/September2025/#sec-Root-Operation-Types.Default-Root-Operation-Type-Names
        roots = [_default_root(operation) for operation in OperationType if operation.value.title() in types]
    return SchemaDefinitionNode(
        description=definitions[0].description if definitions else None,
        directives=tuple(directive for node in nodes for directive in node.directives or ()),
        operation_types=tuple(roots),
    )


def _default_root(operation: OperationType) -> OperationTypeDefinitionNode:
    name = NameNode(value=operation.value.title())
    return OperationTypeDefinitionNode(operation=operation, type=NamedTypeNode(name=name))
