"""A contract as a document, and what it advises."""

import pytest
from graphql import print_schema

from supergraph import read_supergraph
from supergraph.api.contract import Contract, apply_contract, contract_sdl
from supergraph.errors import SupergraphError
from tests.composing import compose_fed2
from tests.supergraph_documents import fed1_sdl

SHOP = """
type Query @tag(name: "public") { product: Product stock: Int @tag(name: "internal") }
type Product @tag(name: "public") @shareable { id: ID price(for: Size, old: Int @tag(name: "internal")): Int }
enum Size { S M @tag(name: "internal") }
input Unused { a: Int b: Int @tag(name: "internal") }
"""


def composed(sdl: str) -> str:
    composition = compose_fed2(shop=sdl)
    assert composition.sdl is not None, composition.errors
    return composition.sdl


def contract(*, include: str = "", exclude: str = "", hide_unreachable: bool = False) -> Contract:
    return Contract(
        include=frozenset(include.split()), exclude=frozenset(exclude.split()), hide_unreachable=hide_unreachable
    )


def advice(sdl: str, **options: str) -> str:
    with pytest.raises(SupergraphError) as caught:
        contract_sdl(read_supergraph(composed(sdl)), contract(**options))  # type: ignore[arg-type] # tags only
    return str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        contract(exclude="internal"),
        contract(include="public"),
        contract(include="public", exclude="internal", hide_unreachable=True),
        contract(hide_unreachable=True),
    ],
)
def test_the_document_shows_what_the_contract_shows(options: Contract) -> None:
    whole = read_supergraph(composed(SHOP))
    again = read_supergraph(contract_sdl(whole, options))
    assert print_schema(again.api_schema) == print_schema(apply_contract(whole, options).api_schema)
    assert again.subgraphs == whole.subgraphs


def test_hidden_elements_are_inaccessible_and_nothing_else_changes() -> None:
    sdl = composed(SHOP)
    lines = contract_sdl(read_supergraph(sdl), contract(exclude="internal")).splitlines()
    assert [line.strip() for line in lines if line.endswith("@inaccessible")] == [
        'stock: Int @tag(name: "internal") @inaccessible',
        'M @join__enumValue(graph: SHOP) @tag(name: "internal") @inaccessible',
        'b: Int @tag(name: "internal") @inaccessible',
    ]
    added = [line for line in lines if "apollo.dev/inaccessible" in line or line.startswith("directive @inaccessible")]
    assert len(added) == 2
    kept = [line.replace(" @inaccessible", "") for line in lines if line not in added]
    assert [line for line in kept if line] == [line for line in sdl.splitlines() if line]


def test_a_document_that_links_inaccessible_keeps_its_link() -> None:
    sdl = composed(SHOP + "type Hidden @inaccessible { x: Int }")
    again = contract_sdl(read_supergraph(sdl), contract(exclude="internal"))
    assert again.count("specs.apollo.dev/inaccessible") == 1


def test_a_contract_of_nothing_is_the_same_document() -> None:
    sdl = composed(SHOP + "type Hidden @inaccessible { x: Int }")
    assert contract_sdl(read_supergraph(sdl), contract()) == sdl


def test_what_is_hidden_already_is_not_marked_twice() -> None:
    sdl = composed(SHOP + 'type Hidden @inaccessible @tag(name: "internal") { x: Int }')
    again = contract_sdl(read_supergraph(sdl), contract(exclude="internal"))
    [block] = [block for block in again.split("\n\n") if block.startswith("type Hidden")]
    assert block.split("{")[0].count("@inaccessible") == 1
    assert read_supergraph(again).api_schema.query_type is not None


def test_a_supergraph_of_federation_1_gets_a_core_link() -> None:
    types = """type Query { x: Int } type Alone { x: Int }"""
    again = contract_sdl(read_supergraph(fed1_sdl(types)), contract(hide_unreachable=True))
    assert '@core(feature: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)' in again
    assert "Alone" not in read_supergraph(again).api_schema.type_map


def test_a_type_without_the_tag_asks_for_it() -> None:
    text = advice('type Query { a: A @tag(name: "p") } type A { x: Int }', include="p q")
    assert (
        'Query.a is visible but its type A is hidden: add @tag(name: "p") or @tag(name: "q") to A or to one of its '
        "fields, or hide Query.a."
    ) in text


def test_a_union_without_the_tag_asks_for_it_itself() -> None:
    sdl = 'type Query { u: U @tag(name: "p") } type A @tag(name: "p") { x: Int } union U = A'
    assert 'add @tag(name: "p") to U, or hide Query.u.' in advice(sdl, include="p")


def test_an_excluded_type_asks_to_lose_its_tag() -> None:
    text = advice('type Query { a: A } type A @tag(name: "no") { x: Int }', exclude="no other")
    assert '@tag(name: "no") on A excludes it, so remove that tag, or hide Query.a.' in text


def test_a_type_whose_parts_are_all_excluded_asks_for_one() -> None:
    text = advice('type Query { a(i: In): Int b: Int } input In { x: Int @tag(name: "no") }', exclude="no")
    assert (
        'Query.a(i:) is visible but its type In is hidden: all parts of In are hidden, so remove @tag(name: "no")'
        in text
    )


def test_an_input_that_needs_a_hidden_type_is_told() -> None:
    sdl = 'type Query { a(i: In): Int } input In { s: S x: Int } scalar S @tag(name: "no")'
    assert '@tag(name: "no") on S excludes it, so remove that tag, or hide In.s.' in advice(sdl, exclude="no")


def test_a_query_type_without_the_tag_asks_for_it() -> None:
    text = advice("type Query { a: Int }", include="p")
    assert 'Query must stay visible: add @tag(name: "p") to Query or to one of its fields.' in text


def test_hidden_parts_are_no_reason_to_complain() -> None:
    sdl = """
    type Query { a: A b(s: S @tag(name: "no")): Int c: S @tag(name: "no") }
    type A @tag(name: "no") { x: Int } scalar S @tag(name: "no")
    """
    text = advice(sdl, exclude="no")
    assert "Query.a is visible" in text
    assert "S is hidden" not in text
