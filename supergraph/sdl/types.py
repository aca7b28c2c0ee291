"""Type references as values: ``[Product!]!`` is ``NonNull(ListOf(NonNull(Named("Product"))))``.

graphql-core's type nodes compare by source location and its schema types by identity; composition and planning need
to compare, hash and print references, so they use these.
"""

from dataclasses import dataclass

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode, parse_type


@dataclass(frozen=True, slots=True)
class Named:
    """A reference to a type by its name."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of ``of``."""

    of: "TypeRef"

    def __str__(self) -> str:
        return f"[{self.of}]"


@dataclass(frozen=True, slots=True)
class NonNull:
    """``of``, never null."""

    of: "Named | ListOf"

    def __str__(self) -> str:
        return f"{self.of}!"


TypeRef = Named | ListOf | NonNull


def base_name(type_ref: TypeRef) -> str:
    """The name inside all lists and non-null wrappers."""
    while not isinstance(type_ref, Named):
        type_ref = type_ref.of
    return type_ref.name


def list_depth(type_ref: TypeRef) -> int:
    """How many lists stand around the named type: 2 for ``[[Int!]]!``."""
    depth = 0
    while not isinstance(type_ref, Named):
        depth += isinstance(type_ref, ListOf)
        type_ref = type_ref.of
    return depth


def type_from_node(node: TypeNode) -> TypeRef:
    """The reference that a parsed type node denotes."""
    match node:
        case NonNullTypeNode(type=inner):
            of = type_from_node(inner)
            assert not isinstance(of, NonNull)
            return NonNull(of)
        case ListTypeNode(type=inner):
            return ListOf(type_from_node(inner))
        case NamedTypeNode(name=name):
            return Named(name.value)
        case _:  # pragma: no cover - the grammar has no fourth kind
            raise TypeError(node)


def type_from_text(text: str) -> TypeRef:
    """The reference that ``text`` denotes; raises ``GraphQLSyntaxError``."""
    return type_from_node(parse_type(text, no_location=True))
