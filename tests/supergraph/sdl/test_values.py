import pytest
from graphql import parse, parse_value

from supergraph.sdl.parse import schema_from_document
from supergraph.sdl.types import type_from_text
from supergraph.sdl.values import coerced_text, normal_text, print_value, to_node, to_plain, why_invalid

SCHEMA = schema_from_document(parse("enum E { X Y } input I { n: Int! m: [E] = [X] } scalar Any type T { a: Int }"))


@pytest.mark.parametrize(("left", "right"), [("{a: 1, b: [2]}", "{b:[2],a:1}"), ('"""x"""', '"x"'), ("null", "null")])
def test_equal_values_have_one_text(left: str, right: str) -> None:
    assert normal_text(parse_value(left)) == normal_text(parse_value(right))


def test_an_enum_value_is_not_a_string() -> None:
    assert normal_text(parse_value("X")) != normal_text(parse_value('"X"'))


@pytest.mark.parametrize(
    ("type_text", "left", "right"),
    [("Float", "1", "1.0"), ("[Int!]", "1", "[1]"), ("ID!", "7", '"7"'), ("[[Float]]", "2", "[[2.0]]")],
)
def test_values_that_coerce_alike_are_equal(type_text: str, left: str, right: str) -> None:
    wanted = type_from_text(type_text)

    assert coerced_text(parse_value(left), wanted) == coerced_text(parse_value(right), wanted)


@pytest.mark.parametrize(
    ("type_text", "value"),
    [
        ("Int", "1"),
        ("Int", "null"),
        ("Float", "1"),
        ("ID", "1"),
        ("[Int]", "1"),
        ("[Int!]!", "[1, 2]"),
        ("E", "X"),
        ("I", "{n: 1}"),
        ("I", "{n: 1, m: X}"),
        ("Any", "{what: [ever]}"),
        ("Unknown", "1"),
    ],
)
def test_a_value_of_the_type_is_valid(type_text: str, value: str) -> None:
    assert why_invalid(parse_value(value), type_from_text(type_text), SCHEMA) is None


@pytest.mark.parametrize(
    ("type_text", "value", "reason"),
    [
        ("Int", "1.5", "1.5 is not a Int"),
        ("Int!", "null", "null is not a Int!"),
        ("[Int]", '[1, "x"]', '"x" is not a Int'),
        ("E", "Z", "Z is not a value of the enum E"),
        ("I", "3", "3 is not an object of I"),
        ("I", "{m: X}", "I.n is missing"),
        ("I", "{n: 1, o: 2}", "I has no field o"),
        ("T", "1", "T is not an input type"),
    ],
)
def test_a_value_of_another_type_is_told(type_text: str, value: str, reason: str) -> None:
    assert why_invalid(parse_value(value), type_from_text(type_text), SCHEMA) == reason


@pytest.mark.parametrize("text", ['{a: [1, 2.5, "x", E, true, null]}', "[]", "{}"])
def test_a_value_survives_the_way_through_plain_data(text: str) -> None:
    assert print_value(to_node(to_plain(parse_value(text)))) == text
