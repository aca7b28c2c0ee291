"""Field sets through fields that another subgraph widens."""

from supergraph import read_supergraph
from tests.composing import compose_fed2

WIDE = """type T @key(fields: "id") { id: ID! c: I! @shareable }
type C implements I { i: Int @shareable } interface I { i: Int }"""


def test_what_a_key_selects_below_a_narrower_type_stands_under_that_type() -> None:
    composition = compose_fed2(
        a="""type Query { t: T } type T @key(fields: "c { x }") @key(fields: "id") { id: ID! c: C! @shareable }
             type C implements I { i: Int @shareable x: ID! @shareable } interface I { i: Int }""",
        b=WIDE,
    )
    assert composition.sdl is not None, composition.errors
    keys = read_supergraph(composition.sdl).subgraphs["a"].types["T"].keys
    assert [key.fields for key in keys] == ["c{...on C{x}}", "id"]
    assert 'key: "c { x }"' in composition.sdl


def test_what_is_provided_below_a_narrower_type_stands_under_that_type() -> None:
    composition = compose_fed2(
        a="""type Query { t: T @provides(fields: "c { x }") } type T @key(fields: "id") { id: ID! c: C! @shareable }
             type C implements I @key(fields: "i") { i: Int x: ID! @external } interface I { i: Int }""",
        b="""type T @key(fields: "id") { id: ID! c: I! @shareable }
             type C implements I @key(fields: "i") { i: Int x: ID! @shareable } interface I { i: Int }""",
    )
    assert composition.sdl is not None, composition.errors
    provides = read_supergraph(composition.sdl).subgraphs["a"].types["Query"].fields["t"].provides
    assert provides == "c{...on C{x}}"
