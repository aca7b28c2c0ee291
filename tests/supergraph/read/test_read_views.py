"""What each subgraph has, read off join directives since 0.2."""

import pytest

from supergraph import read_supergraph
from supergraph.errors import SupergraphError
from supergraph.views import ContextArgument, KeyView, SubgraphView
from tests.supergraph_documents import supergraph_sdl

BOTH = "@join__type(graph: A) @join__type(graph: B)"


def views(types: str, join: str = "v0.5") -> dict[str, SubgraphView]:
    return dict(read_supergraph(supergraph_sdl(types, join=join)).subgraphs)


def test_subgraphs_keep_their_names_urls_and_order() -> None:
    subgraphs = read_supergraph(supergraph_sdl(f"type Query {BOTH} {{ x: Int }}", graphs=("b", "a"))).subgraphs
    assert [(name, view.enum_name, view.url) for name, view in subgraphs.items()] == [
        ("b", "B", "http://b"),
        ("a", "A", "http://a"),
    ]


def test_a_field_without_join_field_is_in_every_subgraph_of_its_type() -> None:
    found = views(f"type Query {BOTH} {{ x: Int }}")
    assert all("x" in view.types["Query"].fields for view in found.values())


def test_a_field_with_join_field_is_in_the_subgraphs_named() -> None:
    found = views(f"type Query {BOTH} {{ x: Int @join__field(graph: A) y: Int @join__field(graph: B) }}")
    assert {name: list(view.types["Query"].fields) for name, view in found.items()} == {"a": ["x"], "b": ["y"]}


def test_a_join_field_without_subgraph_names_none() -> None:
    found = views(f"type Query {BOTH} {{ x: Int t: T }} type T {BOTH} {{ id: ID y: Int @join__field }}")
    assert [list(view.types["T"].fields) for view in found.values()] == [["id"], ["id"]]


def test_keys_keep_their_text_order_and_resolvability() -> None:
    found = views(
        "type Query @join__type(graph: A) { t: T } "
        'type T @join__type(graph: A, key: "id") @join__type(graph: A, key: "a  {id}", resolvable: false) '
        "{ id: ID a: T }"
    )
    assert found["a"].types["T"].keys == (KeyView("id"), KeyView("a  {id}", resolvable=False))
    assert "T" not in found["b"].types


def test_a_comment_in_a_field_set_is_dropped() -> None:
    found = views('type Query @join__type(graph: A) { t: T } type T @join__type(graph: A, key: "id # why") { id: ID }')
    assert found["a"].types["T"].keys == (KeyView("id"),)


def test_a_field_has_the_type_of_its_subgraph() -> None:
    field = '[Int] @join__field(graph: A, type: "[Int!]!") @join__field(graph: B)'
    found = views(f"type Query {BOTH} {{ x: {field} }}")
    assert [str(view.types["Query"].fields["x"].type) for view in found.values()] == ["[Int!]!", "[Int]"]


def test_requires_and_provides_are_read() -> None:
    found = views(
        f'type Query {BOTH} {{ t: T @join__field(graph: A) u: T @join__field(graph: B, provides: "name") }} '
        'type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID '
        "name: Int @join__field(graph: A) @join__field(graph: B, external: true) "
        'hi: Int @join__field(graph: B, requires: "name") }'
    )
    fields = found["b"].types["T"].fields
    assert fields["name"].external
    assert fields["hi"].requires == "name"
    assert found["b"].types["Query"].fields["u"].provides == "name"


def test_a_used_overridden_field_is_external() -> None:
    found = views(
        f"type Query {BOTH} {{ x: Int @join__field(graph: A, usedOverridden: true) "
        '@join__field(graph: B, override: "a") }'
    )
    assert found["a"].types["Query"].fields["x"].external
    assert not found["b"].types["Query"].fields["x"].external


def test_a_labelled_override_is_resolved_by_the_old_subgraph_while_the_label_is_off() -> None:
    found = views(
        f'type Query {BOTH} {{ x: Int @join__field(graph: A, overrideLabel: "l", usedOverridden: true) '
        '@join__field(graph: B, override: "a", overrideLabel: "l") }'
    )
    old, new = (view.types["Query"].fields["x"] for view in found.values())
    assert (old.override_label, old.label_wanted, old.external) == ("l", False, False)
    assert (new.override_label, new.label_wanted, new.external) == ("l", True, False)


def test_contextual_arguments_are_read() -> None:
    argument = '{context: "a__ctx", name: "arg", type: "String", selection: " {prop}"}'
    found = views(f"type Query {BOTH} {{ x: Int @join__field(graph: A, contextArguments: [{argument}]) }}")
    assert found["a"].types["Query"].fields["x"].context_arguments == (
        ContextArgument(name="arg", type="String", context="a__ctx", selection=" {prop}"),
    )


def test_an_interface_object_is_an_object_without_runtime_types() -> None:
    found = views(
        "type Query @join__type(graph: A) @join__type(graph: B) { n: N } "
        'interface N @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", isInterfaceObject: true) '
        "{ id: ID } "
        'type U implements N @join__implements(graph: A, interface: "N") @join__type(graph: A, key: "id") { id: ID }'
    )
    assert found["a"].types["N"].kind == "interface"
    assert found["a"].runtime_types == {"N": ("U",)}
    assert (found["b"].types["N"].kind, found["b"].types["N"].interface_object) == ("object", True)
    assert found["b"].runtime_types == {}


def test_interfaces_members_and_values_are_per_subgraph() -> None:
    found = views(
        f"type Query {BOTH} {{ u: U i: I e: E }} interface I {BOTH} {{ x: Int }} "
        f'type S implements I @join__implements(graph: A, interface: "I") {BOTH} {{ x: Int }} '
        f"type T {BOTH} {{ x: Int }} "
        f'union U {BOTH} @join__unionMember(graph: A, member: "S") @join__unionMember(graph: A, member: "T") '
        '@join__unionMember(graph: B, member: "T") = S | T '
        f"enum E {BOTH} {{ V @join__enumValue(graph: A) W @join__enumValue(graph: A) @join__enumValue(graph: B) }}"
    )
    a, b = found["a"], found["b"]
    assert (a.types["S"].interfaces, b.types["S"].interfaces) == (("I",), ())
    assert (a.types["U"].members, b.types["U"].members) == (("S", "T"), ("T",))
    assert (a.types["E"].values, b.types["E"].values) == (("V", "W"), ("W",))
    assert a.runtime_types == {"U": ("S", "T"), "I": ("S",)}
    assert b.runtime_types == {"U": ("T",), "I": ()}


def test_an_interface_that_a_subgraph_lacks_has_no_runtime_types_there() -> None:
    found = views(
        f"type Query {BOTH} {{ s: S }} interface I @join__type(graph: A) {{ x: Int }} "
        f"type S implements I {BOTH} {{ x: Int }}",
        join="v0.2",
    )
    assert found["a"].runtime_types == {"I": ("S",)}
    assert found["b"].runtime_types == {}


def test_old_versions_without_lists_apply_to_every_subgraph_of_the_type() -> None:
    found = views(
        f"type Query {BOTH} {{ u: U e: E }} interface I {BOTH} {{ x: Int }} "
        f"type S implements I {BOTH} {{ x: Int }} union U {BOTH} = S enum E {BOTH} {{ V W }}",
        join="v0.2",
    )
    for view in found.values():
        assert view.types["S"].interfaces == ("I",)
        assert view.types["U"].members == ("S",)
        assert view.types["E"].values == ("V", "W")


def test_a_type_without_join_type_is_in_every_subgraph() -> None:
    found = views(f"type Query {BOTH} {{ s: S }} type S {{ x: Int }}", join="v0.2")
    assert all("x" in view.types["S"].fields for view in found.values())


def test_leaves_that_are_not_external_are_dropped_from_requires_and_provides() -> None:
    found = views(
        f'type Query {BOTH} {{ t: T @join__field(graph: A) u: T @join__field(graph: B, provides: "own") }} '
        'type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID '
        "name: Int @join__field(graph: A) @join__field(graph: B, external: true) "
        "own: Int @join__field(graph: B) "
        'hi: Int @join__field(graph: B, requires: "own name") ho: Int @join__field(graph: B, requires: "own") }'
    )
    fields = found["b"].types["T"].fields
    assert fields["hi"].requires == "name"
    assert fields["ho"].requires is None
    assert found["b"].types["Query"].fields["u"].provides is None


def test_everything_below_an_external_field_stays_in_requires() -> None:
    found = views(
        f"type Query {BOTH} {{ t: T @join__field(graph: A) }} type D {BOTH} {{ w: Int h: Int }} "
        'type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID '
        "dim: D @join__field(graph: A) @join__field(graph: B, external: true) "
        "in: D @join__field(graph: B) "
        'hi: Int @join__field(graph: B, requires: "dim { w } in { w }") }'
    )
    assert found["b"].types["T"].fields["hi"].requires == "dim{w}"


def test_a_field_of_an_interface_counts_as_external_if_an_implementation_has_it_external() -> None:
    both_keys = '@join__type(graph: A, key: "id") @join__type(graph: B, key: "id")'
    implements = '@join__implements(graph: A, interface: "I") @join__implements(graph: B, interface: "I")'
    found = views(
        f"type Query {BOTH} {{ t: T @join__field(graph: A) }} interface I {BOTH} {{ x: Int }} "
        f"type T implements I {implements} {both_keys} {{ id: ID "
        "x: Int @join__field(graph: A) @join__field(graph: B, external: true) i: I @join__field(graph: B) "
        'hi: Int @join__field(graph: B, requires: "i { x }") }'
    )
    assert found["b"].types["T"].fields["hi"].requires == "i { x }"


def test_an_inline_fragment_is_cleaned_and_a_type_name_alone_is_no_requirement() -> None:
    found = views(
        f"type Query {BOTH} {{ t: T @join__field(graph: A) }} "
        'type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID '
        "x: Int @join__field(graph: A) @join__field(graph: B, external: true) own: Int @join__field(graph: B) "
        'hi: Int @join__field(graph: B, requires: "__typename ... on T { own x } ... { own }") '
        'ho: Int @join__field(graph: B, requires: "__typename own") }'
    )
    fields = found["b"].types["T"].fields
    assert fields["hi"].requires == "__typename ...on T{x}"
    assert fields["ho"].requires is None


def test_a_type_left_without_fields_that_nothing_returns_is_dropped() -> None:
    found = views("type Query @join__type(graph: A) @join__type(graph: B) { x: Int @join__field(graph: A) }")
    assert "Query" in found["a"].types
    assert "Query" not in found["b"].types


def test_a_type_left_without_fields_stays_where_a_field_returns_it() -> None:
    found = views(f"type Query {BOTH} {{ t: T }} type T {BOTH} {{ x: Int @join__field(graph: A) }}")
    assert found["b"].types["T"].fields == {}


def test_the_specifications_may_be_renamed() -> None:
    sdl = supergraph_sdl(f"type Query {BOTH} {{ x: Int @join__field(graph: A) }}").replace("join__", "j__")
    sdl = sdl.replace('/v0.5"', '/v0.5", as: "j"').replace("link__", "l__").replace("@link", "@l")
    sdl = sdl.replace('link/v1.0"', 'link/v1.0", as: "l"')
    found = read_supergraph(sdl)
    assert [name for name, view in found.subgraphs.items() if "Query" in view.types] == ["a"]
    assert set(found.api_schema.type_map) & {"j__Graph", "l__Purpose"} == set()


def test_elements_of_the_specifications_may_be_imported() -> None:
    sdl = supergraph_sdl(f"type Query {BOTH} {{ x: Int @join__field(graph: A) }}")
    sdl = sdl.replace("@join__field", "@at").replace('/v0.5"', '/v0.5", import: [{name: "@field", as: "@at"}]')
    found = read_supergraph(sdl)
    assert [name for name, view in found.subgraphs.items() if "Query" in view.types] == ["a"]
    assert found.api_schema.get_directive("at") is None


def test_extensions_are_merged_into_their_definitions() -> None:
    found = views(f"type Query {BOTH} {{ x: Int }} extend type Query {{ y: Int @join__field(graph: B) }}")
    assert {name: list(view.types["Query"].fields) for name, view in found.items()} == {"a": ["x"], "b": ["x", "y"]}


@pytest.mark.parametrize(
    "types",
    [
        "type Query @join__type(graph: C) { x: Int }",
        'type Query @join__type(key: "x") { x: Int }',
        "type Query @join__type(graph: A) { x: Int @join__field(graph: B) }",
        'type Query @join__type(graph: A, key: "y") { x: Int }',
        'type Query @join__type(graph: A, key: "x {") { x: Int }',
        'type Query @join__type(graph: A, key: "x } { x") { x: Int }',
        'type Query @join__type(graph: A, key: "x { y }") { x: Int }',
        'type Query @join__type(graph: A, key: "...F") { x: Int }',
        'type Query @join__type(graph: A, key: "") { x: Int }',
        'type Query @join__type(graph: A, key: "q { }") { q: Query }',
        f'type Query @join__type(graph: A, key: "{"x {" * 60}") {{ x: Int }}',
        'type Query @join__type(graph: A) { x: Int @join__field(graph: A, type: "[") }',
        f'type Query @join__type(graph: A) {{ x: Int @join__field(graph: A, type: "{"[" * 30}") }}',
    ],
    ids=str,
)
def test_joins_that_make_no_sense_are_refused(types: str) -> None:
    with pytest.raises(SupergraphError) as caught:
        views(types)
    assert caught.value.code in ("INVALID_FEDERATION_SUPERGRAPH", "INVALID_GRAPHQL")
