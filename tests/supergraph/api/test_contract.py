"""What an API shows by the tags of its elements."""

import pytest
from graphql import print_schema

from supergraph import read_supergraph
from supergraph.api.contract import Contract, apply_contract, is_tag_name
from supergraph.errors import SupergraphError
from tests.supergraph_documents import supergraph_sdl

TAG = """directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | SCALAR | ENUM
  | ARGUMENT_DEFINITION | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
directive @mine(x: S, y: Int @tag(name: "no")) on FIELD scalar S
"""


def shown(types: str, **options: object) -> list[str]:
    """The definitions that clients see, each on one line."""
    include, exclude = (frozenset(str(options.get(name, "")).split()) for name in ("include", "exclude"))
    contract = Contract(include=include, exclude=exclude, hide_unreachable=bool(options.get("hide_unreachable")))
    sdl = supergraph_sdl(TAG + types, graphs=("a",), links=('url: "https://specs.apollo.dev/tag/v0.3"',))
    schema = apply_contract(read_supergraph(sdl), contract).api_schema
    lines = (" ".join(text.split()) for text in print_schema(schema).split("\n\n"))
    return [line for line in lines if not line.startswith(("directive", "scalar S"))]


def refusal(types: str, **options: object) -> SupergraphError:
    with pytest.raises(SupergraphError) as caught:
        shown(types, **options)
    return caught.value


def test_an_empty_contract_shows_everything() -> None:
    types = 'type Query { x: Int y: Int @tag(name: "t") }'
    assert shown(types) == ["type Query { x: Int y: Int }"]


def test_excluded_elements_are_hidden() -> None:
    no = '@tag(name: "no")'
    types = (
        f"type Query {{ x: Int y: Int {no} z(a: Int, b: Int {no}, e: E, i: In): U t: T {no} }} "
        f"type T {no} {{ x: Int }} type V {{ x: Int }} union U = T | V "
        f"enum E {{ A B {no} }} input In {{ p: Int q: Int {no} }}"
    )
    assert shown(types, exclude="no other") == [
        "type Query { x: Int z(a: Int, e: E, i: In): U }",
        "type V { x: Int }",
        "union U = V",
        "enum E { A }",
        "input In { p: Int }",
    ]


def test_a_directives_argument_may_be_excluded() -> None:
    sdl = supergraph_sdl(TAG + "type Query { x: Int }", links=('url: "https://specs.apollo.dev/tag/v0.3"',))
    narrowed = apply_contract(read_supergraph(sdl), Contract(exclude=frozenset({"no"})))
    mine = narrowed.api_schema.get_directive("mine")
    assert mine is not None
    assert list(mine.args) == ["x"]


def test_only_included_fields_are_shown() -> None:
    types = (
        'type Query { x: Int @tag(name: "yes") y: Int t: T @tag(name: "yes") v: V } '
        'type T @tag(name: "yes") { x(a: E): Int } type V { x: Int } enum E { A }'
    )
    assert shown(types, include="yes other") == [
        "type Query { x: Int t: T }",
        "type T { x(a: E): Int }",
        "enum E { A }",
    ]


def test_a_union_must_be_included_itself() -> None:
    types = (
        'type Query { u: U @tag(name: "yes") } type T { x: Int @tag(name: "yes") } type V { x: Int } '
        'union U @tag(name: "yes") = T | V union W = T'
    )
    assert shown(types, include="yes") == ["type Query { u: U }", "type T { x: Int }", "union U = T"]


def test_exclusion_beats_inclusion() -> None:
    types = 'type Query @tag(name: "yes") { x: Int y: Int @tag(name: "no") }'
    assert shown(types, include="yes", exclude="no") == ["type Query { x: Int }"]


def test_the_tags_of_a_type_are_those_of_its_fields() -> None:
    types = (
        'type Query implements I @tag(name: "yes") { x: Int } interface I @tag(name: "yes") { x: Int } '
        "interface J { x: Int }"
    )
    assert shown(types, include="yes") == ["type Query implements I { x: Int }", "interface I { x: Int }"]


def test_types_of_which_nothing_is_left_are_hidden() -> None:
    no = '@tag(name: "no")'
    types = (
        f"type Query {{ x: Int }} type T {{ x: Int {no} }} union U = T union W = U2 type U2 {{ x: Int {no} }} "
        f"enum E {{ A {no} }} input In {{ p: Int {no} }}"
    )
    assert shown(types, exclude="no") == ["type Query { x: Int }"]


def test_a_field_of_a_hidden_type_asks_for_a_tag() -> None:
    types = 'type Query { t: T @tag(name: "yes") } type T { x: Int }'
    error = refusal(types, include="yes")
    assert error.code == "REFERENCED_INACCESSIBLE"
    assert "Query.t" in str(error)


def test_the_query_type_must_not_become_empty() -> None:
    assert refusal("type Query { x: Int }", include="yes").code == "QUERY_ROOT_TYPE_INACCESSIBLE"


def test_unreachable_types_can_be_hidden() -> None:
    no = '@tag(name: "no")'
    types = (
        f"type Query {{ i(a: In): I u: U gone(b: Idle {no}): Int lost: Lost {no} }} "
        "interface I { x: Int } type T implements I & K { x: Int k: Int } interface K { k: Int } "
        "type V { e: E s: P } union U = V enum E { A } scalar P "
        f"input In {{ n: Nested o: Off {no} }} input Nested {{ x: Int }} "
        "type Lost { x: Int } input Off { x: Int } input Idle { x: Int } scalar Alone"
    )
    assert shown(types, exclude="no", hide_unreachable=True) == [
        "type Query { i(a: In): I u: U gone: Int }",
        "interface I { x: Int }",
        "type T implements I { x: Int k: Int }",
        "type V { e: E s: P }",
        "union U = V",
        "enum E { A }",
        "scalar P",
        "input In { n: Nested }",
        "input Nested { x: Int }",
    ]


def test_a_contract_is_another_supergraph_with_the_same_subgraphs() -> None:
    sdl = supergraph_sdl(TAG + "type Query { x: Int }", links=('url: "https://specs.apollo.dev/tag/v0.3"',))
    whole = read_supergraph(sdl)
    narrowed = apply_contract(whole, Contract(exclude=frozenset({"a", "b"})))
    assert narrowed.id != whole.id
    assert narrowed.id == apply_contract(whole, Contract(exclude=frozenset({"b", "a"}))).id
    assert narrowed.subgraphs is whole.subgraphs
    assert narrowed.schema is whole.schema
    assert narrowed.request_schema is not whole.request_schema


def test_what_was_inaccessible_before_stays_so() -> None:
    links = ('url: "https://specs.apollo.dev/inaccessible/v0.2"', 'url: "https://specs.apollo.dev/tag/v0.3"')
    types = "directive @inaccessible on FIELD_DEFINITION type Query { x: Int y: Int @inaccessible }"
    narrowed = apply_contract(read_supergraph(supergraph_sdl(TAG + types, links=links)), Contract())
    assert narrowed.api_schema.query_type is not None
    assert list(narrowed.api_schema.query_type.fields) == ["x"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("public", True),
        ("a-b/c_1", True),
        ("x" * 128, True),
        ("x" * 129, False),
        ("", False),
        ("a b", False),
        ("é", False),
    ],
)
def test_tag_names(name: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert is_tag_name(name) is expected
