import pytest
from graphql import parse

from supergraph.sdl.parse import schema_from_document
from supergraph.sdl.print import print_schema

HEAD = "schema\n{\n  query: Query\n}\n\n"


def printed(text: str) -> str:
    return print_schema(schema_from_document(parse(text)))


def test_directives_come_before_types_and_both_by_name() -> None:
    text = printed(
        "type Query { a: Int } directive @b on FIELD scalar A directive @a(x: Int = 1) repeatable on FIELD | QUERY"
    )

    assert text == (
        HEAD + "directive @a(x: Int = 1) repeatable on FIELD | QUERY\n\ndirective @b on FIELD\n\n"
        "scalar A\n\ntype Query {\n  a: Int\n}\n"
    )


def test_directives_of_a_type_stand_on_lines_of_their_own() -> None:
    assert printed("type Query @a @b(x: {y: [1]}) { a: Int @c }") == (
        HEAD + "type Query\n  @a\n  @b(x: {y: [1]})\n{\n  a: Int @c\n}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        '"""\nAbout\nit\n"""\ntype Query implements I & J {\n  a(x: [Int!]! = [1]): Int\n}',
        'type Query {\n  """\n  About\n  """\n  a(\n    """\n    More\n    """\n    x: Int\n  ): Int\n}',
        "type Query {\n  a: Int\n}\n\nunion U = A | B",
        "enum E {\n  X\n  Y @deprecated\n}\n\ntype Query {\n  a: Int\n}",
        "input I {\n  x: Int = 3\n}\n\ntype Query {\n  a: Int\n}",
    ],
)
def test_what_was_printed_prints_the_same(text: str) -> None:
    assert printed(text) == HEAD + text + "\n"


@pytest.mark.parametrize("description", ["  leading", 'with """ quotes', "back\\\\slash", "trailing \\\\"])
def test_an_odd_description_survives(description: str) -> None:
    before = schema_from_document(parse(f'"{description.replace(chr(34), chr(92) + chr(34))}" type Query {{ a: Int }}'))

    after = schema_from_document(parse(print_schema(before)))

    assert after.types["Query"].description == before.types["Query"].description


def test_extensions_are_merged_into_their_type() -> None:
    schema = schema_from_document(parse("extend type T @b { b: Int } type T @a { a: Int } extend type T { c: Int }"))

    fields = schema.types["T"].fields
    assert {name: field.declaration for name, field in fields.items()} == {"a": 0, "b": 1, "c": 2}
    assert [(applied.name, applied.declaration) for applied in schema.types["T"].applied] == [("a", 0), ("b", 1)]
