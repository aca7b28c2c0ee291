"""What data is called in the store: the ledger, seen through the plans it leads to."""

from tests.supergraph.graphs import plan_of, sent

PRODUCT = """type Query { p: P }
type P @key(fields: "id") { id: ID! price: Int weight: Int other: ID size: Size } type Size { w: Int h: Int }"""
SHIPPING = """type P @key(fields: "id") { id: ID! weight: Int @external size: Size @external
  cost: Int @requires(fields: "weight") volume: Int @requires(fields: "size { w }") }
type Size { w: Int @external }"""


def inputs(operation: str) -> list[tuple[str, str]]:
    plan = plan_of(operation, a=PRODUCT, b=SHIPPING)
    return [
        (field.name, field.store_key)
        for call in plan.fetches[1].entities
        for template in call.templates
        for field in template.fields
    ]


def test_a_client_alias_that_hides_the_key_leaves_it_a_hidden_name() -> None:
    assert inputs("{ p { id: other cost } }") == [("id", "__1"), ("weight", "weight")]


def test_a_required_field_is_read_from_the_clients_own_alias_for_it() -> None:
    assert inputs("{ p { weight: price v: weight cost } }") == [("id", "id"), ("weight", "v")]


def test_a_nested_required_field_gets_a_hidden_name_where_an_alias_stands_for_another() -> None:
    plan = plan_of("{ p { size { w: h } volume } }", a=PRODUCT, b=SHIPPING)
    (template,) = plan.fetches[1].entities[0].templates
    (size,) = [field for field in template.fields if field.name == "size"]
    assert [(field.name, field.store_key) for field in size.selection[0].fields] == [("w", "__1")]


def test_one_field_with_two_arguments_has_two_store_keys() -> None:
    plan = plan_of(
        "{ p { usd eur } }",
        a='type Query { p: P } type P @key(fields: "id") { id: ID! price(cur: String!): Int }',
        b="""type P @key(fields: "id") { id: ID! price(cur: String!): Int @external
             usd: Int @requires(fields: "price(cur: \\"USD\\")")
             eur: Int @requires(fields: "price(cur: \\"EUR\\")") }""",
    )
    assert len(plan.fetches) == 2
    keys = {field.store_key for call in plan.fetches[1].entities for field in call.templates[0].fields[1:]}
    assert keys == {"price", "__1"}


def test_a_client_may_call_a_field_like_the_type_name() -> None:
    plan = plan_of("{ p { __typename: other } }", a=PRODUCT)
    assert sent(plan) == ["a {p{__1:other}}"]
    assert set(plan.store_keys.values()) == {"__1"}


def test_fields_whose_types_differ_in_a_subgraph_do_not_share_a_key_there() -> None:
    plan = plan_of(
        "{ all { ... on User { id } ... on Admin { id } } }",
        a="""type Query { all: [Account] } union Account = User | Admin
             type User { id: ID x: Int } type Admin { id: ID! @shareable }""",
        b="type Admin { id: ID @shareable }",
    )
    assert sent(plan) == ["a {all{__typename ...on User{__1:id} ...on Admin{id}}}"]
    assert [type_name for _, type_name in plan.store_keys] == ["User"]
