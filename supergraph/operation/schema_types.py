"""Questions to a graphql-core schema, asked and answered by names."""

from graphql import (
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
)
from graphql.type import GraphQLType

from supergraph.sdl.types import ListOf, Named, NonNull, TypeRef

TYPENAME: TypeRef = NonNull(Named("String"))


def possible_types(schema: GraphQLSchema, name: str) -> tuple[str, ...]:
    """The object types behind the composite type ``name``, in the schema's order; none for an unknown type."""
    match schema.type_map.get(name):
        case GraphQLObjectType():
            return (name,)
        case GraphQLInterfaceType() | GraphQLUnionType() as abstract:
            return tuple(object_type.name for object_type in schema.get_possible_types(abstract))
        case _:
            return ()


def field_type(schema: GraphQLSchema, parent: str, name: str) -> TypeRef:
    """The type of a field; raises ``KeyError`` if ``parent`` has no such field."""
    match name:
        case "__typename":
            return TYPENAME
        case "__schema":
            return type_ref(SchemaMetaFieldDef.type)
        case "__type":
            return type_ref(TypeMetaFieldDef.type)
        case _:
            parent_type = schema.type_map.get(parent)
            if not isinstance(parent_type, GraphQLObjectType | GraphQLInterfaceType):
                raise KeyError(name)
            return type_ref(parent_type.fields[name].type)


def type_ref(graphql_type: GraphQLType) -> TypeRef:
    """A graphql-core type as a value."""
    match graphql_type:
        case GraphQLNonNull(of_type=inner):
            of = type_ref(inner)
            assert not isinstance(of, NonNull)
            return NonNull(of)
        case GraphQLList(of_type=inner):
            return ListOf(type_ref(inner))
        case GraphQLNamedType(name=name):
            return Named(name)
        case _:  # pragma: no cover - wrapped or named, there is no third kind
            raise TypeError(graphql_type)
