"""The schema model: mutable descriptions of one SDL document, used by composition only.

    SDL text ──▶ parse ──▶ Schema ──▶ upgrade, validate, merge ──▶ Schema ──▶ print
                           ▲ you are here

graphql-core's ``GraphQLSchema`` cannot be changed, refuses half-valid documents and forgets which directive stood on
the definition and which on an extension. Composition needs all three, so it has its own model. Merging reads subgraph
models and writes the supergraph's; only the federation 1 upgrade changes a subgraph's model.
"""

from collections.abc import Iterator
from typing import TypedDict, Unpack

from graphql import Node, StringValueNode, ValueNode

from supergraph.sdl.types import TypeRef

SCALAR, OBJECT, INTERFACE, UNION, ENUM, INPUT = "scalar", "object", "interface", "union", "enum", "input"
COMPOSITE = frozenset({OBJECT, INTERFACE, UNION})
BUILT_IN_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})
BUILT_IN_DIRECTIVES = frozenset({"skip", "include", "deprecated", "specifiedBy", "oneOf"})


class Applied:
    """One application of a directive.

    Attributes:
        declaration: Which declaration of the type carries it: 0 the definition, n the nth extension.
    """

    __slots__ = ("arguments", "declaration", "name", "node")

    def __init__(
        self, name: str, arguments: dict[str, ValueNode], node: Node | None = None, *, declaration: int = 0
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.node = node
        self.declaration = declaration

    def text(self, argument: str) -> str | None:
        """The argument's value if it is a string, else ``None``."""
        value = self.arguments.get(argument)
        return value.value if isinstance(value, StringValueNode) else None


class ElementOptions(TypedDict, total=False):
    """What every element may be made with, besides its name."""

    parent: str
    node: Node | None
    description: str | None


class Element:
    """What every part of a schema has: a name, a description, directives and a place in the source."""

    __slots__ = ("applied", "description", "name", "node", "parent")

    def __init__(
        self, name: str, *, parent: str = "", node: Node | None = None, description: str | None = None
    ) -> None:
        self.name = name
        self.parent = parent
        self.node = node
        self.description = description
        self.applied: list[Applied] = []

    @property
    def coordinate(self) -> str:
        """The schema coordinate, for example ``Product.reviews(first:)``."""
        return self.name

    def directives(self, name: str | None) -> list[Applied]:
        """The applications of the directive called ``name`` in this document."""
        return [applied for applied in self.applied if applied.name == name]


class Argument(Element):
    """An argument of a field or of a directive; ``parent`` is the coordinate of its owner."""

    __slots__ = ("default", "type")

    def __init__(self, name: str, type_ref: TypeRef, **rest: Unpack[ElementOptions]) -> None:
        super().__init__(name, **rest)
        self.type = type_ref
        self.default: ValueNode | None = None

    @property
    def coordinate(self) -> str:
        """For example ``Product.reviews(first:)``."""
        return f"{self.parent}({self.name}:)"


class Field(Element):
    """A field of an object, an interface or an input object (which alone has a default)."""

    __slots__ = ("arguments", "declaration", "default", "type")

    def __init__(self, name: str, type_ref: TypeRef, *, declaration: int = 0, **rest: Unpack[ElementOptions]) -> None:
        super().__init__(name, **rest)
        self.type = type_ref
        self.arguments: dict[str, Argument] = {}
        self.default: ValueNode | None = None
        self.declaration = declaration

    @property
    def coordinate(self) -> str:
        """For example ``Product.reviews``."""
        return f"{self.parent}.{self.name}"


class EnumValue(Element):
    """A value of an enum."""

    __slots__ = ()

    @property
    def coordinate(self) -> str:
        """For example ``Colour.RED``."""
        return f"{self.parent}.{self.name}"


class TypeDef(Element):
    """A type with everything its definition and its extensions say.

    Attributes:
        defined: There is a proper definition, not only extensions.
        interfaces: Name of each implemented interface, to the number of the declaration that says so.
        members: The same for the members of a union.
        nodes: All declarations, the definition first.
    """

    __slots__ = ("defined", "fields", "interfaces", "kind", "members", "nodes", "values")

    def __init__(self, name: str, kind: str, **rest: Unpack[ElementOptions]) -> None:
        super().__init__(name, **rest)
        self.kind = kind
        self.defined = True
        self.fields: dict[str, Field] = {}
        self.interfaces: dict[str, int] = {}
        self.members: dict[str, int] = {}
        self.values: dict[str, EnumValue] = {}
        self.nodes: list[Node] = []


class DirectiveDef(Element):
    """The definition of a directive."""

    __slots__ = ("arguments", "locations", "repeatable")

    def __init__(self, name: str, **rest: Unpack[ElementOptions]) -> None:
        super().__init__(name, **rest)
        self.arguments: dict[str, Argument] = {}
        self.locations: tuple[str, ...] = ()
        self.repeatable = False

    @property
    def coordinate(self) -> str:
        """For example ``@key``."""
        return f"@{self.name}"


class Schema(Element):
    """A whole document; as an element it stands for the schema definition itself."""

    __slots__ = ("directive_defs", "roots", "types")

    def __init__(self) -> None:
        super().__init__("schema")
        self.types: dict[str, TypeDef] = {}
        self.directive_defs: dict[str, DirectiveDef] = {}
        self.roots: dict[str, str] = {}

    def implementations(self, interface: str) -> list[TypeDef]:
        """The object types that implement ``interface``, in document order."""
        return [t for t in self.types.values() if t.kind == OBJECT and interface in t.interfaces]

    def runtime_types(self, name: str) -> list[str]:
        """The object types that a value of the composite type ``name`` can have, in document order."""
        type_def = self.types.get(name)
        if type_def is None:
            return []
        if type_def.kind == OBJECT:
            return [name]
        if type_def.kind == UNION:
            return [member for member in self.types if member in type_def.members]
        return [t.name for t in self.implementations(name)]

    def elements(self) -> Iterator[Element]:
        """Every element that can carry directives, but for the schema and directive definitions."""
        for type_def in self.types.values():
            yield type_def
            yield from type_def.values.values()
            for field in type_def.fields.values():
                yield field
                yield from field.arguments.values()
