"""``@inaccessible``: where it may stand, and what is left for clients.

An element is *hidden* if it or anything around it is marked. Hidden elements stay in the supergraph, where keys and
requires may use them. The checks see to it that what remains is a schema: every code here means that a visible
element cannot do without a hidden one.
https://specs.apollo.dev/inaccessible/v0.2/
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graphql import (
    DirectiveNode,
    EnumTypeDefinitionNode,
    EnumValueNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListValueNode,
    NamedTypeNode,
    Node,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectValueNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    ValueNode,
    specified_directives,
    specified_scalar_types,
)

from supergraph.errors import CompositionError
from supergraph.reader.document import AnyNode, SupergraphDocument, with_parts
from supergraph.reader.features import Features
from supergraph.sdl.types import base_name, type_from_node

COMPOSITE = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)
BUILT_IN_TYPES = frozenset(specified_scalar_types)
BUILT_IN_DIRECTIVES = frozenset(directive.name for directive in specified_directives)

Errors = Iterator[CompositionError]


def check_inaccessible(document: SupergraphDocument, features: Features) -> list[CompositionError]:
    """Every misuse of ``@inaccessible`` in a supergraph document."""
    marker = features.directive("inaccessible")
    if marker is None:
        return []
    checker = _Checker(document, features, marker)
    return [
        *checker.check_disallowed(),
        *checker.check_roots(),
        *(error for node in checker.visible_types() for error in checker.check_type(node)),
        *checker.check_directives(),
    ]


def remove_inaccessible(document: SupergraphDocument, features: Features) -> SupergraphDocument:
    """``document`` without its hidden elements; only for documents that ``check_inaccessible`` has passed."""
    marker = features.directive("inaccessible")
    if marker is None:
        return document
    hidden = {name for name, node in document.types.items() if _is_marked(node, marker)}
    types = {name: _remove_parts(node, hidden, marker) for name, node in document.types.items() if name not in hidden}
    directives = {name: _remove_parts(node, hidden, marker) for name, node in document.directives.items()}
    roots = tuple(root for root in document.schema.operation_types if root.type.name.value not in hidden)
    return SupergraphDocument(
        schema=replace(document.schema, operation_types=roots), types=types, directives=directives
    )


@dataclass(frozen=True, slots=True)
class _Checker:
    document: SupergraphDocument
    features: Features
    marker: str

    def marked(self, node: Node) -> bool:
        return _is_marked(node, self.marker)

    def visible_types(self) -> Iterator[TypeDefinitionNode]:
        """The types that clients see."""
        for name, node in self.document.types.items():
            owned = name in BUILT_IN_TYPES or self.features.owner_of_type(name) is not None
            if not owned and not self.marked(node):
                yield node

    def check_disallowed(self) -> Errors:
        """Built-in and specified elements are not the user's to hide."""
        for name, node in self.document.types.items():
            if name not in BUILT_IN_TYPES and self.features.owner_of_type(name) is None and not name.startswith("__"):
                continue
            if any(map(self.marked, _walk(node))):
                yield _error(
                    "DISALLOWED_INACCESSIBLE", name, f"{name} is not yours to hide: @inaccessible is not allowed"
                )
        for name, directive in self.document.directives.items():
            if name not in BUILT_IN_DIRECTIVES and self.features.owner_of_directive(name) is None:
                continue
            if any(map(self.marked, _walk(directive))):
                text = f"@{name} is not yours to hide: @inaccessible is not allowed"
                yield _error("DISALLOWED_INACCESSIBLE", f"@{name}", text)

    def check_roots(self) -> Errors:
        """Without a query root there is no API."""
        name = self.document.roots.get("query", "")
        node = self.document.types.get(name)
        if node is not None and self.marked(node):
            text = f"{name} is @inaccessible but is the query root type, which the API schema must have"
            yield _error("QUERY_ROOT_TYPE_INACCESSIBLE", name, text)

    def check_type(self, node: TypeDefinitionNode) -> Errors:
        """The rules of one visible type."""
        yield from self._check_children(node)
        if isinstance(node, COMPOSITE):
            for field in node.fields or ():
                yield from self._check_field(node, field)
        elif isinstance(node, InputObjectTypeDefinitionNode):
            for input_field in node.fields or ():
                coordinate = f"{node.name.value}.{input_field.name.value}"
                yield from self._check_input(coordinate, input_field)

    def check_directives(self) -> Errors:
        """The arguments of directives that clients may use."""
        for name, directive in self.document.directives.items():
            if name in BUILT_IN_DIRECTIVES or self.features.owner_of_directive(name) is not None:
                continue
            for argument in directive.arguments or ():
                yield from self._check_input(f"@{name}({argument.name.value}:)", argument)

    def _check_children(self, node: TypeDefinitionNode) -> Errors:
        children: tuple[Node, ...]
        match node:
            case ObjectTypeDefinitionNode(fields=fields) | InterfaceTypeDefinitionNode(fields=fields):
                children = fields or ()
            case InputObjectTypeDefinitionNode(fields=inputs):
                children = inputs or ()
            case EnumTypeDefinitionNode(values=values):
                children = values or ()
            case UnionTypeDefinitionNode(types=members):
                children = tuple(
                    self.document.types[m.name.value] for m in members or () if m.name.value in self.document.types
                )
            case _:
                children = ()
        if children and all(map(self.marked, children)):
            name = node.name.value
            text = f"{name} is in the API schema but all that it consists of is @inaccessible"
            yield _error("ONLY_INACCESSIBLE_CHILDREN", name, text)

    def _check_field(
        self, parent: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode, field: FieldDefinitionNode
    ) -> Errors:
        coordinate = f"{parent.name.value}.{field.name.value}"
        overridden = list(self._interface_fields(parent, field.name.value))
        if self.marked(field):
            for interface, _ in overridden:
                yield _implemented(coordinate, f"{interface}.{field.name.value}")
            return
        yield from self._check_reference(coordinate, field.type)
        for argument in field.arguments or ():
            name = argument.name.value
            yield from self._check_input(f"{coordinate}({name}:)", argument)
            if not self.marked(argument):
                continue
            for interface, interface_field in overridden:
                if any(a.name.value == name and not self.marked(a) for a in interface_field.arguments or ()):
                    yield _implemented(f"{coordinate}({name}:)", f"{interface}.{field.name.value}({name}:)")

    def _interface_fields(
        self, parent: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode, name: str
    ) -> Iterator[tuple[str, FieldDefinitionNode]]:
        """The visible fields of interfaces that the field ``name`` of ``parent`` implements."""
        for reference in parent.interfaces or ():
            interface = self.document.types.get(reference.name.value)
            if not isinstance(interface, InterfaceTypeDefinitionNode) or self.marked(interface):
                continue
            for field in interface.fields or ():
                if field.name.value == name and not self.marked(field):
                    yield reference.name.value, field

    def _check_input(self, coordinate: str, node: InputValueDefinitionNode) -> Errors:
        """An argument or input field whose parent is visible."""
        if self.marked(node):
            if isinstance(node.type, NonNullTypeNode) and node.default_value is None:
                text = f"{coordinate} is @inaccessible but required, so nobody could use what it belongs to"
                yield _error("REQUIRED_INACCESSIBLE", coordinate, text)
            return
        yield from self._check_reference(coordinate, node.type)
        if node.default_value is not None:
            for used in sorted(set(self._hidden_in_value(node.type, node.default_value))):
                text = f"{used} is @inaccessible but is used in the default value of {coordinate}"
                yield _error("DEFAULT_VALUE_USES_INACCESSIBLE", coordinate, text)

    def _check_reference(self, coordinate: str, type_node: TypeNode) -> Errors:
        name = _base_name(type_node)
        node = self.document.types.get(name)
        if node is not None and self.marked(node) and name not in BUILT_IN_TYPES:
            text = f"{name} is @inaccessible but is referenced by {coordinate}, which is in the API schema"
            yield _error("REFERENCED_INACCESSIBLE", name, text)

    def _hidden_in_value(self, type_node: TypeNode, value: ValueNode) -> Iterator[str]:
        definition = self.document.types.get(_base_name(type_node))
        match value, definition:
            case ListValueNode(values=items), _:
                for item in items:
                    yield from self._hidden_in_value(type_node, item)
            case EnumValueNode(value=name), EnumTypeDefinitionNode(values=values):
                if any(node.name.value == name and self.marked(node) for node in values or ()):
                    yield f"{_base_name(type_node)}.{name}"
            case ObjectValueNode(fields=given), InputObjectTypeDefinitionNode(fields=inputs):
                known = {node.name.value: node for node in inputs or ()}
                for entry in given:
                    node = known.get(entry.name.value)
                    if node is None:
                        continue
                    if self.marked(node):
                        yield f"{_base_name(type_node)}.{entry.name.value}"
                    yield from self._hidden_in_value(node.type, entry.value)
            case _:
                pass


def _is_marked(node: Node, marker: str) -> bool:
    directives: Iterable[DirectiveNode] = getattr(node, "directives", None) or ()
    return any(directive.name.value == marker for directive in directives)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for part in ("fields", "arguments", "values"):
        for child in getattr(node, part, None) or ():
            yield from _walk(child)


def _remove_parts(node: AnyNode, hidden: set[str], marker: str) -> AnyNode:
    """``node`` without marked fields, arguments and values, and without references to hidden types."""
    changes: dict[str, tuple[Node, ...]] = {}
    for part in ("fields", "arguments", "values"):
        children: tuple[Node, ...] = getattr(node, part, None) or ()
        kept = tuple(_remove_parts(child, hidden, marker) for child in children if not _is_marked(child, marker))
        if len(kept) != len(children) or any(new is not old for new, old in zip(kept, children, strict=True)):
            changes[part] = kept
    for part in ("interfaces", "types"):
        references: tuple[NamedTypeNode, ...] = getattr(node, part, None) or ()
        visible = tuple(reference for reference in references if reference.name.value not in hidden)
        if len(visible) != len(references):
            changes[part] = visible
    return with_parts(node, changes) if changes else node


def _base_name(node: TypeNode) -> str:
    return base_name(type_from_node(node))


def _implemented(coordinate: str, interface_coordinate: str) -> CompositionError:
    text = f"{coordinate} is @inaccessible but implements {interface_coordinate}, which is in the API schema"
    return _error("IMPLEMENTED_BY_INACCESSIBLE", coordinate, text)


def _error(code: str, coordinate: str, message: str) -> CompositionError:
    return CompositionError(code, f"{message}.", coordinate=coordinate)
