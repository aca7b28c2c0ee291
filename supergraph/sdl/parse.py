"""From a parsed document to the schema model. Nothing is checked here; see ``supergraph.compose.load``."""

from collections.abc import Iterable

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    Node,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
)

from supergraph.sdl.model import (
    ENUM,
    INPUT,
    INTERFACE,
    OBJECT,
    SCALAR,
    UNION,
    Applied,
    Argument,
    DirectiveDef,
    Element,
    EnumValue,
    Field,
    Schema,
    TypeDef,
)
from supergraph.sdl.types import type_from_node

KINDS: dict[type[Node], str] = {
    ScalarTypeDefinitionNode: SCALAR,
    ScalarTypeExtensionNode: SCALAR,
    ObjectTypeDefinitionNode: OBJECT,
    ObjectTypeExtensionNode: OBJECT,
    InterfaceTypeDefinitionNode: INTERFACE,
    InterfaceTypeExtensionNode: INTERFACE,
    UnionTypeDefinitionNode: UNION,
    UnionTypeExtensionNode: UNION,
    EnumTypeDefinitionNode: ENUM,
    EnumTypeExtensionNode: ENUM,
    InputObjectTypeDefinitionNode: INPUT,
    InputObjectTypeExtensionNode: INPUT,
}
DEFAULT_ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


def schema_from_document(document: DocumentNode) -> Schema:
    """The model of a document, extensions merged into their types. A second definition counts as an extension."""
    schema = Schema()
    declarations: dict[str, list[TypeDefinitionNode | TypeExtensionNode]] = {}
    for node in document.definitions:
        match node:
            case TypeDefinitionNode() | TypeExtensionNode():
                declarations.setdefault(node.name.value, []).append(node)
            case DirectiveDefinitionNode():
                schema.directive_defs[node.name.value] = directive_from_node(node)
            case SchemaDefinitionNode() | SchemaExtensionNode():
                _read_schema(schema, node)
            case _:  # operations are refused before
                pass
    for name, nodes in declarations.items():
        schema.types[name] = _read_type(name, nodes)
    for operation, name in DEFAULT_ROOTS.items():
        if operation not in schema.roots and name in schema.types and not _has_schema_definition(document):
            schema.roots[operation] = name
    return schema


def _has_schema_definition(document: DocumentNode) -> bool:
    return any(isinstance(node, SchemaDefinitionNode) for node in document.definitions)


def _read_schema(schema: Schema, node: SchemaDefinitionNode | SchemaExtensionNode) -> None:
    schema.node = schema.node or node
    schema.applied += applied_from_nodes(node.directives, declaration=len(schema.applied))
    for operation in node.operation_types or ():
        schema.roots[operation.operation.value] = operation.type.name.value
    description = getattr(node, "description", None)
    if description is not None:
        schema.description = description.value


def _read_type(name: str, nodes: list[TypeDefinitionNode | TypeExtensionNode]) -> TypeDef:
    ordered = sorted(nodes, key=lambda node: isinstance(node, TypeExtensionNode))
    first = ordered[0]
    type_def = TypeDef(name, KINDS[type(first)], node=first)
    type_def.defined = isinstance(first, TypeDefinitionNode)
    for number, node in enumerate(ordered, 0 if type_def.defined else 1):
        _read_declaration(type_def, node, number)
    return type_def


def _read_declaration(type_def: TypeDef, node: TypeDefinitionNode | TypeExtensionNode, number: int) -> None:
    type_def.nodes.append(node)
    type_def.applied += applied_from_nodes(node.directives, declaration=number)
    type_def.description = type_def.description or _description(node)
    for interface in getattr(node, "interfaces", None) or ():
        type_def.interfaces.setdefault(interface.name.value, number)
    for member in getattr(node, "types", None) or ():
        type_def.members.setdefault(member.name.value, number)
    for value in getattr(node, "values", None) or ():
        read = EnumValue(value.name.value, parent=type_def.name, node=value, description=_description(value))
        read.applied = applied_from_nodes(value.directives, declaration=number)
        type_def.values.setdefault(read.name, read)
    for field in getattr(node, "fields", None) or ():
        type_def.fields.setdefault(field.name.value, _read_field(type_def, field, number))


def _read_field(type_def: TypeDef, node: FieldDefinitionNode | InputValueDefinitionNode, number: int) -> Field:
    field = Field(
        node.name.value,
        type_from_node(node.type),
        declaration=number,
        parent=type_def.name,
        node=node,
        description=_description(node),
    )
    field.applied = applied_from_nodes(node.directives, declaration=number)
    if isinstance(node, InputValueDefinitionNode):
        field.default = node.default_value
    else:
        field.arguments = _read_arguments(field, node.arguments)
    return field


def _read_arguments(owner: Element, nodes: Iterable[InputValueDefinitionNode] | None) -> dict[str, Argument]:
    arguments: dict[str, Argument] = {}
    for node in nodes or ():
        argument = Argument(
            node.name.value,
            type_from_node(node.type),
            parent=owner.coordinate,
            node=node,
            description=_description(node),
        )
        argument.default = node.default_value
        argument.applied = applied_from_nodes(node.directives, declaration=0)
        arguments.setdefault(argument.name, argument)
    return arguments


def directive_from_node(node: DirectiveDefinitionNode) -> DirectiveDef:
    """The model of a directive definition."""
    directive = DirectiveDef(node.name.value, node=node, description=_description(node))
    directive.arguments = _read_arguments(directive, node.arguments)
    directive.locations = tuple(location.value for location in node.locations)
    directive.repeatable = node.repeatable
    return directive


def applied_from_nodes(
    nodes: Iterable[DirectiveNode | ConstDirectiveNode] | None, *, declaration: int
) -> list[Applied]:
    """The applications that stand on one declaration."""
    return [
        Applied(
            node.name.value,
            {argument.name.value: argument.value for argument in node.arguments or ()},
            node,
            declaration=declaration,
        )
        for node in nodes or ()
    ]


def _description(node: Node) -> str | None:
    description = getattr(node, "description", None)
    return description.value if isinstance(description, StringValueNode) else None
