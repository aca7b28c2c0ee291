import re
from dataclasses import replace
from random import Random

import pytest
from graphql import (
    DefinitionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    build_schema,
    lexicographic_sort_schema,
    parse,
    print_ast,
    print_schema,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from supergraph import plan, prepare
from supergraph.compose import Composition, Subgraph, compose
from supergraph.plan.check import check_plan
from supergraph.read import read_supergraph
from tests.composing import compose_fed2, error_codes, fed2
from tests.oracle.operations import random_operation

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


def normalised(composition: Composition) -> str:
    """The supergraph, whatever the order of what it defines."""
    assert composition.sdl is not None
    return print_schema(lexicographic_sort_schema(build_schema(composition.sdl, assume_valid=True)))


def applied(composition: Composition) -> list[str]:
    """Every application of a directive, sorted."""
    assert composition.sdl is not None
    return sorted(re.findall(r"@\w+(?:\([^()]*\))?", composition.sdl))


def shuffled(sdl: str, data: st.DataObject) -> str:
    """The document with its definitions, and the fields of each, in another order."""
    document = parse(sdl)
    definitions: list[DefinitionNode] = []
    for node in data.draw(st.permutations(document.definitions)):
        if isinstance(node, ObjectTypeDefinitionNode | ObjectTypeExtensionNode) and node.fields:
            definitions.append(replace(node, fields=tuple(data.draw(st.permutations(node.fields)))))
        else:
            definitions.append(node)
    return print_ast(replace(document, definitions=tuple(definitions)))


@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_the_order_of_types_and_fields_does_not_matter(data: st.DataObject) -> None:
    again = compose(subgraphs({name: shuffled(sdl, data) for name, sdl in SHOP.items()}))
    once = compose(subgraphs(SHOP))

    assert normalised(again) == normalised(once)
    assert applied(again) == applied(once)
    assert {(hint.code, hint.coordinate) for hint in again.hints} == {
        (hint.code, hint.coordinate) for hint in once.hints
    }


OWN_SCHEMAS = [
    "type Query { a(first: Int = 5, by: [By!] = []): [T!]! } type T { id: ID! kind: Kind } enum Kind { A B } "
    "input By { n: Int = 1 }",
    'type Query { s: S } interface I { id: ID! } type T implements I @key(fields: "id") { id: ID! at: Date } '
    'type U implements I { id: ID! } union S = T | U scalar Date @specifiedBy(url: "https://dates.example") ',
    'type Query { a: Int @deprecated(reason: "old") } type Mutation { set(n: Int!): Int } '
    "type Subscription { n: Int } directive @live on QUERY",
]


@pytest.mark.parametrize("sdl", OWN_SCHEMAS)
def test_a_single_subgraph_has_its_own_schema_as_the_api(sdl: str) -> None:
    composition = compose_fed2(own=sdl)
    assert composition.sdl is not None

    api = read_supergraph(composition.sdl).api_schema

    own = re.sub(r"@key\([^)]*\)", "", sdl)
    assert print_schema(lexicographic_sort_schema(api)) == print_schema(lexicographic_sort_schema(build_schema(own)))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_every_operation_on_what_is_composed_can_be_planned(seed: int) -> None:
    composition = compose(subgraphs(SHOP))
    assert composition.sdl is not None
    supergraph = read_supergraph(composition.sdl)

    written = random_operation(Random(seed), supergraph.api_schema)  # noqa: S311 - hypothesis chooses the seed

    operation = prepare(supergraph, written.text)
    assert check_plan(supergraph, operation, plan(supergraph, operation)) == []


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
    assert [place.line for error in composition.errors for place in error.locations] == [1]


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
