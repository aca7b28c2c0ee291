"""Where a schema coordinate is defined: for errors that belong to the whole rather than to a node."""

from collections.abc import Iterator

from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    GraphQLError,
    NameNode,
    Node,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    parse,
)

Position = tuple[int, int]


class Definitions:
    """The places of all definitions of one document, by coordinate; empty for a document that is not GraphQL."""

    __slots__ = ("_places",)

    def __init__(self, sdl: str) -> None:
        self._places: dict[str, list[Position]] = {}
        try:
            document = parse(sdl)
        except (GraphQLError, RecursionError):
            return
        for coordinate, name in _definitions(document):
            assert name.loc is not None  # as parse was asked for
            token = name.loc.start_token
            self._places.setdefault(coordinate, []).append((token.line, token.column))

    def find(self, coordinate: str) -> list[Position]:
        """Line and column of each definition of ``coordinate``; extensions of a type count."""
        return self._places.get(coordinate, [])


def _definitions(document: DocumentNode) -> Iterator[tuple[str, NameNode]]:
    roots = {
        operation.type.name.value: operation.operation.value.title()
        for node in document.definitions
        if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode))
        for operation in node.operation_types or ()
    }
    for node in document.definitions:
        match node:
            case DirectiveDefinitionNode(name=name):
                yield f"@{name.value}", name
                yield from _parts(f"@{name.value}", node)
            case TypeDefinitionNode() | TypeExtensionNode():
                # In the supergraph, and so in coordinates, root types have their default names.
                coordinate = roots.get(node.name.value, node.name.value)
                yield coordinate, node.name
                yield from _parts(coordinate, node)
            case _:
                pass


def _parts(coordinate: str, node: Node) -> Iterator[tuple[str, NameNode]]:
    for argument in getattr(node, "arguments", None) or ():
        yield f"{coordinate}({argument.name.value}:)", argument.name
    for part in (*(getattr(node, "fields", None) or ()), *(getattr(node, "values", None) or ())):
        inner = f"{coordinate}.{part.name.value}"
        yield inner, part.name
        yield from _parts(inner, part)
