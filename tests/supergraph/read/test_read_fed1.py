"""Supergraphs that federation 1 composed: join 0.1."""

from supergraph import read_supergraph
from supergraph.views import KeyView, SubgraphView
from tests.supergraph_documents import fed1_sdl

OWNED = '@join__owner(graph: A) @join__type(graph: A, key: "id") @join__type(graph: B, key: "id")'


def views(types: str) -> dict[str, SubgraphView]:
    return dict(read_supergraph(fed1_sdl(types)).subgraphs)


QUERY = "type Query { t: T @join__field(graph: A) }"


def test_root_fields_are_where_they_say() -> None:
    found = views("type Query { x: Int @join__field(graph: A) y: Int @join__field(graph: B) }")
    assert {name: list(view.types["Query"].fields) for name, view in found.items()} == {"a": ["x"], "b": ["y"]}


def test_the_owner_has_the_fields_without_join_field() -> None:
    found = views(f"{QUERY} type T {OWNED} {{ id: ID x: Int y: Int @join__field(graph: B) }}")
    assert list(found["a"].types["T"].fields) == ["id", "x"]
    assert list(found["b"].types["T"].fields) == ["y", "id"]


def test_an_owner_without_the_type_has_no_fields_of_it() -> None:
    keys = '@join__owner(graph: A) @join__type(graph: B, key: "id")'
    found = views(f"type Query {{ t: T @join__field(graph: B) }} type T {keys} {{ id: ID }}")
    assert "T" not in found["a"].types
    assert list(found["b"].types["T"].fields) == ["id"]


def test_key_fields_are_resolved_in_every_subgraph_that_has_the_key() -> None:
    found = views(f"{QUERY} type T {OWNED} {{ id: ID @join__field(graph: A) y: Int @join__field(graph: B) }}")
    assert found["b"].types["T"].keys == (KeyView("id"),)
    assert not found["b"].types["T"].fields["id"].external


def test_nested_key_fields_are_resolved_too() -> None:
    keys = '@join__owner(graph: A) @join__type(graph: A, key: "id") @join__type(graph: B, key: "o { id }")'
    found = views(
        f"{QUERY} type T {keys} {{ id: ID @join__field(graph: A) o: O @join__field(graph: A) "
        f"y: Int @join__field(graph: B) }} type O {OWNED} {{ id: ID @join__field(graph: A) }}"
    )
    assert list(found["b"].types["T"].fields) == ["y", "o"]
    assert list(found["b"].types["O"].fields) == ["id"]


def test_required_fields_are_external() -> None:
    found = views(
        f"{QUERY} type T {OWNED} {{ id: ID @join__field(graph: A) x: Int @join__field(graph: A) "
        'y: Int @join__field(graph: B, requires: "x id") }'
    )
    fields = found["b"].types["T"].fields
    assert fields["x"].external
    assert fields["y"].requires == "x"


def test_provided_fields_are_external() -> None:
    found = views(
        f"{QUERY} type T {OWNED} {{ id: ID @join__field(graph: A) name: Int @join__field(graph: A) "
        'friend: T @join__field(graph: B, provides: "name") }'
    )
    fields = found["b"].types["T"].fields
    assert fields["name"].external
    assert fields["friend"].provides == "name"


def test_a_requirement_inside_a_fragment_is_external() -> None:
    found = views(
        f"{QUERY} type T {OWNED} {{ id: ID @join__field(graph: A) u: U @join__field(graph: A) "
        'y: Int @join__field(graph: B, requires: "u { __typename ... on V { w } }") } '
        "union U = V type V { w: Int }"
    )
    assert found["b"].types["T"].fields["u"].external
    assert found["b"].types["T"].fields["y"].requires == "u { __typename ... on V { w } }"
    assert found["b"].runtime_types["U"] == ("V",)


def test_a_value_type_is_where_something_refers_to_it() -> None:
    found = views(
        f"{QUERY} type T {OWNED} {{ id: ID @join__field(graph: A) v: V @join__field(graph: A) "
        "i: I @join__field(graph: B) } type V { x: Int } "
        "interface I { x: Int } type W implements I { x: Int }"
    )
    assert {"V", "I", "W"} & set(found["a"].types) == {"V"}
    assert {"V", "I", "W"} & set(found["b"].types) == {"I", "W"}
    assert found["b"].runtime_types == {"I": ("W",)}


def test_inputs_enums_and_scalars_are_everywhere() -> None:
    found = views(
        "type Query { x(e: E, i: In, s: S): Int @join__field(graph: A) } enum E { V } scalar S input In { x: Int }"
    )
    assert {"E", "In", "S"} <= set(found["b"].types)


def test_the_machinery_is_not_in_the_schemas() -> None:
    found = read_supergraph(fed1_sdl("type Query { x: Int @join__field(graph: A) }"))
    for schema in (found.schema, found.api_schema):
        assert {"join__Graph", "join__FieldSet", "core__Purpose"} & set(schema.type_map) == set()
        assert schema.get_directive("core") is None
