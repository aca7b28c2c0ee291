import pytest

from supergraph.errors import HintLevel
from tests.composing import compose_fed2, compose_texts, error_codes, fed2, hint_codes

ENTITY = 'type Query { t: T } type T @key(fields: "k") '

CASES = [
    (
        "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
        "Query.a(n:)",
        "type Query { a(n: Int = 1): Int @shareable }",
        "type Query { a(n: Int): Int @shareable }",
    ),
    (
        "INCONSISTENT_INPUT_OBJECT_FIELD",
        "I.m",
        "type Query { a(i: I): Int } input I { n: Int m: Int }",
        "type Query { b(i: I): Int } input I { n: Int }",
    ),
    (
        "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
        "E.Y",
        "type Query { a(e: E): Int } enum E { X Y }",
        "type Query { b(e: E): Int } enum E { X }",
    ),
    (
        "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM",
        "E.Y",
        "type Query { a: E } enum E { X Y }",
        "type Query { b: E } enum E { X }",
    ),
    ("UNUSED_ENUM_TYPE", "E", "type Query { a: Int } enum E { X }", "type Query { b: Int }"),
    (
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
        "@d",
        "type Query { a: Int } directive @d on FIELD",
        "type Query { b: Int }",
    ),
    (
        "NO_EXECUTABLE_DIRECTIVE_INTERSECTION",
        "@d",
        "type Query { a: Int } directive @d on FIELD",
        "type Query { b: Int } directive @d on QUERY",
    ),
    (
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE",
        "@d",
        "type Query { a: Int } directive @d repeatable on FIELD",
        "type Query { b: Int } directive @d on FIELD",
    ),
    (
        "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS",
        "@d",
        "type Query { a: Int } directive @d on FIELD | QUERY",
        "type Query { b: Int } directive @d on FIELD",
    ),
    (
        "INCONSISTENT_DESCRIPTION",
        "T",
        'type Query { a: T } "One" type T @shareable { x: Int }',
        'type Query { b: T } "Two" type T @shareable { x: Int }',
    ),
    (
        "INCONSISTENT_ARGUMENT_PRESENCE",
        "Query.a(n:)",
        "type Query { a(n: Int): Int @shareable }",
        "type Query { a: Int @shareable }",
    ),
    (
        "FROM_SUBGRAPH_DOES_NOT_EXIST",
        "Query.a",
        'type Query { a: Int @override(from: "betta") }',
        "type Query { b: Int }",
    ),
    (
        "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        "Query.a",
        'type Query { a: Int @shareable @deprecated(reason: "x") }',
        'type Query { a: Int @shareable @deprecated(reason: "y") }',
    ),
    (
        "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        "Query.a",
        "type Query { a: Int @shareable @cost(weight: 1) }",
        "type Query { a: Int @shareable @cost(weight: 2) }",
    ),
    (
        "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE",
        "Query.a",
        "type Query { a: Int! @shareable }",
        "type Query { a: Int @shareable }",
    ),
    (
        "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE",
        "Query.a(n:)",
        "type Query { a(n: Int!): Int @shareable }",
        "type Query { a(n: Int): Int @shareable }",
    ),
    ("INCONSISTENT_ENTITY", "T", ENTITY + "{ k: ID }", "type T @shareable { k: ID }"),
    (
        "OVERRIDDEN_FIELD_CAN_BE_REMOVED",
        "T.a",
        ENTITY + '{ k: ID a: Int @override(from: "beta") }',
        'type T @key(fields: "k") { k: ID a: Int }',
    ),
    (
        "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
        "T.a",
        ENTITY + '{ k: ID a: Int @override(from: "beta") }',
        'type T @key(fields: "k") { k: ID }',
    ),
    (
        "OVERRIDE_MIGRATION_IN_PROGRESS",
        "T.a",
        ENTITY + '{ k: ID a: Int @override(from: "beta", label: "percent(12.5)") }',
        'type T @key(fields: "k") { k: ID a: Int }',
    ),
    (
        "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD",
        "V.b",
        "type Query { a: V @shareable } type V @shareable { a: Int b: Int }",
        "type Query { a: V @shareable } type V @shareable { a: Int }",
    ),
    (
        "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD",
        "V.b",
        "type Query { x: V } interface V { a: Int b: Int } type T implements V { a: Int b: Int }",
        "type Query { y: V } interface V { a: Int }",
    ),
    (
        "INCONSISTENT_UNION_MEMBER",
        "U",
        "type Query { x: U } union U = A | B type A @shareable { a: Int } type B { b: Int }",
        "type Query { y: U } union U = A type A @shareable { a: Int }",
    ),
    (
        "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS",
        "T.f(a:)",
        'type Query { o: O } type O @context(name: "c") { x: Int t: T } '
        'type T @key(fields: "k") { k: ID f(a: Int @fromContext(field: "$c { x }")): Int @shareable }',
        'type T @key(fields: "k") { k: ID f(a: Int): Int @shareable }',
    ),
    (
        "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
        "Query.x",
        "type Query { x: V @shareable } interface V { a: Int } type A implements V @shareable { a: Int }",
        "type Query { x: V @shareable } interface V { a: Int } type A implements V @shareable { a: Int } "
        "type B implements V { a: Int }",
    ),
]


@pytest.mark.parametrize(("code", "coordinate", "alpha", "beta"), CASES, ids=[case[0] for case in CASES])
def test_what_deserves_a_look_is_hinted_at(code: str, coordinate: str, alpha: str, beta: str) -> None:
    composition = compose_fed2(alpha=alpha, beta=beta)

    assert composition.errors == ()
    assert (code, coordinate) in {(hint.code, hint.coordinate) for hint in composition.hints}


def custom(name: str, version: str, sdl: str, *, composed: bool) -> str:
    ask = f' @composeDirective(name: "@{name}")' if composed else ""
    as_ = '"@mark"' if name == "mark" else f'{{name: "@mark", as: "@{name}"}}'
    link = f'extend schema @link(url: "https://me.dev/marks/v{version}", import: [{as_}]){ask}'
    return fed2(f"{sdl} {link} directive @{name} on FIELD_DEFINITION")


def test_a_directive_that_another_subgraph_names_otherwise_is_left_out_with_a_warning() -> None:
    composition = compose_texts(
        alpha=custom("mark", "1.0", "type Query { a: Int @mark }", composed=True),
        beta=custom("marked", "1.0", "type Query { b: Int @marked }", composed=False),
    )

    assert hint_codes(composition) == ["DIRECTIVE_COMPOSITION_WARN"]


def test_different_majors_of_a_feature_that_nobody_composes_are_mentioned() -> None:
    composition = compose_texts(
        alpha=custom("mark", "1.0", "type Query { a: Int @mark }", composed=False),
        beta=custom("mark", "2.0", "type Query { b: Int @mark }", composed=False),
    )

    assert hint_codes(composition) == ["DIRECTIVE_COMPOSITION_INFO"]


def test_composing_what_is_always_composed_is_only_mentioned() -> None:
    sdl = 'type Query { a: Int @tag(name: "x") } extend schema @composeDirective(name: "@tag")'

    composition = compose_fed2(alpha=sdl)

    assert error_codes(composition) == []
    assert hint_codes(composition) == ["DIRECTIVE_COMPOSITION_INFO"]


def test_a_feature_that_needs_a_higher_federation_version_is_mentioned() -> None:
    composition = compose_texts(
        alpha='type Query { a: Int @cost(weight: 1) } extend schema @link(url: "https://specs.apollo.dev/cost/v0.1") '
        '@link(url: "https://specs.apollo.dev/federation/v2.3")'
    )

    assert hint_codes(composition) == ["IMPLICITLY_UPGRADED_FEDERATION_VERSION"]
    assert composition.sdl is not None
    assert "join/v0.5" in composition.sdl


@pytest.mark.parametrize(
    ("sdl", "level"),
    [
        ('type Query { a: Int @override(from: "gone") }', HintLevel.WARN),
        ("type Query { a: Int } enum E { X }", HintLevel.DEBUG),
    ],
)
def test_a_hint_has_the_level_of_its_code(sdl: str, level: HintLevel) -> None:
    assert [hint.level for hint in compose_fed2(alpha=sdl).hints] == [level]


def test_a_hint_says_where_it_comes_from() -> None:
    (hint,) = compose_fed2(alpha='type Query {\n  a: Int @override(from: "gone") }').hints

    assert [(place.subgraph, place.line, place.column) for place in hint.locations] == [("alpha", 2, 10)]
