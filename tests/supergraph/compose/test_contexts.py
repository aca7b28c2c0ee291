import pytest

from tests.composing import compose_fed2, error_codes


def with_argument(argument: str, *, types: str = "", owner: str = 'type T @key(fields: "k")') -> str:
    return f"type Query {{ o: O }} {types} {owner} {{ k: ID f({argument}): Int }}"


OWNER = 'type O @context(name: "c") { n: Int! s: [Sub!]! one: Sub t: T } type Sub { n: Int! more: Sub! } '

ACCEPTED = [
    ("a field", 'x: Int! @fromContext(field: "$c { n }")'),
    ("a path", 'x: Int @fromContext(field: "$c { one { n } }")'),
    ("a path through objects that are never null", 'x: Int @fromContext(field: "$c { one { more { n } } }")'),
    ("a list", 'x: [Int!]! @fromContext(field: "$c { s { n } }")'),
    ("a fragment", 'x: Int @fromContext(field: "$c ... on O { n }")'),
]


@pytest.mark.parametrize("argument", [case[1] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED])
def test_a_value_can_be_taken_from_a_context(argument: str) -> None:
    composition = compose_fed2(a=with_argument(argument, types=OWNER))

    assert [error.message for error in composition.errors] == []


REFUSED = [
    ("null where none may be", 'x: Int! @fromContext(field: "$c { one { n } }")'),
    ("a list for one value", 'x: Int @fromContext(field: "$c { s { n } }")'),
    ("two values", 'x: Int @fromContext(field: "$c { n one { n } }")'),
    ("two values below", 'x: Int @fromContext(field: "$c { one { n more { n } } }")'),
    ("no value", 'x: Int @fromContext(field: "$c { one }")'),
    ("an unknown field", 'x: Int @fromContext(field: "$c { what }")'),
    ("an alias", 'x: Int @fromContext(field: "$c { y: n }")'),
    ("a directive", 'x: Int @fromContext(field: "$c { n @skip(if: true) }")'),
    ("syntax", 'x: Int @fromContext(field: "$c { n ")'),
    ("fields and fragments", 'x: Int @fromContext(field: "$c { n ... on O { n } }")'),
    ("a fragment without type", 'x: Int @fromContext(field: "$c ... { n }")'),
    ("a fragment on an unknown type", 'x: Int @fromContext(field: "$c ... on Nope { n }")'),
    ("an idle fragment", 'x: Int @fromContext(field: "$c ... on O { n } ... on Sub { n }")'),
    ("no fitting fragment", 'x: Int @fromContext(field: "$c ... on Sub { n }")'),
    ("two fitting fragments", 'x: Int @fromContext(field: "$c ... on O { n } ... on O { n }")'),
]


@pytest.mark.parametrize("argument", [case[1] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_a_selection_must_give_one_fitting_value(argument: str) -> None:
    composition = compose_fed2(a=with_argument(argument, types=OWNER))

    assert error_codes(composition) == ["CONTEXT_INVALID_SELECTION"]


def test_every_member_of_a_union_must_have_the_value() -> None:
    types = 'union O @context(name: "c") = P | Q type P { n: Int t: T } type Q { m: Int t: T } '

    composition = compose_fed2(a=with_argument('x: Int @fromContext(field: "$c { n }")', types=types))

    assert error_codes(composition) == ["CONTEXT_INVALID_SELECTION"]


def test_fragments_tell_the_members_of_a_union_apart() -> None:
    types = 'union O @context(name: "c") = P | Q type P { n: Int t: T } type Q { m: Int t: T } '
    argument = 'x: Int @fromContext(field: "$c ... on P { n } ... on Q { m }")'

    composition = compose_fed2(a=with_argument(argument, types=types))

    assert [error.message for error in composition.errors] == []


def test_an_interface_object_cannot_give_a_value() -> None:
    types = 'type O @interfaceObject @key(fields: "n") @context(name: "c") { n: Int t: T } '

    composition = compose_fed2(a=with_argument('x: Int @fromContext(field: "$c { n }")', types=types))

    assert error_codes(composition) == ["CONTEXT_INVALID_SELECTION"]


FORBIDDEN = [
    ("a default", with_argument('x: Int = 1 @fromContext(field: "$c { n }")', types=OWNER)),
    (
        "a field of an interface",
        with_argument(
            'x: Int @fromContext(field: "$c { n }")', types=OWNER + "interface F { f(x: Int): Int } "
        ).replace("type T ", "type T implements F "),
    ),
    (
        "an interface",
        with_argument(
            'x: Int @fromContext(field: "$c { n }")', types=OWNER.replace("t: T", "t: Int"), owner="interface T"
        ),
    ),
    (
        "a directive",
        f"type Query {{ o: O }} {OWNER.replace('t: T', 't: Int')} "
        'directive @d(x: Int @fromContext(field: "$c { n }")) on FIELD',
    ),
]


@pytest.mark.parametrize("sdl", [case[1] for case in FORBIDDEN], ids=[case[0] for case in FORBIDDEN])
def test_some_arguments_cannot_be_contextual(sdl: str) -> None:
    assert error_codes(compose_fed2(a=sdl)) == ["CONTEXT_NOT_SET"]


def test_an_external_field_may_be_there_for_a_context_alone() -> None:
    types = 'type O @key(fields: "k") @context(name: "c") { k: ID n: Int @external t: T } '
    composition = compose_fed2(
        a=with_argument('x: Int @fromContext(field: "$c { n }")', types=types),
        b='type O @key(fields: "k") { k: ID n: Int }',
    )

    assert [error.message for error in composition.errors] == []


def test_a_value_that_no_subgraph_gives_is_reported() -> None:
    types = 'type O @key(fields: "k") @context(name: "c") { k: ID n: Int @external t: T } '
    composition = compose_fed2(
        a=with_argument('x: Int @fromContext(field: "$c { n }")', types=types),
        b='type O @key(fields: "k", resolvable: false) { k: ID n: Int }',
    )

    assert {error.coordinate for error in composition.errors} == {"O.n", "T.f"}
