"""Graphs on which known planners fail, mix values up or ask too much; each test says what goes wrong there."""

import pytest

from supergraph import plan, prepare
from supergraph.errors import PlanningError
from supergraph.plan.check import check_plan
from tests.supergraph.graphs import plan_of, sent, supergraph_of

SHOP = {
    "a": """type Query { p: P } type P @key(fields: "id") { id: ID! w: Int price: Int other: ID dim: Dim }
            type Dim { w: Int h: Int }""",
    "b": """type P @key(fields: "id") { id: ID! w: Int @external dim: Dim @external n: Int
            cost: Int @requires(fields: "w") volume: Int @requires(fields: "dim { w }") }
            type Dim { w: Int @external }""",
}
CURRENCIES = {
    "a": 'type Query { p: P } type P @key(fields: "id") { id: ID! price(in: String!): Int }',
    "b": """type P @key(fields: "id") { id: ID! price(in: String!): Int @external
            usd: Int @requires(fields: "price(in: \\"USD\\")") eur: Int @requires(fields: "price(in: \\"EUR\\")") }""",
}


@pytest.mark.parametrize(
    ("operation", "sdls"),
    [
        pytest.param("{ p { id: other n } }", SHOP, id="an alias hides the key"),
        pytest.param("{ p { w: price v: w cost } }", SHOP, id="an alias stands for another field that is required"),
        pytest.param("{ p { dim { w: h } volume } }", SHOP, id="the same inside an object"),
        pytest.param("{ p { usd eur } }", CURRENCIES, id="one field required with two arguments"),
        pytest.param(
            "query ($c: String!) { p { price(in: $c) usd } }", CURRENCIES, id="required beside a client's own"
        ),
    ],
)
def test_alias_collisions_lose_or_mix_values(operation: str, sdls: dict[str, str]) -> None:
    supergraph = supergraph_of(**sdls)
    prepared = prepare(supergraph, operation)
    assert check_plan(supergraph, prepared, plan(supergraph, prepared)) == []


def test_a_key_from_one_subgraph_and_a_requirement_from_another_fail_to_plan_or_ask_twice() -> None:
    result = plan_of(
        "{ r { x y } }",
        a='type Query { r: R } type R @key(fields: "rid") { rid: ID! }',
        b='type R @key(fields: "rid") @key(fields: "code") { rid: ID! code: ID! }',
        c='type R @key(fields: "code") { code: ID! x: Int b: Int @external y: Int @requires(fields: "b") }',
        d='type R @key(fields: "rid") { rid: ID! b: Int }',
    )
    assert [fetch.subgraph for fetch in result.fetches].count("c") == 1


def test_a_requirement_of_one_implementation_is_ignored() -> None:
    result = plan_of(
        "{ all { ship } }",
        a="""type Query { all: [Thing] } interface Thing { ship: Int }
             type Book implements Thing @key(fields: "id") { id: ID! w: Int @external ship: Int @requires(fields: "w") }
             type Mug implements Thing @key(fields: "id") { id: ID! ship: Int }""",
        b='type Book @key(fields: "id") { id: ID! w: Int }',
    )
    assert sent(result)[0] == "a {all{__typename ...on Book{id} ...on Mug{ship}}}"
    assert [fetch.subgraph for fetch in result.fetches] == ["a", "b", "a"]


def test_what_is_provided_is_taken_to_go_on_below_its_end() -> None:
    result = plan_of(
        "{ all { parts { parts { name } } } }",
        a="""type Query { all: [Part] @provides(fields: "name parts { name }") }
             type Part @key(fields: "id") { id: ID! name: String @external parts: [Part] @external }""",
        b='type Part @key(fields: "id") { id: ID! name: String @shareable parts: [Part] @shareable }',
    )
    assert sent(result)[0] == "a {all{parts{id}}}"
    assert result.fetches[1].subgraph == "b"


def test_a_shareable_mutation_is_sent_to_two_subgraphs() -> None:
    result = plan_of(
        "mutation { m { a b } }",
        a='type Query { q: Int } type Mutation { m: T @shareable } type T @key(fields: "id") { id: ID! a: Int }',
        b='type Mutation { m: T @shareable } type T @key(fields: "id") { id: ID! b: Int }',
    )
    assert [fetch.kind for fetch in result.fetches].count("mutation") == 1


def test_a_mutation_runs_beside_what_follows_from_the_one_before() -> None:
    result = plan_of(
        "mutation { two { x } one }",
        a='type Query { q: Int } type Mutation { two: T } type T @key(fields: "id") { id: ID! }',
        b='type Mutation { one: Int } type T @key(fields: "id") { id: ID! x: Int }',
    )
    assert [(fetch.kind, fetch.needs) for fetch in result.fetches] == [
        ("mutation", ()),
        ("query", (0,)),
        ("mutation", (1,)),
    ]


def test_a_narrower_type_of_a_field_fails_to_plan() -> None:
    result = plan_of(
        "{ t2 { child { v } } }",
        a="""type Query { t1: T } type T { child: I @shareable } interface I { v: Int }
             type C1 implements I { v: Int @shareable } type C2 implements I { v: Int }""",
        b="type Query { t2: T } type T { child: C1 @shareable } type C1 { v: Int @shareable }",
    )
    assert sent(result) == ["b {t2{child{__typename v}}}"]


def test_an_interface_field_that_no_subgraph_can_answer_for_all_types_ends_in_an_internal_error() -> None:
    supergraph = supergraph_of(
        a="""type Query { node: Node @shareable } interface Node { id: ID! }
             type Account implements Node @key(fields: "id") { id: ID! name: String }
             type Chat implements Node @key(fields: "id") { id: ID! @external text: String }""",
        b="""type Query { node: Node @shareable } interface Node { id: ID! }
             type Account implements Node @key(fields: "id") { id: ID! @external email: String }
             type Chat implements Node @key(fields: "id") { id: ID! title: String }""",
    )
    with pytest.raises(PlanningError) as caught:
        plan(supergraph, prepare(supergraph, "{ node { id } }"))
    assert (caught.value.code, caught.value.coordinate) == ("QUERY_PLANNING_FAILED", "Node.id")


def test_a_capped_enumeration_silently_degrades_the_plan() -> None:
    names = [f"s{index}" for index in range(8)]
    fields = [f"f{index}" for index in range(40)]
    sdls = {
        name: 'type T @key(fields: "id") { id: ID! '
        + " ".join(f"{field}: Int @shareable" for number, field in enumerate(fields) if (number + index) % 8 < 4)
        + " }"
        for index, name in enumerate(names)
    }
    sdls["root"] = 'type Query { t: T } type T @key(fields: "id") { id: ID! }'
    supergraph = supergraph_of(**sdls)
    result = plan(supergraph, prepare(supergraph, "{ t { " + " ".join(fields) + " } }"))
    # Each subgraph has half of the fields, and some two of them have all.
    assert result.metrics.requests == 3
