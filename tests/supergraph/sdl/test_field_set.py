import pytest

from supergraph.sdl.field_set import FieldSetError, normal_form, parse_field_set, print_field_set, walk


@pytest.mark.parametrize(
    ("left", "right"),
    [("a b", " b,a "), ("{ a }", "a"), ("a { b c }", "a{c b}"), ('a(x: 1, y: "z")', 'a(y: "z" x: 1)')],
)
def test_sets_that_select_the_same_are_equal(left: str, right: str) -> None:
    assert normal_form(parse_field_set(left)) == normal_form(parse_field_set(right))


@pytest.mark.parametrize(("left", "right"), [("a", "b"), ("a { b }", "a { c }"), ("a(x: E)", 'a(x: "E")')])
def test_sets_that_select_differently_are_not(left: str, right: str) -> None:
    assert normal_form(parse_field_set(left)) != normal_form(parse_field_set(right))


@pytest.mark.parametrize("text", ["", "a {", "a { }", "...F", "a } { b", "a }", "(x: 1)"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(FieldSetError):
        parse_field_set(text)


@pytest.mark.parametrize("text", ["a b { c }", "... on T { a }", 'a(x: [1, "y"]) { b }', "... { a }"])
def test_a_set_can_be_printed(text: str) -> None:
    assert normal_form(parse_field_set(print_field_set(parse_field_set(text)))) == normal_form(parse_field_set(text))


def test_parents_are_walked_before_children() -> None:
    assert [item.name for item in walk(parse_field_set("a { b { c } } d"))] == ["a", "b", "c", "d"]
