"""Questions to a schema by names."""

import pytest
from graphql import build_schema

from supergraph.operation.schema_types import field_type, possible_types

SCHEMA = build_schema("type Query { u: [U!]! } union U = B | A type A { x: Int } type B { x: Int } scalar S")


def test_possible_types_are_in_the_order_of_the_schema() -> None:
    assert possible_types(SCHEMA, "U") == ("B", "A")
    assert possible_types(SCHEMA, "A") == ("A",)


@pytest.mark.parametrize("name", ["S", "Nowhere"])
def test_what_is_not_composite_has_no_possible_types(name: str) -> None:
    assert possible_types(SCHEMA, name) == ()


@pytest.mark.parametrize(
    ("parent", "name", "expected"),
    [
        ("Query", "u", "[U!]!"),
        ("U", "__typename", "String!"),
        ("Query", "__schema", "__Schema!"),
        ("Query", "__type", "__Type"),
    ],
)
def test_a_field_has_a_type(parent: str, name: str, expected: str) -> None:
    assert str(field_type(SCHEMA, parent, name)) == expected


@pytest.mark.parametrize(("parent", "name"), [("Query", "x"), ("U", "x"), ("Nowhere", "x")])
def test_an_unknown_field_is_an_error(parent: str, name: str) -> None:
    with pytest.raises(KeyError):
        field_type(SCHEMA, parent, name)
