"""Every misuse of @inaccessible by its code, and what clients see of a proper use."""

import pytest
from graphql import print_schema

from supergraph import read_supergraph
from supergraph.api.inaccessible import check_inaccessible
from supergraph.errors import SupergraphError
from supergraph.reader.document import parse_document
from supergraph.reader.features import read_features
from tests.supergraph_documents import hiding_sdl, supergraph_sdl

QUERY = "type Query @join__type(graph: A) { x: Int }"


def findings(types: str) -> list[tuple[str, str | None]]:
    document = parse_document(hiding_sdl(types))
    return [(error.code, error.coordinate) for error in check_inaccessible(document, read_features(document))]


@pytest.mark.parametrize(
    ("types", "code", "coordinate"),
    [
        ("type Query @inaccessible { x: Int }", "QUERY_ROOT_TYPE_INACCESSIBLE", "Query"),
        (QUERY + " scalar Int @inaccessible", "DISALLOWED_INACCESSIBLE", "Int"),
        (QUERY + " enum join__Other { A @inaccessible }", "DISALLOWED_INACCESSIBLE", "join__Other"),
        (
            QUERY + " directive @deprecated(reason: String @inaccessible) on OBJECT",
            "DISALLOWED_INACCESSIBLE",
            "@deprecated",
        ),
        (QUERY + " directive @join__own(x: Int @inaccessible) on OBJECT", "DISALLOWED_INACCESSIBLE", "@join__own"),
        ("type Query { t: T } type T @inaccessible { x: Int }", "REFERENCED_INACCESSIBLE", "T"),
        ("type Query { x(a: [E!]!): Int } enum E @inaccessible { V }", "REFERENCED_INACCESSIBLE", "E"),
        ("type Query { x(a: In): Int } input In { e: E } enum E @inaccessible { V }", "REFERENCED_INACCESSIBLE", "E"),
        (QUERY + " directive @mine(s: S) on FIELD scalar S @inaccessible", "REFERENCED_INACCESSIBLE", "S"),
        ("type Query { x(a: Int! @inaccessible): Int }", "REQUIRED_INACCESSIBLE", "Query.x(a:)"),
        ("type Query { x(a: In): Int } input In { y: Int! @inaccessible z: Int }", "REQUIRED_INACCESSIBLE", "In.y"),
        (QUERY + " directive @mine(x: Int! @inaccessible) on FIELD", "REQUIRED_INACCESSIBLE", "@mine(x:)"),
        (
            "type Query implements I { x: Int @inaccessible y: Int } interface I { x: Int }",
            "IMPLEMENTED_BY_INACCESSIBLE",
            "Query.x",
        ),
        (
            "type Query implements I { x(a: Int @inaccessible): Int } interface I { x(a: Int): Int }",
            "IMPLEMENTED_BY_INACCESSIBLE",
            "Query.x(a:)",
        ),
        (
            "type Query { x(a: E = V): Int } enum E { V @inaccessible W }",
            "DEFAULT_VALUE_USES_INACCESSIBLE",
            "Query.x(a:)",
        ),
        (
            "type Query { x(a: [[E]] = [[W], V]): Int } enum E { V @inaccessible W }",
            "DEFAULT_VALUE_USES_INACCESSIBLE",
            "Query.x(a:)",
        ),
        (
            "type Query { x(a: In = {i: {y: 1}}): Int } input In { i: In y: Int @inaccessible z: Int }",
            "DEFAULT_VALUE_USES_INACCESSIBLE",
            "Query.x(a:)",
        ),
        ("type Query { x: Int @inaccessible }", "ONLY_INACCESSIBLE_CHILDREN", "Query"),
        (QUERY + " interface I { x: Int @inaccessible }", "ONLY_INACCESSIBLE_CHILDREN", "I"),
        (QUERY + " input In { x: Int @inaccessible }", "ONLY_INACCESSIBLE_CHILDREN", "In"),
        (QUERY + " enum E { V @inaccessible }", "ONLY_INACCESSIBLE_CHILDREN", "E"),
        (QUERY + " type T @inaccessible { x: Int } union U = T", "ONLY_INACCESSIBLE_CHILDREN", "U"),
    ],
)
def test_a_misuse_has_a_code_and_a_coordinate(types: str, code: str, coordinate: str) -> None:
    assert findings(types) == [(code, coordinate)]


@pytest.mark.parametrize(
    "types",
    [
        "type Query { x: Int t: T @inaccessible } type T @inaccessible { x(a: Int! @inaccessible): Int }",
        "type Query { x(a: Int! = 1 @inaccessible): Int }",
        "type Query { x(a: E = W @inaccessible): Int } enum E { V W @inaccessible }",
        "type Query implements I { x: Int @inaccessible y: Int } interface I { x: Int @inaccessible y: Int }",
        "type Query implements I { x: Int @inaccessible y: Int } interface I @inaccessible { x: Int }",
        "type Query { x(a: In = {nowhere: 1}): Int } input In { y: Int @inaccessible z: Int }",
        "type Query implements Nowhere { u: U } union U = Nowhere",
        QUERY + " scalar S @inaccessible scalar T",
        "type Query implements I { x(a: Int @inaccessible): Int } interface I { x: Int }",
    ],
)
def test_what_hides_without_harm_passes(types: str) -> None:
    assert findings(types) == []


def test_all_errors_are_found_at_once() -> None:
    types = "type Query { t: T x(a: Int! @inaccessible): Int } type T @inaccessible { x: Int }"
    assert [code for code, _ in findings(types)] == ["REFERENCED_INACCESSIBLE", "REQUIRED_INACCESSIBLE"]


def test_a_document_that_does_not_link_the_feature_has_nothing_to_hide() -> None:
    sdl = supergraph_sdl("directive @inaccessible on OBJECT type Query @inaccessible @join__type(graph: A) { x: Int }")
    document = parse_document(sdl)
    assert check_inaccessible(document, read_features(document)) == []
    assert read_supergraph(sdl).api_schema.query_type is not None


def test_reading_refuses_a_misuse_by_its_code() -> None:
    with pytest.raises(SupergraphError) as caught:
        read_supergraph(hiding_sdl("type Query @join__type(graph: A) @inaccessible { x: Int }"))
    assert caught.value.code == "QUERY_ROOT_TYPE_INACCESSIBLE"


def test_clients_see_nothing_that_is_hidden() -> None:
    sdl = hiding_sdl(
        "directive @mine(y: Int @inaccessible, x: Int) on FIELD "
        "type Query @join__type(graph: A) { x(a: Int, b: Int @inaccessible): Int u: U e: E "
        "  i(v: In): I h: H @inaccessible } "
        "type Mutation @inaccessible @join__type(graph: A) { x: Int } "
        "interface H @inaccessible @join__type(graph: A) { x: Int } "
        "interface I @join__type(graph: A) { x: Int } "
        "type S implements I & H @join__type(graph: A) { x: Int } "
        "type T @inaccessible @join__type(graph: A) { x: Int } "
        "union U @join__type(graph: A) = S | T "
        "enum E @join__type(graph: A) { V W @inaccessible @deprecated } "
        'input In @join__type(graph: A) { p: Int @deprecated(reason: "old") q: Int @inaccessible }'
    ).replace("{ query: Query }", "{ query: Query mutation: Mutation }")
    assert print_schema(read_supergraph(sdl).api_schema).split("\n\n") == [
        "directive @mine(x: Int) on FIELD",
        "type Query {\n  x(a: Int): Int\n  u: U\n  e: E\n  i(v: In): I\n}",
        "interface I {\n  x: Int\n}",
        "type S implements I {\n  x: Int\n}",
        "union U = S",
        "enum E {\n  V\n}",
        'input In {\n  p: Int @deprecated(reason: "old")\n}',
    ]


def test_the_directive_may_be_renamed() -> None:
    link = 'url: "https://specs.apollo.dev/inaccessible/v0.2", import: [{name: "@inaccessible", as: "@private"}]'
    types = "directive @private on FIELD_DEFINITION type Query @join__type(graph: A) { x: Int y: Int @private }"
    query = read_supergraph(supergraph_sdl(types, links=(link,))).api_schema.query_type
    assert query is not None
    assert list(query.fields) == ["x"]


def test_a_machinery_type_may_not_be_used_by_clients() -> None:
    with pytest.raises(SupergraphError) as caught:
        read_supergraph(supergraph_sdl("type Query @join__type(graph: A) { x: link__Purpose }"))
    assert caught.value.code == "INVALID_GRAPHQL"
