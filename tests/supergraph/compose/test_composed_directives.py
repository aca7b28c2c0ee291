import pytest

from tests.composing import block, compose_all, compose_fed2, compose_texts, error_codes, fed2, hint_codes

QUERY = "type Query { n: Int }"


def marks(
    sdl: str, *, version: str = "1.0", imports: str = '"@mark"', compose: str = "@mark", fed: str = "2.14"
) -> str:
    ask = f'@composeDirective(name: "{compose}")' if compose else ""
    return fed2(f'extend schema @link(url: "https://me.dev/marks/v{version}", import: [{imports}]) {ask} {sdl}', fed)


MARK = "directive @mark on FIELD_DEFINITION"

WRONG = [
    ("no name", fed2(f"extend schema @composeDirective(name: null) {QUERY}")),
    ("empty name", fed2(f'extend schema @composeDirective(name: "") {QUERY}')),
    ("no at sign", marks(f"{MARK} {QUERY}", compose="mark")),
    ("unknown", marks(f"{MARK} {QUERY}", compose="@marc")),
    ("not linked", fed2(f'extend schema @composeDirective(name: "@mine") directive @mine on OBJECT {QUERY}')),
    ("federation's own", fed2(f'extend schema @composeDirective(name: "@key") {QUERY}')),
    ("built in", fed2(f'extend schema @composeDirective(name: "@deprecated") directive @deprecated on OBJECT {QUERY}')),
    (
        "taken name",
        fed2(
            f'extend schema @link(url: "https://me.dev/marks/v1.0", import: [{{name: "@mark", as: "@tagged"}}]) {QUERY}'
        ).replace('"@tag",', "")
        + ' extend schema @link(url: "https://x.dev/x/v1.0", import: [{name: "@x", as: "@tag"}]) '
        '@composeDirective(name: "@tag") directive @tag on OBJECT',
    ),
]


@pytest.mark.parametrize("sdl", [case[1] for case in WRONG], ids=[case[0] for case in WRONG])
def test_what_cannot_be_composed_is_refused(sdl: str) -> None:
    assert error_codes(compose_texts(a=sdl)) == ["DIRECTIVE_COMPOSITION_ERROR"]


def test_the_name_must_be_the_same_in_all_subgraphs_that_compose() -> None:
    composition = compose_texts(
        a=marks(f"{MARK} {QUERY}"),
        b=marks(
            "directive @other on FIELD_DEFINITION",
            imports='{name: "@mark", as: "@other"}',
            compose="@other",
        ),
    )

    assert error_codes(composition) == ["DIRECTIVE_COMPOSITION_ERROR"]


def test_one_name_must_stand_for_one_directive() -> None:
    composition = compose_texts(
        a=marks(f"{MARK} {QUERY}"),
        b=marks(MARK, imports='{name: "@sign", as: "@mark"}'),
    )

    assert error_codes(composition) == ["DIRECTIVE_COMPOSITION_ERROR"]


def test_two_majors_cannot_both_be_composed() -> None:
    composition = compose_texts(a=marks(f"{MARK} {QUERY}"), b=marks(MARK, version="2.0"))

    assert error_codes(composition) == ["DIRECTIVE_COMPOSITION_ERROR"]


def test_the_definition_of_the_highest_minor_wins() -> None:
    composition = compose_texts(
        a=marks("directive @mark(old: Int) on FIELD_DEFINITION type Query { n: Int @mark(old: 1) }"),
        b=marks("directive @mark(old: Int, new: Int) on FIELD_DEFINITION", version="1.1"),
    )

    assert block(composition, "@mark") == "directive @mark(old: Int, new: Int) on FIELD_DEFINITION"
    assert composition.sdl is not None
    assert "marks/v1.1" in composition.sdl


@pytest.mark.parametrize(("fed", "codes"), [("2.13", ["DIRECTIVE_COMPOSITION_ERROR"]), ("2.14", [])])
def test_the_highest_minor_must_define_what_is_composed_below_federation_2_14(fed: str, codes: list[str]) -> None:
    composition = compose_texts(
        a=marks(f"{MARK} {QUERY}", fed=fed),
        b=marks("scalar S", version="1.1", imports="", compose="", fed=fed),
    )

    assert error_codes(composition) == codes


def test_a_subgraph_that_does_not_compose_contributes_under_the_same_name() -> None:
    composition = compose_texts(
        a=marks(f"{MARK} {QUERY}"),
        b=marks(f"{MARK} type Query {{ m: Int @mark }}", compose=""),
    )

    assert "m: Int @join__field(graph: B) @mark" in block(composition, "Query").replace(
        "m: Int @mark @join__field(graph: B)", "m: Int @join__field(graph: B) @mark"
    )


def test_an_element_that_is_not_imported_is_imported_under_its_long_name() -> None:
    sdl = (
        'extend schema @link(url: "https://me.dev/marks/v1.0") @composeDirective(name: "@marks__sign") '
        f"directive @marks__sign on FIELD_DEFINITION {QUERY}"
    )
    composition = compose_fed2(a=sdl)

    assert composition.sdl is not None
    assert 'import: [{name: "@sign", as: "@marks__sign"}]' in composition.sdl


def test_features_of_one_name_are_told_apart() -> None:
    def linked(host: str) -> str:
        return fed2(
            f'extend schema @link(url: "https://{host}/marks/v1.0", import: ["@{host}"]) '
            f'@composeDirective(name: "@{host}") directive @{host} on FIELD_DEFINITION '
        )

    composition = compose_texts(a=linked("x") + QUERY, b=linked("y"))

    assert composition.sdl is not None
    assert '@link(url: "https://x/marks/v1.0", import: ["@x"])' in composition.sdl
    assert '@link(url: "https://y/marks/v1.0", as: "_0marks", import: ["@y"])' in composition.sdl


def test_the_types_of_a_composed_feature_are_kept() -> None:
    sdl = marks("enum marks__Level { LOW } directive @mark(l: marks__Level) on FIELD_DEFINITION " + QUERY)

    assert "LOW" in block(compose_texts(a=sdl), "marks__Level")


def test_the_types_of_other_features_are_not() -> None:
    composition = compose_texts(a=marks("scalar marks__Level " + QUERY, compose=""))

    assert composition.sdl is not None
    assert "marks__Level" not in composition.sdl


def test_a_composed_directive_on_an_external_field_is_refused() -> None:
    composition = compose_texts(
        a=marks(
            f'{MARK} type Query {{ t: T }} type T @key(fields: "k") '
            '{ k: ID a: Int @external @mark b: Int @requires(fields: "a") }'
        ),
        b=fed2('type T @key(fields: "k") { k: ID a: Int }'),
    )

    assert error_codes(composition) == ["MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"]


def test_a_federation_directive_keeps_the_name_all_subgraphs_give_it() -> None:
    link = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
        'import: ["@shareable", {name: "@tag", as: "@label"}])'
    )
    composition = compose_texts(a=f'type Query {{ n: Int @label(name: "x") }} {link}')

    assert composition.sdl is not None
    assert 'tag/v0.3", import: [{name: "@tag", as: "@label"}])' in composition.sdl
    assert '@label(name: "x")' in block(composition, "Query")


def test_a_name_that_is_not_used_need_not_agree() -> None:
    composition = compose_texts(
        a=fed2('type Query { n: Int @tag(name: "x") }'),
        b='type Query { m: Int } extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
        'import: [{name: "@tag", as: "@label"}])',
    )

    assert composition.errors == ()


@pytest.mark.parametrize(("version", "tag"), [("2.2", "v0.2"), ("2.3", "v0.3")])
def test_the_tag_version_follows_from_the_federation_version(version: str, tag: str) -> None:
    composition = compose_fed2(version=version, a='type Query { n: Int @tag(name: "x") }')

    assert composition.sdl is not None
    assert f"tag/{tag}" in composition.sdl
    assert ("SCHEMA" in block(composition, "@tag")) == (tag == "v0.3")


CONNECTED = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key"]) '
    '@link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@connect", "@source"]) '
    '@source(name: "api", http: {baseURL: "http://api"}) '
)


def test_connectors_are_carried_to_the_router() -> None:
    composition = compose_texts(
        a=CONNECTED + 'type Query { n: Int @connect(source: "api", http: {GET: "/n"}, selection: "$") }'
    )

    assert composition.sdl is not None
    assert '@link(url: "https://specs.apollo.dev/connect/v0.3", for: EXECUTION)' in composition.sdl
    assert '@join__directive(graphs: [A], name: "link"' in composition.sdl
    assert '@join__directive(graphs: [A], name: "source", args: {name: "api"' in composition.sdl
    assert 'name: "connect", args: {source: "api", http: {GET: "/n"}, selection: "$"})' in composition.sdl


def test_connectors_are_held_against_their_specification() -> None:
    composition = compose_texts(a=CONNECTED + 'type Query { n: Int @connect(source: "api", http: {GET: 3}) }')

    assert error_codes(composition) == ["INVALID_GRAPHQL"]


def test_an_unknown_version_of_a_known_feature_is_refused() -> None:
    composition = compose_texts(a=CONNECTED.replace("connect/v0.2", "connect/v0.9") + QUERY)

    assert error_codes(composition) == ["UNSUPPORTED_FEATURE"]


def test_a_type_cannot_have_a_name_that_the_supergraph_needs() -> None:
    composition = compose_fed2(a="type Query { g: join__Graph } enum join__Graph { A }")

    assert error_codes(composition) == ["UNSUPPORTED_FEATURE"]


def test_features_may_be_linked_by_themselves() -> None:
    link = (
        'extend schema @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost"]) '
        '@link(url: "https://specs.apollo.dev/federation/v2.14") '
    )
    composition = compose_all({"a": link + "type Query { n: Int @cost(weight: 2) }"})

    assert hint_codes(composition) == []
    assert "n: Int @cost(weight: 2)" in block(composition, "Query")
