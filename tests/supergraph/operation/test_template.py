"""A template answers the documents of its skeleton, as preparing each of them would."""

import pytest

from supergraph import Operation, prepare, read_supergraph
from supergraph.operation.skeleton import read_skeleton
from supergraph.operation.template import Template, kept_literals, make_template
from tests.supergraph_documents import supergraph_sdl

GRAPH = read_supergraph(
    supergraph_sdl(
        """
scalar Date @join__type(graph: A)
enum Color @join__type(graph: A) { RED @join__enumValue(graph: A) BLUE @join__enumValue(graph: A) }
input In @join__type(graph: A) { n: Int s: String! = "d" ids: [ID!] inner: In }
directive @note(text: String) on FIELD
type Query @join__type(graph: A) {
  f(i: Int, s: String, x: Float, id: ID, b: Boolean, c: Color, d: Date, n: In, l: [Int], m: [[Int!]], must: Int! = 3): Q
}
type Mutation @join__type(graph: A) { f(i: Int): Q }
type Subscription @join__type(graph: A) { f(i: Int): Q }
type Q @join__type(graph: A) { f(i: Int): Q a: Int b: Int }
""",
        graphs=("a",),
    ).replace("{ query: Query }", "{ query: Query mutation: Mutation subscription: Subscription }")
)


def template(document: str) -> Template:
    prepare(GRAPH, document)
    made = make_template(GRAPH, read_skeleton(document))
    assert made is not None
    return made


def filled(document: str, other: str) -> Operation | None:
    """``document``, answered by the template of ``other``."""
    made, skeleton, source = template(other), read_skeleton(document), read_skeleton(other)
    assert skeleton.key == source.key
    assert kept_literals(skeleton, made.kept) == kept_literals(source, made.kept)
    return made.fill(skeleton, document)


def lifted(document: str, other: str) -> list[object]:
    """The values that are lifted out of ``document``."""
    operation = filled(document, other)
    assert operation is not None
    assert operation.lifted is not None
    return list(operation.lifted.values.values())


@pytest.mark.parametrize(
    ("one", "other", "values"),
    [
        ("{ f(i: 1) { a } }", "{ f(i: 2) { a } }", [1]),
        ('{ f(s: "a") { a } }', r'{ f(s: "\u0062") { a } }', ["a"]),
        ("{ f(x: 1) { a } }", "{ f(x: 2.5) { a } }", [1.0]),
        ("{ f(id: 1) { a } }", "{ f(id: 2) { a } }", ["1"]),
        ('{ f(id: "1") { a } }', '{ f(id: "b") { a } }', ["1"]),
        ("{ f(must: 1) { a } }", "{ f(must: 2) { a } }", [1]),
        ("{ f(l: [1, 2]) { a } }", "{ f(l: [3]) { a } }", [[1, 2]]),
        ("{ f(m: [[1], [2, 3]]) { a } }", "{ f(m: [[4, 5], [6]]) { a } }", [[1], [2, 3]]),
        (
            '{ f(n: {n: 1, inner: {s: "a", ids: [1]}}) { a } }',
            '{ f(n: {n: 2, inner: {s: "b", ids: [2]}}) { a } }',
            None,
        ),
        ("{ f(l: [1, null]) { a } }", "{ f(l: [2, null]) { a } }", [1]),
        ("{ f(i: 1) { f(i: 2) { a } } }", "{ f(i: 3) { f(i: 4) { a } } }", [1, 2]),
        ("{ f { ...F } } fragment F on Q { f(i: 1) { a } }", "{ f { ...F } } fragment F on Q { f(i: 2) { a } }", [1]),
        ("mutation { f(i: 1) { a } }", "mutation { f(i: 2) { a } }", [1]),
    ],
)
def test_literals_of_built_in_scalars_are_lifted(one: str, other: str, values: list[object] | None) -> None:
    assert lifted(one, other) == (values or [1, "a", ["1"]])


@pytest.mark.parametrize(
    "document",
    [
        '{ f(d: "2020") { a } }',
        "{ f(d: 2020) { a } }",
        '{ f(d: {at: "2020", in: [1]}) { a } }',
        "{ f(l: 1) { a } }",
        "{ f(m: [1, 2]) { a } }",
        "{ f(m: 1) { a } }",
        '{ f @note(text: "a") { a } }',
        "query ($v: Int = 1) { f(i: $v) { a } }",
        "query ($v: [Int] = [1]) { f(l: $v) { a } }",
    ],
)
def test_other_literals_are_kept(document: str) -> None:
    made = template(document)
    assert made.kept == tuple(range(len(read_skeleton(document).literals)))
    assert made.slots == ()


def test_a_literal_that_is_kept_in_one_place_and_lifted_in_another_is_both() -> None:
    made = template("query ($v: Int = 1) { f(i: $v, must: 1) { a } }")
    assert (made.kept, len(made.slots)) == ((0,), 1)


def test_one_literal_in_places_of_two_types_has_two_variables() -> None:
    assert lifted("{ f(i: 1, id: 1, x: 1) { f(i: 1) { a } } }", "{ f(i: 2, id: 2, x: 2) { f(i: 2) { a } } }") == [
        1,
        "1",
        1.0,
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{ f(i: 1.5) { a } }", "{ f(i: 1) { a } }"),
        ("{ f(i: 2147483648) { a } }", "{ f(i: 1) { a } }"),
        ("{ f(i: 01) { a } }", "{ f(i: 1) { a } }"),
        ("{ f(id: 1.5) { a } }", "{ f(id: 1) { a } }"),
        ("{ f(x: 1e999) { a } }", "{ f(x: 1) { a } }"),
        (r'{ f(s: "\q") { a } }', '{ f(s: "a") { a } }'),
        ("{ f(l: [1, 2.5]) { a } }", "{ f(l: [1]) { a } }"),
        ('{ f(l: [1, "2"]) { a } }', "{ f(l: [1]) { a } }"),
    ],
)
def test_a_document_with_a_literal_that_may_not_be_valid_is_not_answered(one: str, other: str) -> None:
    assert filled(one, other) is None


@pytest.mark.parametrize(
    "document",
    [
        "{ f { a } __schema { queryType { name } } }",
        '{ __type(name: "Query") { name } }',
        "{ f { ... @defer { a } } }",
        "subscription { f(i: 1) { a } }",
        "query A { f { a } } query B { f { a } }",
    ],
)
def test_some_operations_have_no_template(document: str) -> None:
    assert make_template(GRAPH, read_skeleton(document)) is None


def test_equal_strings_in_different_spellings_have_no_template() -> None:
    document = r'{ f(s: "A") { a } f(s: "\u0041") { a } }'
    prepare(GRAPH, document)
    assert make_template(GRAPH, read_skeleton(document)) is None


def test_equal_fields_stay_one_field() -> None:
    operation = template("{ f(i: 1) { a } f(i: 1) { b } }").operation
    assert len(operation.selection.units) == 1


def test_aliases_become_names_of_our_own() -> None:
    operation = filled("{ mine: f { other: a } again: f { a } }", "{ x: f { y: a } z: f { a } }")
    assert operation is not None
    assert operation.lifted is not None
    assert [alias for _, alias in operation.lifted.aliases] == ["mine", "other", "again"]
    assert [unit.response_key for unit in operation.selection.units if hasattr(unit, "response_key")] == [
        operation.lifted.aliases[0][0],
        operation.lifted.aliases[2][0],
    ]


def test_a_document_that_uses_our_names_is_not_answered() -> None:
    ours = template("{ x: f { a } }").aliases[0]
    assert filled(f"{{ {ours}: f {{ a }} }}", "{ x: f { a } }") is None
    assert make_template(GRAPH, read_skeleton(f"{{ {ours}: f {{ a }} }}")) is not None


def test_a_document_that_speaks_of_our_names_has_no_template() -> None:
    document = f'{{ f(s: "_{GRAPH.id[:8]}") {{ a }} }}'
    assert make_template(GRAPH, read_skeleton(document)) is None


def test_our_names_belong_to_the_supergraph() -> None:
    assert template("{ x: f { a } }").aliases[0].startswith(f"_{GRAPH.id[:8]}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{ x: f(i: 1) { a } }", "{ y: f(i: 2) { a } }"),
        ('query Q($v: Int = 1) { f(s: "é", i: $v) { a } }', 'query Q($v: Int = 1) { f(s: """x""", i: $v) { a } }'),
        (r'{ f(s: "\n\u0041") { a } }', '{ f(s: "b") { a } }'),
        ("{ f(l: [1,2] id: 3) { z: a } }", "{ f(l: [5], id: 6) { z: a } }"),
        ("{ f(i: 1, c: RED, d: 5) { a } }", "{ f(i: 2, c: RED, d: 5) { a } }"),
        (
            "query($i: Boolean!) { x: f(i: 1) @include(if: $i) { a } }",
            "query($i: Boolean!) { y: f(i: 2) @include(if: $i) { a } }",
        ),
    ],
)
def test_the_document_keeps_the_key_that_it_has_of_itself(one: str, other: str) -> None:
    operation = filled(one, other)
    assert operation is not None
    assert operation.document_key == prepare(GRAPH, one).key
    assert operation.key == template(other).operation.key


def test_variables_of_the_client_are_declared_by_the_client_alone() -> None:
    operation = template("query ($v: Int) { f(i: $v, must: 1) { a } }").operation
    declared = [each.variable.name.value for each in operation.definition.variable_definitions or ()]
    assert declared == ["v"]
    assert [each.type for each in operation.variables] == ["Int", "Int!"]
