import pytest

from tests.composing import block, compose_fed2, error_codes

T = 'type T @key(fields: "k")'
USING = f'type Query {{ t: T }} {T} {{ k: ID a: Int @external b: Int %s @requires(fields: "a") }}'

COVERED = [
    ("the same", '@requiresScopes(scopes: [["s"]])', '@requiresScopes(scopes: [["s"]])'),
    ("more", '@requiresScopes(scopes: [["s", "t"]])', '@requiresScopes(scopes: [["s"]])'),
    ("one of several", '@policy(policies: [["p"]])', '@policy(policies: [["p"], ["q"]])'),
    ("nothing asked", "", "@requiresScopes(scopes: [])"),
    ("authenticated", "@authenticated", "@authenticated"),
]


@pytest.mark.parametrize(("own", "wanted"), [c[1:] for c in COVERED], ids=[c[0] for c in COVERED])
def test_a_field_may_use_what_its_own_requirements_cover(own: str, wanted: str) -> None:
    composition = compose_fed2(a=USING % own, b=f"{T} {{ k: ID a: Int {wanted} }}")

    assert [error.message for error in composition.errors] == []


UNCOVERED = [
    ("nothing", "", "@authenticated"),
    ("less", '@requiresScopes(scopes: [["s"]])', '@requiresScopes(scopes: [["s", "t"]])'),
    ("an alternative that is not covered", '@policy(policies: [["p"], ["r"]])', '@policy(policies: [["p"], ["q"]])'),
    ("another directive", "@authenticated", '@requiresScopes(scopes: [["s"]])'),
]


@pytest.mark.parametrize(("own", "wanted"), [c[1:] for c in UNCOVERED], ids=[c[0] for c in UNCOVERED])
def test_a_field_must_not_reveal_what_it_is_made_of(own: str, wanted: str) -> None:
    composition = compose_fed2(a=USING % own, b=f"{T} {{ k: ID a: Int {wanted} }}")

    assert error_codes(composition) == ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]
    assert composition.errors[0].coordinate == "T.b"


def test_the_type_of_the_field_counts_as_its_own_requirement() -> None:
    composition = compose_fed2(
        a=f'type Query {{ t: T }} {T} {{ k: ID u: U @external v: V @requires(fields: "u {{ n }}") }} '
        "type U { n: Int @external } type V @authenticated { m: Int }",
        b=f"{T} {{ k: ID u: U }} type U @authenticated {{ n: Int }}",
    )

    assert [error.message for error in composition.errors] == []


def test_a_type_condition_selects_its_type() -> None:
    composition = compose_fed2(
        a=f'type Query {{ t: T }} {T} {{ k: ID i: I @external b: Int @requires(fields: "i {{ ... on X {{ n }} }}") }} '
        "interface I { n: Int } type X implements I @external { n: Int }",
        b=f"{T} {{ k: ID i: I }} interface I {{ n: Int }} type X implements I @authenticated {{ n: Int }}",
    )

    assert error_codes(composition) == ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]


def test_a_contextual_argument_is_made_of_what_it_is_taken_from() -> None:
    composition = compose_fed2(
        a='type Query { o: O } type O @context(name: "c") { n: Int @authenticated t: T } '
        f'{T} {{ k: ID f(x: Int @fromContext(field: "$c {{ n }}")): Int }}'
    )

    assert error_codes(composition) == ["MISSING_TRANSITIVE_AUTH_REQUIREMENTS"]


def test_requirements_of_an_interface_object_hold_for_its_implementations() -> None:
    composition = compose_fed2(
        a='type Query { i: I } interface I @key(fields: "k") { k: ID } '
        'type X implements I @key(fields: "k") { k: ID n: Int @shareable }',
        b='type I @interfaceObject @key(fields: "k") { k: ID n: Int @shareable @authenticated }',
    )

    assert "@authenticated" in block(composition, "X")
    assert "@authenticated" in block(composition, "I")


def test_requirements_of_types_go_up_to_their_interfaces() -> None:
    composition = compose_fed2(
        a='type Query { i: I } interface I { n: Int } type X implements I @requiresScopes(scopes: [["x"]]) { n: Int } '
        'type Y implements I @requiresScopes(scopes: [["y"]]) { n: Int }'
    )

    assert '@requiresScopes(scopes: [["x", "y"]])' in block(composition, "I")
