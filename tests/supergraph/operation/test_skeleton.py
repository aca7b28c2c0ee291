"""What documents have in common: the key of a skeleton is equal where only literals, aliases and layout differ."""

import pytest
from graphql import GraphQLSyntaxError, Lexer, Source, TokenKind
from hypothesis import example, given, settings
from hypothesis import strategies as st

from supergraph.operation.skeleton import Skeleton, hole, read_skeleton


def key(document: str) -> str:
    return read_skeleton(document).key


def lexemes(skeleton: Skeleton) -> list[str]:
    """The document's lexemes as they were written."""
    written = []
    for part in skeleton.parts:
        found = hole(part)
        if found is not None:
            part = (skeleton.aliases if found.is_alias else skeleton.literals)[found.number]
        written.append(part)
    return written


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{ f(x: 1) }", "{ f(x: 23) }"),
        ("{ f(x: 1) }", "{ f(x: -2.5e+10) }"),
        ('{ f(x: "a") }', '{ f(x: "") }'),
        ('{ f(x: "a") }', '{ f(x: """block "quotes" \\""" { """) }'),
        ('{ f(x: "a") }', '{ f(x: "\\" } # {") }'),
        ("{ f(x: [1, 2]) }", "{ f(x: [1 2,3]) }"),
        ('{ f(x: ["a"]) }', '{ f(x: ["b", "c\\"]"]) }'),
        ("{ f(x: 1, y: 1) }", "{ f(x: 2, y: 2) }"),
        ("{ f(x: 1, y: 2) }", "{ f(x: 2, y: 1) }"),
        ("{ f(x: {a: 1, b: [{c: 2}]}) }", "{ f(x: {a: 3, b: [{c: 4}]}) }"),
        ("{ a: f }", "{ b: f }"),
        ("{ a: f b: g a: f }", "{ x1: f x2: g x1: f }"),
        ("query Q($v: Int = 1) { f(x: $v) }", "query Q($v: Int = 2) { f(x: $v) }"),
        ("{f(x:1)g}", "\ufeff{\r\n\tf ( x : 1 ) , g # a: 2 }\n} # end"),
    ],
)
def test_literals_aliases_and_layout_are_exchanged(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{ f(x: 1) }", '{ f(x: "1") }'),
        ("{ f(x: 1) }", "{ f(x: [1]) }"),
        ("{ f(x: 1) }", "{ f(y: 1) }"),
        ("{ f(x: 1) }", "{ g(x: 1) }"),
        ("{ f(x: 1) }", "{ f(x: $v) }"),
        ("{ f(x: null) }", "{ f(x: 1) }"),
        ("{ f(x: true) }", "{ f(x: false) }"),
        ("{ f(x: RED) }", "{ f(x: BLUE) }"),
        ("{ f(x: 1, y: 1) }", "{ f(x: 1, y: 2) }"),
        ("{ f(x: 1) f(x: 1) }", "{ f(x: 1) f(x: 2) }"),
        ("{ f @include(if: true) }", "{ f @include(if: false) }"),
        ("{ a: f b: g }", "{ a: f a: g }"),
        ("{ a: f g }", "{ g: f g }"),
        ("{ a: f }", "{ f }"),
        ("{ f g }", "{ g f }"),
        ("{ f: g f }", "{ g: f g }"),
        ("{ __typename: f }", "{ a: f }"),
        ("query A { f }", "query B { f }"),
        ("query ($a: Int) { f(x: $a) }", "query ($b: Int) { f(x: $b) }"),
        ("{ f(a: 1) }", "{ f(b: 1) }"),
        ("{ f(x: [[1], [2]]) }", "{ f(x: [[1, 2]]) }"),
        ("{ f { g } }", "{ f g }"),
    ],
)
def test_what_an_operation_means_is_kept(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    "document",
    [
        '{ f(x: ") }',
        '{ f(x: "a\n") }',
        '{ f(x: """a) }',
        "{ f(x: -) }",
        "{ f(x: ') }",
        "{ f(x: \x00n0) }",
        "{ f(x: \x00 n0) }",
        "{ \x00a0: f(x: 1) }",
        "{ f(x: 1)",
        "{ f(x: 1) } é",
        "{ f(x: 1é) }",
        "",
    ],
)
def test_a_document_that_cannot_be_read_has_no_key_of_a_valid_one(document: str) -> None:
    assert key(document) not in {key("{ f(x: 1) }"), key('{ f(x: "a") }'), key("{ a: f(x: 1) }")}


def test_equal_literals_and_aliases_are_numbered_alike() -> None:
    skeleton = read_skeleton('{ a: f(x: 1, y: "s") b: g(x: 1) a: f(x: 1, y: "s") }')
    assert (skeleton.literals, skeleton.aliases) == (("1", '"s"'), ("a", "b"))


def test_an_argument_is_no_alias() -> None:
    assert read_skeleton("query ($v: Int @d(a: 1), $w: Int) { f(x: {y: 1}) }").aliases == ()


def tokens(text: str) -> list[str]:
    """The tokens of the language; raises ``GraphQLSyntaxError``."""
    lexer, found = Lexer(Source(text)), []
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        found.append(text[token.start : token.end])
    return found


NAMES = ("...", "a", "b1", "__x", "on", "query", "true", "null", "#c\n")
LITERALS = ("1", "0", "-12", "1.5", "2e3", "1e+5", "01", '"s"', '"\\n"', '"\\"', '""', '"""', '"""b"""', '\\"""')
PIECES = st.sampled_from([*"{}()[]:$!=@|&,# \n\t\r\"\\'.-+%é\ufeff\x00", *NAMES, *LITERALS])


@settings(deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
@example('{f(x:"""a""" y:[1,2,"b"] z:[1 [2]])}')
@example("[1,,2]#x\n[]")
@example("[1 2 3] a: [1 2 3] [4]")
def test_lexemes_are_those_of_the_language(document: str) -> None:
    try:
        expected = tokens(document)
    except GraphQLSyntaxError:
        return
    skeleton = read_skeleton(document)
    # A flat list is one lexeme here.
    assert [token for lexeme in lexemes(skeleton) for token in tokens(lexeme)] == expected
    assert skeleton.tokens == len(expected)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join), st.lists(PIECES, max_size=25).map("".join))
def test_a_key_tells_all_but_literals_and_aliases(one: str, other: str) -> None:
    first, second = read_skeleton(one), read_skeleton(other)
    same_parts = list(first.parts) == list(second.parts)
    assert (first.key == second.key) == same_parts
