"""Which documents are read, with which schemas, and how the others are refused."""

import pytest
from graphql import GraphQLObjectType, print_schema
from hypothesis import given
from hypothesis import strategies as st

from supergraph import read_supergraph
from supergraph.errors import SupergraphError
from tests.supergraph_documents import fed1_sdl, hiding_sdl, supergraph_sdl

QUERY = "type Query @join__type(graph: A) { x: Int }"


def refusal(sdl: str | bytes) -> str:
    with pytest.raises(SupergraphError) as caught:
        read_supergraph(sdl)
    return caught.value.code


@pytest.mark.parametrize("version", ["v0.2", "v0.3", "v0.4", "v0.5"])
def test_every_version_of_join_is_read(version: str) -> None:
    assert "Query" in read_supergraph(supergraph_sdl(QUERY, join=version)).subgraphs["a"].types


def test_bytes_are_read_as_utf_8() -> None:
    assert read_supergraph(supergraph_sdl(f'"é" {QUERY}').encode()).api_schema.query_type is not None


def test_the_id_depends_on_the_document_alone() -> None:
    one, same, other = (read_supergraph(supergraph_sdl(text)).id for text in (QUERY, QUERY, QUERY + "\n"))
    assert one == same
    assert one != other


@pytest.mark.parametrize(
    ("sdl", "code"),
    [
        ("", "INVALID_GRAPHQL"),
        ("type Query {", "INVALID_GRAPHQL"),
        ("{ x }", "INVALID_GRAPHQL"),
        (b"\xff\xfe", "INVALID_GRAPHQL"),
        ("\ud800", "INVALID_GRAPHQL"),
        ("[" * 100_000, "INVALID_GRAPHQL"),
        ("type Query { x: Int }", "INVALID_FEDERATION_SUPERGRAPH"),
        (
            'schema @link(url: "https://specs.apollo.dev/link/v1.0") { query: Query } ' + QUERY,
            "INVALID_FEDERATION_SUPERGRAPH",
        ),
        (supergraph_sdl(QUERY, join="v0.9"), "INVALID_FEDERATION_SUPERGRAPH"),
        (supergraph_sdl(QUERY).replace("link/v1.0", "link/v7.0"), "UNKNOWN_LINK_VERSION"),
        (supergraph_sdl(QUERY, links=('url: "nonsense"',)), "INVALID_LINK_IDENTIFIER"),
        (supergraph_sdl(QUERY, links=('as: "x"',)), "INVALID_LINK_IDENTIFIER"),
        (supergraph_sdl(QUERY, links=('url: "https://[/x/v1.0"',)), "INVALID_LINK_IDENTIFIER"),
        (supergraph_sdl(QUERY, links=('url: "https://a.b/c/v1.0", import: [1]',)), "INVALID_LINK_DIRECTIVE_USAGE"),
        (supergraph_sdl(QUERY, links=('url: "https://a.b/c/v1.0"',) * 2), "INVALID_LINK_DIRECTIVE_USAGE"),
        (supergraph_sdl(QUERY, links=('url: "https://a.b/c/v1.0", for: SECURITY',)), "UNSUPPORTED_LINKED_FEATURE"),
        (supergraph_sdl(QUERY, links=('url: "https://a.b/policy/v0.1", for: SECURITY',)), "UNSUPPORTED_LINKED_FEATURE"),
        (
            supergraph_sdl(QUERY, links=('url: "https://specs.apollo.dev/policy/v9.0", for: SECURITY',)),
            "UNSUPPORTED_LINKED_FEATURE",
        ),
        (supergraph_sdl(QUERY + " " + QUERY), "INVALID_GRAPHQL"),
        (supergraph_sdl(QUERY + " schema { query: Query }"), "INVALID_GRAPHQL"),
        (supergraph_sdl(QUERY + " extend type T { x: Int }"), "INVALID_GRAPHQL"),
        (supergraph_sdl(QUERY + " extend enum Query { X }"), "INVALID_GRAPHQL"),
        (supergraph_sdl("type Query @join__type(graph: A) { x: Nowhere }"), "INVALID_GRAPHQL"),
        (supergraph_sdl("type Query @join__type(graph: A) { x: Int @unknown }"), "INVALID_GRAPHQL"),
        (supergraph_sdl("type T @join__type(graph: A) { x: Int }"), "INVALID_GRAPHQL"),
        (
            supergraph_sdl("type Query implements I @join__type(graph: A) { x: Int } interface I { y: Int }"),
            "INVALID_GRAPHQL",
        ),
        (supergraph_sdl(QUERY).replace("enum join__Graph", "enum join__Other"), "INVALID_FEDERATION_SUPERGRAPH"),
        (supergraph_sdl(QUERY, graphs=("a", "b")).replace('"b", url', '"a", url'), "INVALID_FEDERATION_SUPERGRAPH"),
        (
            supergraph_sdl(QUERY).replace('@join__graph(name: "b", url: "http://b")', ""),
            "INVALID_FEDERATION_SUPERGRAPH",
        ),
    ],
)
def test_other_documents_are_refused(sdl: str | bytes, code: str) -> None:
    assert refusal(sdl) == code


def test_a_feature_without_purpose_may_be_unknown() -> None:
    link = 'url: "https://a.b/mine/v3.1", import: ["@mine", "Mine"]'
    sdl = supergraph_sdl(
        "directive @mine(x: Mine) on OBJECT scalar Mine type Query @mine @join__type(graph: A) { x: Int }",
        links=(link,),
    )
    found = read_supergraph(sdl)
    assert found.schema.get_directive("mine") is not None
    assert found.api_schema.get_directive("mine") is None
    assert "Mine" not in found.api_schema.type_map


def test_other_directives_of_the_schema_are_no_links() -> None:
    link = 'url: "https://specs.apollo.dev/link/v1.0", as: "other"'
    sdl = supergraph_sdl("directive @mine on SCHEMA " + QUERY).replace("schema\n", f"schema @mine @aside({link})\n", 1)
    with_aside = sdl + " directive @aside(url: String, as: String) on SCHEMA"
    assert [feature.name for feature in read_supergraph(with_aside).features.all] == ["link", "join"]


def test_a_connectors_document_is_read_but_marked_unserved() -> None:
    link = 'url: "https://specs.apollo.dev/connect/v0.3", for: EXECUTION'
    assert read_supergraph(supergraph_sdl(QUERY, links=(link,))).unserved == ("https://specs.apollo.dev/connect",)


def test_the_local_name_of_a_security_directive_can_be_found() -> None:
    imported = '[{name: "@authenticated", as: "@auth"}]'
    link = f'url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY, import: {imported}'
    found = read_supergraph(supergraph_sdl("directive @auth on OBJECT " + QUERY, links=(link,)))
    assert found.features.directive("authenticated") == "auth"
    assert found.features.directive("policy") is None


def test_the_full_schema_keeps_hidden_types_and_feature_directives() -> None:
    found = read_supergraph(
        hiding_sdl(
            "type Query @join__type(graph: A) { x: Int t: T @inaccessible } "
            "type T @inaccessible @join__type(graph: A) { x: Int }"
        )
    )
    hidden = found.schema.type_map["T"]
    assert isinstance(hidden, GraphQLObjectType)
    assert hidden.ast_node is not None
    assert [directive.name.value for directive in hidden.ast_node.directives or ()] == ["inaccessible"]
    assert "T" not in found.api_schema.type_map


def test_neither_schema_has_link_or_join() -> None:
    found = read_supergraph(supergraph_sdl(QUERY))
    for schema in (found.schema, found.api_schema, found.request_schema):
        text = print_schema(schema)
        assert "join__" not in text
        assert "link" not in text


def test_only_requests_know_defer() -> None:
    found = read_supergraph(supergraph_sdl("directive @defer on FIELD directive @mine on FIELD " + QUERY))
    assert found.api_schema.get_directive("defer") is None
    assert found.api_schema.get_directive("mine") is not None
    defer = found.request_schema.get_directive("defer")
    assert defer is not None
    assert set(defer.args) == {"if", "label"}


def test_default_root_names_count_without_a_schema_block() -> None:
    sdl = supergraph_sdl(QUERY + " type Mutation @join__type(graph: A) { y: Int }")
    sdl = sdl.replace("schema\n", "extend schema\n", 1).replace("{ query: Query }", "", 1)
    assert read_supergraph(sdl).api_schema.mutation_type is not None


DOCUMENTS = (
    supergraph_sdl(QUERY),
    hiding_sdl(
        "type Query @join__type(graph: A) { x: Int t: T @inaccessible } "
        'type T @join__type(graph: A, key: "x") { x: Int e(a: In = {b: 1}): E } '
        "input In @join__type(graph: A) { b: Int } enum E @join__type(graph: A) { V @join__enumValue(graph: A) }"
    ),
    fed1_sdl(
        "type Query { t: T @join__field(graph: A) } type T @join__owner(graph: A) "
        '@join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID x: Int '
        'y: Int @join__field(graph: B, requires: "x") }'
    ),
)
NOISE = st.sampled_from(["", "{", "}", "(", '"', '"x {"', "null", "[1]", "{a: 1}", "@", "B", "Query", " 9999 ", "!"])


@given(
    document=st.sampled_from(DOCUMENTS),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), NOISE), min_size=1, max_size=3),
)
def test_a_damaged_document_is_read_or_refused(document: str, cuts: list[tuple[float, int, str]]) -> None:
    for where, length, noise in cuts:
        start = int(where * len(document))
        document = document[:start] + noise + document[start + length :]
    try:
        assert read_supergraph(document).subgraphs
    except SupergraphError as error:
        assert error.code  # noqa: PT017 - both outcomes are right; any other exception fails the test
