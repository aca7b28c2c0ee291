import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supergraph.compose import Subgraph, compose
from supergraph.read import read_supergraph
from tests.composing import compose_fed2, error_codes, fed2

SHOP = {
    "items": fed2(
        'type Query { items(first: Int = 5): [Item!]! @listSize(slicingArguments: ["first"]) } '
        'type Item @key(fields: "id") { id: ID! name: String @tag(name: "public") kind: Kind } '
        "enum Kind { TOY BOOK } interface Named { name: String } "
        "type Maker implements Named @shareable { name: String }"
    ),
    "stock": fed2(
        'type Item @key(fields: "id") { id: ID! name: String @external count: Int maker: Maker '
        'label: String @requires(fields: "name") } type Maker @shareable { name: String } enum Kind { TOY }'
    ),
    "old": 'extend type Item @key(fields: "id") { id: ID! @external rating: Float } extend type Query { best: Item }',
}


def subgraphs(texts: dict[str, str]) -> list[Subgraph]:
    return [Subgraph(name, f"http://{name}", sdl) for name, sdl in texts.items()]


@given(order=st.permutations(list(SHOP)))
@settings(max_examples=6, deadline=None)
def test_the_order_of_subgraphs_does_not_matter(order: list[str]) -> None:
    assert compose(subgraphs({name: SHOP[name] for name in order})) == compose(subgraphs(SHOP))


def test_what_is_composed_can_be_read_back() -> None:
    composition = compose(subgraphs(SHOP))
    assert composition.sdl is not None

    views = read_supergraph(composition.sdl).subgraphs

    assert list(views) == ["items", "old", "stock"]
    assert list(views["stock"].types["Item"].fields) == ["id", "name", "count", "maker", "label"]
    assert views["stock"].types["Item"].fields["name"].external
    assert views["stock"].types["Item"].fields["label"].requires == "name"
    assert views["old"].types["Item"].keys[0].fields == "id"


TOKENS = [
    "type",
    "interface",
    "union",
    "enum",
    "input",
    "scalar",
    "extend",
    "schema",
    "directive",
    "@key",
    "@external",
    "@requires",
    "@provides",
    "@shareable",
    "@override",
    "@interfaceObject",
    "@context",
    "@fromContext",
    "@tag",
    "@inaccessible",
    "@composeDirective",
    "@link",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ":",
    "!",
    "=",
    "|",
    "&",
    "Query",
    "T",
    "U",
    "I",
    "a",
    "b",
    "fields",
    "from",
    "label",
    "name",
    '"a"',
    '"T',
    "{",
    "a",
    '}"',
    '"$c',
    "{",
    "a",
    '}"',
    "query",
    "on",
    "repeatable",
    "OBJECT",
    "3",
    "-1",
    "null",
    "true",
]


@given(tokens=st.lists(st.sampled_from(TOKENS), max_size=40), other=st.sampled_from(sorted(SHOP)))
@settings(max_examples=60, deadline=None)
def test_no_text_makes_composition_raise(tokens: list[str], other: str) -> None:
    composition = compose(subgraphs({"noise": fed2(" ".join(tokens)), "shop": SHOP[other]}))

    assert (composition.sdl is None) == bool(composition.errors)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_small_change_makes_composition_raise(data: st.DataObject) -> None:
    words = SHOP["stock"].split(" ")
    at = data.draw(st.integers(0, len(words) - 1))
    words[at : at + data.draw(st.integers(0, 2))] = data.draw(st.lists(st.sampled_from(TOKENS), max_size=2))

    composition = compose(subgraphs({**SHOP, "stock": " ".join(words)}))

    assert (composition.sdl is None) == bool(composition.errors)


@pytest.mark.parametrize(
    "sdl",
    [
        "type Query { a(x: Int = " + "[" * 5000 + "]" * 5000 + "): Int }",
        "type Query { a: " + "[" * 5000 + "Int" + "]" * 5000 + " }",
        'type Query { a: Int } type T @key(fields: "' + "a {" * 5000 + "}" * 5000 + '") { a: T }',
    ],
    ids=["value", "type", "field set"],
)
def test_deep_nesting_is_an_error_like_others(sdl: str) -> None:
    composition = compose_fed2(a=sdl)

    assert error_codes(composition) in (["INVALID_GRAPHQL"], ["KEY_INVALID_FIELDS"])


def test_a_long_chain_of_types_is_walked() -> None:
    chain = " ".join(f"type T{n} {{ next: T{n + 1} }}" for n in range(1500))

    composition = compose_fed2(a=f"type Query {{ first: T0 }} {chain} type T1500 {{ last: Int }}")

    assert composition.errors == ()


def test_an_error_says_where_it_is() -> None:
    composition = compose_fed2(a="type Query {\n  n: Int\n}", b="type Query {\n\n    n: Int\n}")

    (error,) = composition.errors
    assert [(place.subgraph, place.line, place.column) for place in error.locations] == [("a", 2, 3), ("b", 3, 5)]


def test_an_error_of_one_subgraph_starts_with_its_name() -> None:
    (error,) = compose_fed2(prices='type Query { n: Int @override(from: "prices") }').errors

    assert error.message.startswith("[prices] ")


@pytest.mark.parametrize("texts", [[], ["a", "a"]], ids=["none", "twice the same name"])
def test_the_callers_mistakes_are_raised(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="subgraph"):
        compose([Subgraph(name, "", "type Query { a: Int }") for name in texts])


def test_the_errors_of_all_subgraphs_are_reported_together() -> None:
    composition = compose_fed2(
        a='type Query { n: Int } type T @key(fields: "x") { k: ID }', b="type U { n: Int @external m: Int }"
    )

    assert error_codes(composition) == ["EXTERNAL_UNUSED", "KEY_INVALID_FIELDS"]
