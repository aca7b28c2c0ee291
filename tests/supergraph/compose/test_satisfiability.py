from textwrap import dedent

import pytest

from tests.composing import compose_all, compose_fed2, error_codes, fed2

SHOP = 'type Query { item: Item } type Item @key(fields: "id") { id: ID! name: String }'

SATISFIABLE = [
    (
        "a field behind a key",
        {"a": SHOP, "b": 'type Item @key(fields: "id") { id: ID! price: Int }'},
    ),
    (
        "a key that takes another subgraph to read",
        {
            "a": 'type Query { item: Item } type Item @key(fields: "id") { id: ID! }',
            "b": 'type Item @key(fields: "id") @key(fields: "code") { id: ID! code: ID! }',
            "c": 'type Item @key(fields: "code") { code: ID! price: Int }',
        },
    ),
    (
        "a requirement that takes another subgraph to read",
        {
            "a": SHOP,
            "b": 'type Item @key(fields: "id") { id: ID! weight: Int }',
            "c": 'type Item @key(fields: "id") { id: ID! weight: Int @external fee: Int @requires(fields: "weight") }',
        },
    ),
    (
        "a field that is provided where it is needed",
        {
            "a": 'type Query { item: Item @provides(fields: "price") } type Item { name: String price: Int @external }',
            "b": "type Item { price: Int @shareable }",
        },
    ),
    (
        "fields of a value type in the subgraphs that return it",
        {
            "a": "type Query { box: Box @shareable } type Box { x: Int }",
            "b": "type Query { box: Box @shareable } type Box { y: Int }",
        },
    ),
    (
        "a runtime type that one of the sharing subgraphs cannot return",
        {
            "a": "type Query { pet: Pet @shareable } union Pet = Cat type Cat @shareable { n: Int }",
            "b": "type Query { pet: Pet @shareable } union Pet = Cat | Dog type Cat @shareable { n: Int } "
            "type Dog { m: Int }",
        },
    ),
    (
        "a field of an interface object",
        {
            "a": 'type Query { m: Media } interface Media @key(fields: "id") { id: ID! } '
            'type Book implements Media @key(fields: "id") { id: ID! }',
            "b": 'type Media @interfaceObject @key(fields: "id") { id: ID! rating: Int }',
        },
    ),
    (
        "an object type behind an interface object",
        {
            "a": 'interface Media @key(fields: "id") { id: ID! } '
            'type Book implements Media @key(fields: "id") { id: ID! pages: Int }',
            "b": 'type Query { m: Media } type Media @interfaceObject @key(fields: "id") { id: ID! rating: Int }',
        },
    ),
    (
        "the root as the type of a field",
        {"a": "type Query { n: Int again: Query }", "b": "type Query { m: Int }"},
    ),
    (
        "keys that need each other",
        {
            "a": 'type Query { x: X } type X @key(fields: "id") @key(fields: "y { id }") { id: ID! y: Y } '
            'type Y @key(fields: "id") { id: ID! }',
            "b": 'type X @key(fields: "y { id }") { y: Y n: Int } type Y @key(fields: "id") { id: ID! x: X }',
        },
    ),
    (
        "keys that need each other in turn",
        {
            "a": 'type Query { x: X } type X @key(fields: "id") { id: ID y: Y @shareable } type Y { x: X @shareable }',
            "b": 'type Y @key(fields: "x { id }") { x: X @shareable code: ID } type X @key(fields: "id") { id: ID }',
            "c": 'type X @key(fields: "y { code }") { y: Y n: Int } type Y { code: ID @external }',
        },
    ),
    (
        "a requirement on an interface that its types answer in different ways",
        {
            "a": 'type Query { t: T } type T @key(fields: "k") { k: ID i: I } interface I { n: Int } '
            'type X implements I { n: Int } type Y implements I @key(fields: "k") { k: ID n: Int @external }',
            "b": 'type T @key(fields: "k") { k: ID i: I @external m: Int @requires(fields: "i { n }") } '
            "interface I { n: Int } type X implements I @external { n: Int }",
            "c": 'type Y @key(fields: "k") { k: ID n: Int }',
        },
    ),
    (
        "a requirement on one member of a union",
        {
            "a": 'type Query { t: T } type T @key(fields: "k") { k: ID u: U } union U = X | Y '
            "type X { n: Int } type Y { p: Int }",
            "b": 'type T @key(fields: "k") { k: ID u: U @external m: Int @requires(fields: "u { ... on X { n } }") } '
            "union U = X type X @external { n: Int }",
        },
    ),
    (
        "a value from an ancestor",
        {
            "a": 'type Query { o: O } type O @context(name: "c") { n: Int t: T } '
            'type T @key(fields: "k") { k: ID f(x: Int @fromContext(field: "$c { n }")): Int }'
        },
    ),
    (
        "a field that moves under a label, reachable on both sides",
        {
            "a": SHOP,
            "b": 'type Item @key(fields: "id") { id: ID! name: String @override(from: "a", label: "half") }',
        },
    ),
    (
        "a mutation that one of its subgraphs can answer in full",
        {
            "a": "type Query { n: Int } type Mutation { go: Done @shareable } type Done @shareable { x: Int y: Int }",
            "b": "type Mutation { go: Done @shareable } type Done @shareable { x: Int }",
        },
    ),
]


@pytest.mark.parametrize("subgraphs", [case[1] for case in SATISFIABLE], ids=[case[0] for case in SATISFIABLE])
def test_every_operation_can_be_planned(subgraphs: dict[str, str]) -> None:
    composition = compose_all({name: fed2(sdl) for name, sdl in subgraphs.items()})

    assert [error.message for error in composition.errors] == []


UNSATISFIABLE = [
    (
        "a requirement that one implementation cannot answer",
        {
            "a": 'type Query { t: T } type T @key(fields: "k") { k: ID i: I } interface I { o: Int } '
            "type X implements I { o: Int } type Y implements I { o: Int }",
            "b": 'type T @key(fields: "k") { k: ID i: I @external m: Int @requires(fields: "i { n }") } '
            "interface I { n: Int } type X implements I @external { n: Int } type Y implements I @external { n: Int }",
            "c": "interface I { n: Int o: Int } type X implements I { n: Int o: Int @external } "
            "type Y implements I { n: Int o: Int @external }",
        },
        {"T.m", "X.n", "Y.n"},
    ),
    ("no key", {"a": "type Query { t: T } type T { x: Int }", "b": "type T { y: Int }"}, {"T.y"}),
    (
        "a key that cannot be read",
        {"a": SHOP, "b": 'type Item @key(fields: "code") { code: ID! price: Int }'},
        {"Item.code", "Item.price"},
    ),
    (
        "a key that cannot be entered by",
        {"a": SHOP, "b": 'type Item @key(fields: "id", resolvable: false) { id: ID! price: Int }'},
        {"Item.price"},
    ),
    (
        "a requirement that cannot be read",
        {
            "a": "type Query { t: T } "
            'type T @key(fields: "k") { k: ID n: Int @external m: Int @requires(fields: "n") }',
            "b": 'type T @key(fields: "k", resolvable: false) { k: ID n: Int }',
        },
        {"T.n", "T.m"},
    ),
    (
        "a requirement without a way back",
        {
            "a": 'type Query { t: T @shareable } type T { n: Int @external m: Int @requires(fields: "n") }',
            "b": "type Query { t: T @shareable } type T { n: Int }",
        },
        {"T.m"},
    ),
    (
        "an object type nobody can tell behind an interface object",
        {
            "a": 'interface I { id: ID! } type T implements I @key(fields: "id") { id: ID! }',
            "b": 'type Query { i: I } type I @interfaceObject @key(fields: "id") { id: ID! n: Int }',
        },
        {"T"},
    ),
    (
        "an overridden key",
        {
            "a": 'type Query { t: T } type T @key(fields: "k") { k: ID n: Int }',
            "b": 'type T @key(fields: "k") { k: ID @override(from: "a") m: Int }',
        },
        {"T.k", "T.m"},
    ),
    (
        "a field that is lost in one state of a label",
        {
            "a": 'type Query { t: T } type T @key(fields: "k") { k: ID v: V } type V { x: Int }',
            "b": 'type T @key(fields: "k") { k: ID v: V @override(from: "a", label: "l") } type V { y: Int }',
        },
        {"V.x", "V.y"},
    ),
    (
        "a context that no ancestor sets",
        {
            "a": 'type Query { o: O t: T } type O @context(name: "c") { n: Int } '
            'type T @key(fields: "k") { k: ID f(x: Int @fromContext(field: "$c { n }")): Int }'
        },
        {"T.f"},
    ),
    (
        "a mutation that takes two subgraphs",
        {
            "a": "type Query { n: Int } type Mutation { go: Done @shareable } type Done { x: Int }",
            "b": "type Mutation { go: Done @shareable } type Done { y: Int }",
        },
        {"Done.x", "Done.y"},
    ),
]


@pytest.mark.parametrize(
    ("subgraphs", "coordinates"), [case[1:] for case in UNSATISFIABLE], ids=[case[0] for case in UNSATISFIABLE]
)
def test_an_operation_that_cannot_be_planned_is_reported(subgraphs: dict[str, str], coordinates: set[str]) -> None:
    composition = compose_all({name: fed2(sdl) for name, sdl in subgraphs.items()})

    assert error_codes(composition) == ["SATISFIABILITY_ERROR"]
    assert {error.coordinate for error in composition.errors} == coordinates


def test_the_message_shows_the_smallest_operation_and_why_each_subgraph_fails() -> None:
    composition = compose_fed2(
        a="type Query { find(id: ID!, by: By!): [Node!] } input By { kind: Kind! limit: Int } enum Kind { OLD NEW } "
        "interface Node { n: Int } type Leaf implements Node { n: Int }",
        b="type Leaf { twin: Leaf }",
    )

    assert composition.errors[0].message == dedent(
        """\
        The following supergraph API query:
        query {
          find(id: "<any id>", by: {kind: OLD}) {
            ... on Leaf {
              twin {
                ...
              }
            }
          }
        }
        cannot be satisfied by the subgraphs because:
        - from subgraph "a":
          - cannot find field "Leaf.twin".
          - cannot move to subgraph "b", which has field "Leaf.twin", because no @key is defined on type "Leaf" \
in subgraph "b"."""
    )


def test_nothing_is_checked_when_it_is_not_wanted() -> None:
    composition = compose_fed2(satisfiability=False, a="type Query { t: T } type T { x: Int }", b="type T { y: Int }")

    assert composition.errors == ()


def requirement_chain(length: int) -> dict[str, str]:
    """Fields of which each requires the next, which the other subgraph resolves; ``length`` is even."""

    def fields(side: int) -> str:
        own = [f'f{n}: Int @requires(fields: "f{n + 1}")' for n in range(side, length, 2)]
        others = [f"f{n}: Int @external" for n in range(2 - (1 - side), length + side, 2)]
        return " ".join([*own, *others])

    return {
        "a": f'type Query {{ t: T }} type T @key(fields: "k") {{ k: ID f{length}: Int {fields(0)} }}',
        "b": f'type T @key(fields: "k") {{ k: ID {fields(1)} }}',
    }


def test_a_long_chain_of_requirements_is_followed() -> None:
    composition = compose_all({name: fed2(sdl) for name, sdl in requirement_chain(2000).items()})

    assert composition.errors == ()


def test_a_chain_of_requirements_may_not_end_in_itself() -> None:
    texts = requirement_chain(40)
    texts["a"] = texts["a"].replace("f40: Int", 'f40: Int @requires(fields: "f1")')

    (error, *_) = compose_all({name: fed2(sdl) for name, sdl in texts.items()}).errors

    assert error.code == "SATISFIABILITY_ERROR"
    assert 'cannot satisfy @require conditions on field "T.f40"' in error.message


def test_keys_through_a_ring_of_objects_are_followed() -> None:
    count = 40
    rings = {
        f"s{side}": fed2(f"type Query {{ q{side}: T0 }} ")
        + " ".join(
            f'type T{n} @key(fields: "next {{ k{side} }}") @key(fields: "k{side}") '
            f"{{ k0: ID! @shareable k1: ID! @shareable next: T{(n + 1) % count} @shareable own{side}: Int }}"
            for n in range(count)
        )
        for side in (0, 1)
    }

    assert compose_all(rings).errors == ()


def test_a_key_through_a_field_that_others_widen_is_a_way() -> None:
    composition = compose_fed2(
        a='type Query { t: T } type T @key(fields: "k") @key(fields: "o { b }") { k: ID o: O @shareable } '
        "interface I { z: Int } type O implements I @shareable { b: Int z: Int }",
        b='type T @key(fields: "k") { k: ID o: I @shareable } '
        "interface I { z: Int } type O implements I @shareable { b: Int z: Int }",
    )

    assert composition.errors == ()


def test_a_key_that_moves_under_a_label_closes_the_way_to_its_new_home() -> None:
    composition = compose_fed2(
        a='type Query { t: T } type T @key(fields: "k") { k: ID own: Int }',
        b='type T @key(fields: "k") { k: ID @override(from: "a", label: "l") extra: Int }',
    )

    assert {error.coordinate for error in composition.errors} == {"T.k", "T.extra"}


def test_a_mutation_of_a_type_whose_key_has_a_label_is_checked() -> None:
    composition = compose_fed2(
        a='type Query { x: Int } type Mutation { t: T } type T @key(fields: "k") { k: ID own: Int }',
        b='type T @key(fields: "k") { k: ID @override(from: "a", label: "l") extra: Int }',
    )

    assert {error.coordinate for error in composition.errors} == {"T.k", "T.extra"}


def test_a_requirement_that_a_label_takes_away_is_missed() -> None:
    composition = compose_fed2(
        a="type Query { t: T } "
        'type T @key(fields: "k") { k: ID size: Int @external own: Int @requires(fields: "size") }',
        b='type T @key(fields: "k") { k: ID size: Int }',
        c='type T @key(fields: "j") { j: ID size: Int @override(from: "b", label: "l") }',
    )

    assert "T.own" in {error.coordinate for error in composition.errors}


def test_many_labels_are_tried_one_by_one() -> None:
    count = 8
    old = " ".join(f"f{n}: V" for n in range(count))
    new = " ".join(f'f{n}: V @override(from: "a", label: "label{n}")' for n in range(count))
    composition = compose_fed2(
        a=f'type Query {{ t: T }} type T @key(fields: "k") {{ k: ID {old} }} type V {{ x: Int }}',
        b=f'type T @key(fields: "k") {{ k: ID {new} }} type V {{ y: Int }}',
    )

    assert {error.coordinate for error in composition.errors} == {"V.x", "V.y"}


@pytest.mark.parametrize(
    ("subgraphs", "reason"),
    [
        (
            {
                "a": 'type Query { t: T } type T @key(fields: "k") { k: ID n: Int }',
                "b": 'type T @key(fields: "k", resolvable: false) { k: ID n: Int @override(from: "a", label: "l") }',
            },
            'field "T.n" is not resolvable because it is overridden under the label "l"',
        ),
        (
            {
                "a": 'type Query { t: T } type T @key(fields: "k") { k: ID }',
                "b": 'type T @key(fields: "k", resolvable: false) { k: ID n: Int }',
            },
            'because none of the @key defined on type "T" in subgraph "b" are resolvable',
        ),
        (
            {
                "a": 'interface I { id: ID! } type T implements I @key(fields: "id") { id: ID! }',
                "b": 'type Query { i: I } type I @interfaceObject @key(fields: "id") { id: ID! n: Int }',
            },
            'cannot move to subgraph "a", because interface "I" has no @key there',
        ),
        (
            {
                "a": 'type Query { o: O t: T } type O @context(name: "c") { n: Int } '
                'type T @key(fields: "k") { k: ID f(x: Int @fromContext(field: "$c { n }")): Int }'
            },
            "required context not found",
        ),
        (
            {
                "a": 'type Query { t: T @shareable } type T { n: Int @external m: Int @requires(fields: "n") }',
                "b": "type Query { t: T @shareable } type T { n: Int }",
            },
            'missing usable key on "T" in subgraph "a" to resume query',
        ),
    ],
)
def test_the_message_says_why(subgraphs: dict[str, str], reason: str) -> None:
    composition = compose_all({name: fed2(sdl) for name, sdl in subgraphs.items()})

    assert any(reason in error.message for error in composition.errors)


def test_sample_values_fit_their_types() -> None:
    composition = compose_fed2(
        a="type Query { t(i: Int!, f: Float!, b: Boolean!, s: String!, l: [Int]!, c: Custom!, n: In!): T } "
        "scalar Custom input In { deep: In2! } input In2 { id: ID! } type T { x: Int }",
        b="type T { y: Int }",
    )

    assert (
        't(i: 0, f: 3.14, b: true, s: "A string value", l: [], c: "<any value>", n: {deep: {id: "<any id>"}})'
        in composition.errors[0].message
    )


def test_a_query_may_start_again_below() -> None:
    composition = compose_fed2(a="type Query { n: Int } type Mutation { done: Query! }", b="type Query { m: Int }")

    assert composition.errors == ()
