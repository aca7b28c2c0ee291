"""Literals are read as the scalars of the specification read them, or not at all."""

import pytest
from graphql import GraphQLError, GraphQLScalarType, Undefined, parse_value, specified_scalar_types, value_from_ast
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supergraph.operation.literals import READERS, REFUSED, print_literal, read_list
from supergraph.operation.values import print_value


@pytest.mark.parametrize(
    ("scalar", "literal", "value"),
    [
        ("Int", "0", 0),
        ("Int", "-0", 0),
        ("Int", "-2147483648", -(2**31)),
        ("Float", "1", 1.0),
        ("Float", "-1.5e-3", -0.0015),
        ("String", '""', ""),
        ("String", '"é \t"', "é \t"),
        ("String", r'"\u00e9\n\"\\"', 'é\n"\\'),
        ("String", '"""\n  a\n    "b"\n"""', 'a\n  "b"'),
        ("String", r'"""\""""""', '"""'),
        ("ID", "123456789012345678901234567890", "123456789012345678901234567890"),
        ("ID", '"x"', "x"),
    ],
)
def test_a_literal_becomes_a_value(scalar: str, literal: str, value: object) -> None:
    assert READERS[scalar](literal) == value


@pytest.mark.parametrize(
    ("scalar", "literal"),
    [
        ("Int", "2147483648"),
        ("Int", "-2147483649"),
        ("Int", "1.0"),
        ("Int", "1e3"),
        ("Int", "01"),
        ("Int", '"1"'),
        ("Int", "[1]"),
        ("Int", "1a"),
        ("Int", "9" * 5000),
        ("Float", "1e400"),
        ("Float", "1.e5"),
        ("Float", "1.5.5"),
        ("Float", "9" * 5000),
        ("Float", '"1.5"'),
        ("String", "1"),
        ("String", r'"\q"'),
        ("String", r'"\u00"'),
        ("String", r'"\ud800"'),
        ("String", '"\ud800"'),
        ("ID", "1.0"),
        ("ID", "00"),
        ("ID", "-0"),
        ("ID", r'"\x"'),
    ],
)
def test_what_may_not_be_valid_is_refused(scalar: str, literal: str) -> None:
    assert READERS[scalar](literal) is REFUSED


def test_a_list_is_read_item_by_item() -> None:
    assert read_list(READERS["Int"], "[1, 2 3]") == [1, 2, 3]


@pytest.mark.parametrize("literal", ["[1, 1.5]", '[1, "a"]', "1"])
def test_a_list_with_a_refused_item_is_refused(literal: str) -> None:
    assert read_list(READERS["Int"], literal) is REFUSED


DIGITS = st.text("0123456789", min_size=1, max_size=12)
NUMBERS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-"]),
    DIGITS,
    st.one_of(st.just(""), DIGITS.map(".{}".format)),
    st.one_of(st.just(""), st.builds("{}{}{}".format, st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), DIGITS)),
)
STRINGS = st.one_of(
    st.text(st.characters(exclude_characters='"\n\r'), max_size=8).map('"{}"'.format),
    st.lists(st.sampled_from(["\\n", "\\u0041", "\\u{1F600}", '\\"', "\\", "x"]), max_size=4).map(
        lambda each: f'"{"".join(each)}"'
    ),
    st.text(st.characters(exclude_characters='"'), max_size=8).map('"""{}"""'.format),
)


@settings(deadline=None)
@given(st.sampled_from(sorted(READERS)), st.one_of(NUMBERS, STRINGS))
@example("Float", "1e999")
@example("ID", "-1")
def test_nothing_is_read_in_another_way_than_the_specification_says(scalar: str, literal: str) -> None:
    scalar_type = specified_scalar_types[scalar]
    assert isinstance(scalar_type, GraphQLScalarType)
    value = READERS[scalar](literal)
    try:
        expected = value_from_ast(parse_value(literal), scalar_type)
    except GraphQLError:
        expected = Undefined
    assert value is REFUSED or value == expected


@settings(deadline=None)
@given(st.one_of(NUMBERS, STRINGS))
def test_a_literal_is_printed_as_the_normalised_text_has_it(literal: str) -> None:
    reads = [read(literal) for read in READERS.values()]
    if all(value is REFUSED for value in reads):
        return
    assert print_literal(literal) == print_value(parse_value(literal))


def test_a_list_is_printed_as_the_normalised_text_has_it() -> None:
    assert print_literal('[1,"a"  "\\u0062"]') == '[1, "a", "b"]'
