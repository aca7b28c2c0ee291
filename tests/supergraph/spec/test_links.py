import pytest
from graphql import parse

from supergraph.sdl.parse import schema_from_document
from supergraph.spec.join import graph_names
from supergraph.spec.link import LinkError, Links, parse_feature_url, read_links


def links_of(*links: str) -> Links:
    text = "schema " + " ".join(f"@link({link})" for link in links) + " { query: Q }"
    return read_links(schema_from_document(parse(text)).applied)


@pytest.mark.parametrize(
    ("url", "identity", "name", "version"),
    [
        ("https://specs.apollo.dev/tag/v0.3", "https://specs.apollo.dev/tag", "tag", (0, 3)),
        ("https://me:pw@host:81/a/b/v2.10/?q=1#x", "https://host:81/a/b", "b", (2, 10)),
    ],
)
def test_a_feature_url_is_taken_apart(url: str, identity: str, name: str, version: tuple[int, int]) -> None:
    feature = parse_feature_url(url)

    assert (feature.identity, feature.name, feature.version) == (identity, name, version)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x/v1.0",
        "https://host:port/x/v1.0",
        "https://host",
        "https://host/v1.0",
        "https://host/x",
        "https://host/x/v1",
        "https://host/x/v01.0",
    ],
)
def test_a_url_without_name_or_version_is_refused(url: str) -> None:
    with pytest.raises(LinkError) as caught:
        parse_feature_url(url)

    assert caught.value.code == "INVALID_LINK_IDENTIFIER"


@pytest.mark.parametrize(
    "link",
    [
        'url: "https://me.dev/1st/v1.0"',
        'url: "https://me.dev/mine/v1.0", as: ""',
        'url: "https://me.dev/mine/v1.0", as: "x_"',
        'url: "https://me.dev/mine/v1.0", import: ["a b"]',
        'url: "https://me.dev/mine/v1.0", import: [{name: 3}]',
        'url: "https://me.dev/mine/v1.0", import: [{name: "@a", as: "@1"}]',
        'url: "https://me.dev/mine/v1.0", import: [{name: "@a", as: "@x__y"}]',
    ],
)
def test_a_name_that_cannot_be_one_is_refused(link: str) -> None:
    with pytest.raises(LinkError) as caught:
        links_of(link)

    assert caught.value.code == "INVALID_LINK_DIRECTIVE_USAGE"


@pytest.mark.parametrize("imports", ["", ", import: null", ', import: "@a"'])
def test_imports_are_coerced_as_graphql_does(imports: str) -> None:
    link = links_of(f'url: "https://me.dev/mine/v1.0"{imports}').get("https://me.dev/mine")

    assert link is not None
    assert link.imports == ({"@a": "@a"} if "@a" in imports else {})


def test_a_link_needs_a_url() -> None:
    with pytest.raises(LinkError, match="url"):
        links_of("url: 3")


def test_link_may_be_imported_under_another_name() -> None:
    text = (
        'schema @uses(url: "https://specs.apollo.dev/link/v1.0", import: [{name: "@link", as: "@uses"}]) '
        '@uses(url: "https://me.dev/x/v1.0") { query: Q }'
    )

    links = read_links(schema_from_document(parse(text)).applied)

    assert list(links.by_identity) == ["https://specs.apollo.dev/link", "https://me.dev/x"]


def test_an_element_is_known_by_its_import_its_alias_or_its_prefix() -> None:
    link = links_of('url: "https://me.dev/mine/v1.0", as: "own", import: ["@a", {name: "B", as: "Bee"}]').get(
        "https://me.dev/mine"
    )

    assert link is not None
    assert [link.local_name(element) for element in ("@a", "B", "@mine", "@c", "D")] == [
        "a",
        "Bee",
        "own",
        "own__c",
        "own__D",
    ]


def test_a_name_leads_back_to_its_feature() -> None:
    links = links_of('url: "https://me.dev/mine/v1.0", import: [{name: "@a", as: "@b"}, "T"]')

    def element(found: tuple[object, str] | None) -> str | None:
        return found[1] if found else None

    assert element(links.source_of_directive("b")) == "@a"
    assert element(links.source_of_directive("mine__c")) == "@c"
    assert element(links.source_of_directive("mine")) == "@mine"
    assert element(links.source_of_type("T")) == "T"
    assert element(links.source_of_type("mine__U")) == "U"
    assert links.source_of_directive("a") is None
    assert links.source_of_type("mine") is None


def test_link_may_have_another_name() -> None:
    itself = '@lnk(url: "https://specs.apollo.dev/link/v1.0", as: "lnk")'
    text = f'schema {itself} @lnk(url: "https://me.dev/x/v1.0") {{ query: Q }}'

    links = read_links(schema_from_document(parse(text)).applied)

    assert list(links.by_identity) == ["https://specs.apollo.dev/link", "https://me.dev/x"]


@pytest.mark.parametrize(
    ("names", "graphs"),
    [
        (["accounts", "on-sale"], ["ACCOUNTS", "ON_SALE"]),
        (["2nd"], ["_2ND"]),
        (["v_2"], ["V_2_"]),
        (["A", "a"], ["A_1", "A_2"]),
    ],
)
def test_a_subgraph_gets_an_enum_value(names: list[str], graphs: list[str]) -> None:
    assert list(graph_names(names).values()) == graphs
