"""From the store to the client's data: order, names, types, nulls and their errors."""

import dataclasses
import json

import pytest

from router.executor.outcome import ExecutionResult
from router.executor.program import ExecutionOptions, compile_program
from router.executor.run import PlanRun
from supergraph.operation.model import Field, SelectionSet
from supergraph.plan import QueryPlan
from supergraph.sdl.types import type_from_text
from tests.router.executor.executing import answer, codes_of, data_of, paths_of, program, root_fetch, run, supergraph
from tests.router.executor.normalised import operation

GRAPH = supergraph(
    """
    type Query {
      int: Int float: Float string: String boolean: Boolean id: ID color: Color json: JSON
      ints: [Int] jsons: [JSON!] strict: [Int!] rows: [[Int!]!]
      book: Book node: Node any: Any nodes: [Node!] must: Must mustList: [Must!]!
    }
    scalar JSON
    enum Color { RED BLUE SECRET }
    interface Node { id: ID! }
    interface Named { name: String }
    union Any = Book | Toy
    type Book implements Node & Named { id: ID! name: String pages: Int author: Author }
    type Toy implements Node & Named { id: ID! name: String age: Int author: Author }
    type Hidden implements Node { id: ID! }
    type Author { name: String born: Int }
    type Must { a: Int! b: Int! inner: Must! list: [Int!]! }
    """,
    api_sdl="""
    type Query {
      int: Int float: Float string: String boolean: Boolean id: ID color: Color json: JSON
      ints: [Int] jsons: [JSON!] strict: [Int!] rows: [[Int!]!]
      book: Book node: Node any: Any nodes: [Node!] must: Must mustList: [Must!]!
    }
    scalar JSON
    enum Color { RED BLUE }
    interface Node { id: ID! }
    interface Named { name: String }
    union Any = Book | Toy
    type Book implements Node & Named { id: ID! name: String pages: Int author: Author }
    type Toy implements Node & Named { id: ID! name: String age: Int author: Author }
    type Author { name: String born: Int }
    type Must { a: Int! b: Int! inner: Must! list: [Int!]! }
    """,
)


def projected(text: str, **stored: object) -> object:
    result = run(program(GRAPH, text, root_fetch(0, "a")), {0: {"data": stored}})
    assert result.errors == ()
    return data_of(result)


def problems(text: str, **stored: object) -> tuple[object, list[object]]:
    result = run(program(GRAPH, text, root_fetch(0, "a")), {0: {"data": stored}})
    assert codes_of(result) == ["RESPONSE_VALIDATION_FAILED"] * len(result.errors)
    return data_of(result), paths_of(result)


@pytest.mark.parametrize(
    ("field", "stored", "wanted"),
    [
        ("int", 5, 5),
        ("int", -(2**31), -(2**31)),
        ("int", 2**31 - 1, 2**31 - 1),
        ("int", 7.0, 7),
        ("float", 1.5, 1.5),
        ("float", 3, 3),
        ("string", "é", "é"),
        ("string", "", ""),
        ("boolean", False, False),
        ("id", "a", "a"),
        ("id", 12, "12"),
        ("color", "RED", "RED"),
        ("json", {"a": [1, None, "x", 2.5, True]}, {"a": [1, None, "x", 2.5, True]}),
        ("json", 10**30, 10**30),
        ("ints", [], []),
        ("ints", [1, None], [1, None]),
        ("rows", [[1], []], [[1], []]),
        ("jsons", [1, {"a": None}], [1, {"a": None}]),
    ],
)
def test_a_value_that_fits_its_type_is_kept(field: str, stored: object, wanted: object) -> None:
    assert projected(f"{{ {field} }}", **{field: stored}) == {field: wanted}


@pytest.mark.parametrize(
    ("field", "stored"),
    [
        ("int", 2**31),
        ("int", -(2**31) - 1),
        ("int", 1.5),
        ("int", 1e30),
        ("int", "5"),
        ("int", True),
        ("int", [1]),
        ("float", "1.5"),
        ("float", True),
        ("float", {}),
        ("string", 5),
        ("string", ["a"]),
        ("boolean", 1),
        ("boolean", "true"),
        ("id", 1.5),
        ("id", True),
        ("id", {"a": 1}),
        ("color", "GREEN"),
        ("color", "SECRET"),
        ("color", 1),
        ("color", ["RED"]),
        ("ints", 5),
        ("ints", {"a": 1}),
        ("ints", "12"),
        ("book", "x"),
        ("book", [{"id": "1"}]),
        ("book", 1),
    ],
)
def test_a_value_that_does_not_fit_its_type_is_null_with_an_error(field: str, stored: object) -> None:
    text = "{ book { id } }" if field == "book" else f"{{ {field} }}"
    assert problems(text, **{field: stored}) == ({field: None}, [[field]])


@pytest.mark.parametrize("secret", ["SECRET", "hunter2"])
def test_an_error_does_not_show_the_value(secret: str) -> None:
    result = run(program(GRAPH, "{ color int }", root_fetch(0, "a")), {0: {"data": {"color": secret, "int": secret}}})
    assert secret not in json.dumps(result.errors)


def test_leaves_of_trusted_subgraphs_are_passed_on() -> None:
    compiled = program(GRAPH, "{ int color }", root_fetch(0, "a"), options=ExecutionOptions(strict_leaves=False))
    result = run(compiled, {0: {"data": {"int": "5", "color": "SECRET"}}})
    assert (data_of(result), result.errors) == ({"int": "5", "color": "SECRET"}, ())


def test_a_missing_leaf_is_null() -> None:
    assert projected("{ int book { id } }") == {"int": None, "book": None}


def test_what_the_client_did_not_ask_for_stays_inside() -> None:
    assert projected("{ book { name } }", book={"id": "1", "__1": 2, "name": "b"}, int=3) == {"book": {"name": "b"}}


def test_values_are_read_from_their_store_keys() -> None:
    compiled = program(
        GRAPH, "{ id book { id } }", root_fetch(0, "a"), store_keys={(1, "Query"): "__1", (3, "Book"): "__2"}
    )
    result = run(compiled, {0: {"data": {"id": "wrong", "__1": "q", "book": {"id": "wrong", "__2": "b"}}}})
    assert data_of(result) == {"id": "q", "book": {"id": "b"}}


def test_a_store_key_can_differ_by_concrete_type() -> None:
    text = "{ nodes { ... on Book { x: name } ... on Toy { x: name } } }"
    compiled = program(GRAPH, text, root_fetch(0, "a"), store_keys={(3, "Toy"): "__1"})
    nodes = [{"__typename": "Book", "x": "b"}, {"__typename": "Toy", "__1": "t", "x": "wrong"}]
    assert data_of(run(compiled, {0: {"data": {"nodes": nodes}}})) == {"nodes": [{"x": "b"}, {"x": "t"}]}


def test_pieces_of_one_field_can_have_several_store_keys() -> None:
    text = "{ node { ... on Book { author { name } } ... on Book { author { born } } } }"
    compiled = program(GRAPH, text, root_fetch(0, "a"), store_keys={(2, "Book"): "__2", (4, "Book"): "__1"})
    stored = {"__typename": "Book", "__1": {"born": 1}, "__2": {"name": "n"}, "author": {"name": "wrong"}}
    assert data_of(run(compiled, {0: {"data": {"node": stored}}})) == {"node": {"author": {"name": "n", "born": 1}}}


def test_a_piece_that_is_missing_leaves_the_others() -> None:
    text = "{ node { ... on Book { author { name } } ... on Book { author { born } } } }"
    compiled = program(GRAPH, text, root_fetch(0, "a"), store_keys={(4, "Book"): "__1"})
    stored = {"__typename": "Book", "author": {"name": "n"}}
    assert data_of(run(compiled, {0: {"data": {"node": stored}}})) == {"node": {"author": {"name": "n", "born": None}}}


def test_response_keys_stand_in_the_order_of_the_operation() -> None:
    compiled = program(GRAPH, "{ b: int a: int c: string }", root_fetch(0, "a"))
    assert run(compiled, {0: {"data": {"a": 1, "b": 2, "c": "3"}}}).data == b'{"b":2,"a":1,"c":"3"}'


def test_a_key_stands_where_the_first_fragment_that_applies_has_it() -> None:
    text = "{ any { ... on Toy { age name } ... on Book { name pages } ... on Toy { id } ... on Book { id } } }"
    compiled = program(GRAPH, text, root_fetch(0, "a"))
    stored = {"__typename": "Book", "id": "1", "pages": 2, "name": "n"}
    assert run(compiled, {0: {"data": {"any": stored}}}).data == b'{"any":{"name":"n","pages":2,"id":"1"}}'


def test_selections_of_one_response_key_are_merged() -> None:
    text = "{ node { ... on Book { author { name } } ... on Book { author { born } } } }"
    stored = {"__typename": "Book", "author": {"name": "n", "born": 1900}}
    assert projected(text, node=stored) == {"node": {"author": {"name": "n", "born": 1900}}}


def test_only_the_fragments_of_the_concrete_type_apply() -> None:
    nodes = [{"__typename": "Book", "id": "1", "pages": 1, "age": 9}, {"__typename": "Toy", "id": "2", "age": 2}]
    assert projected("{ nodes { id ... on Book { pages } ... on Toy { age } } }", nodes=nodes) == {
        "nodes": [{"id": "1", "pages": 1}, {"id": "2", "age": 2}]
    }


def test_types_can_share_what_is_selected_below_them() -> None:
    text = "{ any { ... on Book { author { ...A } } ... on Toy { author { ...A } } } nodes { ...N } }"
    fragments = "fragment A on Author { name } fragment N on Named { ... on Book { id } ... on Toy { id } }"
    nodes = [{"__typename": "Book", "id": "1"}, {"__typename": "Toy", "id": "2"}]
    stored = {"__typename": "Toy", "author": {"name": "n"}}
    assert projected(f"{text} {fragments}", any=stored, nodes=nodes) == {
        "any": {"author": {"name": "n"}},
        "nodes": [{"id": "1"}, {"id": "2"}],
    }


def test_a_field_of_an_interface_is_projected_alike_for_all_its_types() -> None:
    graph = supergraph(
        """
        type Query { all: [I] }
        interface I { next: I n: Int }
        type A implements I { next: I n: Int }
        type B implements I { next: I n: Int }
        """
    )
    compiled = program(graph, "{ all { next { n } } }", root_fetch(0, "a"))
    stored = [{"__typename": name, "next": {"__typename": "A", "n": 1}} for name in ("A", "B")]
    assert data_of(run(compiled, {0: {"data": {"all": stored}}})) == {"all": [{"next": {"n": 1}}, {"next": {"n": 1}}]}


def test_a_field_that_only_keeps_its_place_is_not_in_the_response() -> None:
    hidden = Field(id=2, response_key="__typename", name="__typename", type=type_from_text("String!"), hidden=True)
    prepared = operation(GRAPH.schema, "{ int }")
    units = (*prepared.selection.units, hidden)
    changed = dataclasses.replace(prepared, selection=SelectionSet("Query", units))
    compiled = compile_program(GRAPH, changed, QueryPlan(kind="query", fetches=(root_fetch(0, "a"),)))
    assert data_of(run(compiled, {0: {"data": {"int": 1}}})) == {"int": 1}


def test_a_type_name_is_that_of_the_object() -> None:
    nodes = [{"__typename": "Book"}, {"__typename": "Toy"}]
    assert projected("{ nodes { __typename kind: __typename } }", nodes=nodes) == {
        "nodes": [{"__typename": "Book", "kind": "Book"}, {"__typename": "Toy", "kind": "Toy"}]
    }


def test_an_object_type_names_itself_where_no_type_name_is_stored() -> None:
    assert projected("{ book { __typename } }", book={}) == {"book": {"__typename": "Book"}}


@pytest.mark.parametrize("name", ["RootQuery", "Query", "Book", "", 5, None, {"a": 1}])
def test_the_root_names_itself_whatever_a_subgraph_calls_its_root(name: object) -> None:
    assert projected("{ t: __typename int }", __typename=name, int=1) == {"t": "Query", "int": 1}


def test_the_key_of_a_type_name_can_be_another_fields() -> None:
    compiled = program(GRAPH, "{ node { __typename: id } }", root_fetch(0, "a"), store_keys={(2, "Book"): "__1"})
    result = run(compiled, {0: {"data": {"node": {"__typename": "Book", "__1": "7"}}}})
    assert data_of(result) == {"node": {"__typename": "7"}}


@pytest.mark.parametrize("name", ["Hidden", "Nobody", "Author", "", 7, ["Book"], {"a": 1}, False])
def test_an_object_of_a_hidden_or_unknown_type_is_null(name: object) -> None:
    assert projected("{ node { id } }", node={"__typename": name, "id": "1"}) == {"node": None}


@pytest.mark.parametrize("name", ["Toy", "Nobody", "Node", 3])
def test_an_object_that_says_it_is_of_another_type_is_null(name: object) -> None:
    assert projected("{ book { id } }", book={"__typename": name, "id": "1"}) == {"book": None}


@pytest.mark.parametrize("stored", [{"__typename": "Node", "id": "1"}, {"id": "1"}])
def test_an_interface_object_is_projected_where_its_type_does_not_matter(stored: object) -> None:
    assert projected("{ node { id } }", node=stored) == {"node": {"id": "1"}}


@pytest.mark.parametrize("stored", [{"__typename": "Node", "id": "1"}, {"id": "1"}, {"__typename": "Named", "id": "1"}])
@pytest.mark.parametrize("text", ["{ node { id ... on Book { pages } } }", "{ node { id __typename } }"])
def test_an_interface_object_is_null_with_an_error_where_its_type_matters(text: str, stored: object) -> None:
    assert problems(text, node=stored) == ({"node": None}, [["node"]])


def test_a_union_member_without_a_type_name_is_null_with_an_error() -> None:
    assert problems("{ any { ... on Book { id } } }", any={"id": "1"}) == ({"any": None}, [["any"]])


def test_a_null_in_a_nullable_list_stays_there() -> None:
    assert projected("{ ints }", ints=[1, None, 2]) == {"ints": [1, None, 2]}


def test_a_null_element_that_may_not_be_null_nulls_the_list() -> None:
    assert problems("{ strict }", strict=[1, None, None]) == ({"strict": None}, [["strict", 1]])


def test_a_wrong_element_is_null_with_an_error() -> None:
    assert problems("{ ints }", ints=[1, "x", 2]) == ({"ints": [1, None, 2]}, [["ints", 1]])


def test_a_wrong_element_that_may_not_be_null_nulls_the_list_with_one_error() -> None:
    assert problems("{ strict }", strict=["x", "y"]) == ({"strict": None}, [["strict", 0]])


def test_a_null_inner_list_that_may_not_be_null_nulls_the_outer_one() -> None:
    assert problems("{ rows }", rows=[[1], None]) == ({"rows": None}, [["rows", 1]])


def test_a_null_element_nulls_up_to_the_closest_nullable_list() -> None:
    assert problems("{ rows }", rows=[[1], [2, None]]) == ({"rows": None}, [["rows", 1, 1]])


def test_a_null_field_nulls_its_object_and_is_told_once() -> None:
    assert problems("{ must { a b } }", must={"a": None, "b": None}) == ({"must": None}, [["must", "a"]])


def test_a_null_nulls_every_parent_that_may_not_be_null() -> None:
    stored = {"a": 1, "inner": {"inner": {"a": None}}}
    assert problems("{ must { a inner { inner { a } } } int }", must=stored, int=1) == (
        {"must": None, "int": 1},
        [["must", "inner", "inner", "a"]],
    )


def test_a_null_that_reaches_the_root_nulls_the_data() -> None:
    assert problems("{ int mustList { a } }", int=1, mustList=[{"a": None}]) == (None, [["mustList", 0, "a"]])


def test_a_null_does_not_touch_its_siblings() -> None:
    text = "{ must { a } book { name } ints }"
    assert problems(text, must={"a": None}, book={"name": "b"}, ints=[1]) == (
        {"must": None, "book": {"name": "b"}, "ints": [1]},
        [["must", "a"]],
    )


def test_a_non_null_message_names_the_field() -> None:
    result = run(program(GRAPH, "{ must { x: a } }", root_fetch(0, "a")), {0: {"data": {"must": {}}}})
    assert [each["message"] for each in result.errors] == ["Cannot return null for non-nullable field Must.a."]


def test_hidden_types_in_a_strict_list_null_it_with_an_error() -> None:
    nodes = [{"__typename": "Book", "id": "1"}, {"__typename": "Hidden", "id": "2"}]
    assert problems("{ nodes { id } }", nodes=nodes) == ({"nodes": None}, [["nodes", 1]])


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def test_a_custom_scalar_may_be_nested_deeply() -> None:
    assert projected("{ json }", json=nested(400)) == {"json": nested(400)}


def test_a_custom_scalar_that_cannot_be_written_nulls_the_data_with_an_error() -> None:
    started = PlanRun(program(GRAPH, "{ json }", root_fetch(0, "a")), {})
    (request,) = started.ready()
    started.receive(request, answer({"data": {"json": nested(400)}}))

    def respond_from(depth: int) -> ExecutionResult:
        return respond_from(depth - 1) if depth else started.response()

    result = respond_from(600)
    assert (result.data, codes_of(result)) == (b"null", ["RESPONSE_VALIDATION_FAILED"])


def test_a_response_that_is_nested_too_deeply_is_null_with_an_error() -> None:
    graph = supergraph("type Query { t: [[[[[T]]]]] } type T { t: [[[[[T]]]]] n: Int }")
    stored: object = {"n": 1}
    for _ in range(140):
        stored = {"t": [[[[[stored]]]]]}
    compiled = program(graph, "{ t " * 140 + "{ n }" + " }" * 140, root_fetch(0, "a"))
    result = run(compiled, {0: {"data": stored}})
    assert (result.data, codes_of(result)) == (b"null", ["RESPONSE_VALIDATION_FAILED"])


def test_a_response_may_be_nested_as_deeply_as_an_operation() -> None:
    graph = supergraph("type Query { t: [T] } type T { t: [T] n: Int }")
    stored: object = {"n": 1}
    for _ in range(190):
        stored = {"t": [stored]}
    compiled = program(graph, "{ t " * 190 + "{ n }" + " }" * 190, root_fetch(0, "a"))
    result = run(compiled, {0: {"data": stored}})
    assert (json.loads(result.data), result.errors) == (stored, ())


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [({"v": True}, {"int": 1, "book": {"id": "1", "name": "b"}}), ({"v": False}, {"book": {"id": "1", "pages": 3}})],
)
def test_conditions_decide_what_is_projected(variables: dict[str, object], wanted: object) -> None:
    text = """
    query ($v: Boolean!) {
      int @include(if: $v)
      book { id ... @include(if: $v) { name } ... @skip(if: $v) { pages } }
    }
    """
    compiled = program(GRAPH, text, root_fetch(0, "a"))
    stored = {"int": 1, "book": {"id": "1", "name": "b", "pages": 3}}
    assert data_of(run(compiled, {0: {"data": stored}}, variables)) == wanted


@pytest.mark.parametrize(("default", "wanted"), [("true", {"int": 1}), ("false", {})])
def test_a_condition_without_a_value_takes_its_default(default: str, wanted: object) -> None:
    text = f"query ($v: Boolean! = {default}) {{ int @include(if: $v) }}"
    assert data_of(run(program(GRAPH, text, root_fetch(0, "a")), {0: {"data": {"int": 1}}})) == wanted


@pytest.mark.parametrize(("v", "wanted"), [(True, {"node": None}), (False, {"node": {"id": "1"}})])
def test_a_type_matters_only_where_its_fragment_is_included(v: object, wanted: object) -> None:
    text = "query ($v: Boolean!) { node { id ... on Book @include(if: $v) { pages } } }"
    result = run(program(GRAPH, text, root_fetch(0, "a")), {0: {"data": {"node": {"id": "1"}}}}, {"v": v})
    assert data_of(result) == wanted


@pytest.mark.parametrize(("v", "wanted"), [(True, b'{"int":1,"string":"s"}'), (False, b'{"string":"s","int":1}')])
def test_conditions_decide_the_order_of_response_keys(v: object, wanted: bytes) -> None:
    compiled = program(GRAPH, "query ($v: Boolean!) { int @include(if: $v) string int }", root_fetch(0, "a"))
    assert run(compiled, {0: {"data": {"int": 1, "string": "s"}}}, {"v": v}).data == wanted


def test_one_response_key_under_two_conditions_gets_both_selections() -> None:
    text = """
    query ($a: Boolean!, $b: Boolean!) {
      book @include(if: $a) { author { name } }
      book @include(if: $b) { author { born } }
    }
    """
    compiled = program(GRAPH, text, root_fetch(0, "a"))
    stored = {"book": {"author": {"name": "n", "born": 1}}}
    seen = [data_of(run(compiled, {0: {"data": stored}}, {"a": a, "b": True})) for a in (True, False)]
    assert seen == [{"book": {"author": {"name": "n", "born": 1}}}, {"book": {"author": {"born": 1}}}]


def test_projections_of_many_conditions_are_not_all_kept() -> None:
    names = [f"v{number}" for number in range(7)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    text = f"query ({declared}) {{ {' '.join(f'{name}: int @include(if: ${name})' for name in names)} }}"
    compiled = program(GRAPH, text, root_fetch(0, "a"))
    for bits in range(128):
        variables = {name: bool(bits >> number & 1) for number, name in enumerate(names)}
        wanted = {name: 1 for name in names if variables[name]}
        result = run(compiled, {0: {"data": dict.fromkeys(names, 1)}}, variables)
        assert data_of(result) == wanted
