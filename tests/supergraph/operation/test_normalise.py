"""The normalised tree, shown as its text."""

import pytest
from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, build_schema, parse

from supergraph.errors import OperationError
from supergraph.operation.model import Field, SelectionSet
from supergraph.operation.normalise import Normaliser, normalise_selection
from supergraph.operation.text import print_selection

SCHEMA = build_schema(
    """
    directive @mine(x: Int) on FIELD
    type Query { i: I a: A u: U s(a: Int, b: [String], c: In): Int q: Query }
    interface I { id: ID i: I }
    interface J { id: ID j: Int }
    type A implements I & J { id: ID i: I j: Int x: Int }
    type B implements I { id: ID i: I y: Int }
    union U = A | B
    input In { a: String b: In }
    """
)


def normalised(text: str, schema: GraphQLSchema = SCHEMA) -> str:
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    return print_selection(Normaliser(schema, fragments).normalise("Query", operation.selection_set))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # fields merge by response key
        ("{ a { x } a { j x } }", "{ a { x j } }"),
        ("{ a { x } b: a { j } }", "{ a { x } b: a { j } }"),
        (
            "{ a { i { id } } q { q { a { x } } } a { i { i { id } } } }",
            "{ a { i { id i { id } } } q { q { a { x } } } }",
        ),
        # fragments are inlined
        ("{ ...F ...F q { ...F } } fragment F on Query { a { x } }", "{ a { x } q { a { x } } }"),
        ("{ ... { a { ... { x } } } }", "{ a { x } }"),
        # an object parent inlines or drops
        (
            "{ a { ... on I { id } ... on A { x } ... on J { j } ... on U { ... on A { i { id } } } } }",
            "{ a { id x j i { id } } }",
        ),
        ("{ a { x ... on U { ... on B { y } } } }", "{ a { x } }"),
        # an abstract parent casts to object types
        ("{ i { id ... on A { x } ... on B { y } } }", "{ i { id ... on A { x } ... on B { y } } }"),
        ("{ i { ... on I { id } ... on J { j } } }", "{ i { id ... on A { j } } }"),
        ("{ u { ... on I { id } } }", "{ u { ... on A { id } ... on B { id } } }"),
        ("{ u { ... on U { __typename } } }", "{ u { __typename } }"),
        ("{ i { ... on U { ... on J { id } } } }", "{ i { ... on A { id } } }"),
        ("{ i { ... on A { ... on B { y } } id } }", "{ i { id } }"),
        ("{ i { ... on A { x } ... on A { j x } } }", "{ i { ... on A { x j } } }"),
        # a cast does not repeat a leaf that its position has for all types already
        ("{ i { id ... on A { id x } } }", "{ i { id ... on A { x } } }"),
        ("{ i { ... on A { id x } id } }", "{ i { ... on A { id x } id } }"),
        (
            "{ i { i { id } ... on A { i { ... on B { y } } } } }",
            "{ i { i { id } ... on A { i { ... on B { y } } } } }",
        ),
        # casts merge unless the position's own fields stand between them
        ("{ i { ... on A { x } id ... on A { j } } }", "{ i { ... on A { x } id ... on A { j } } }"),
        ("{ i { id ... on A { x } id ... on A { j } } }", "{ i { id ... on A { x j } } }"),
        (
            "{ i { ... on A { i { id } } id ... on A { i { i { id } } } } }",
            "{ i { ... on A { i { id i { id } } } id } }",
        ),
        # literal conditions are decided
        ("{ a @skip(if: true) { x } q @include(if: true) { __typename } }", "{ q { __typename } }"),
        ("{ ... @include(if: false) { a { x } } q { __typename @skip(if: false) } }", "{ q { __typename } }"),
        ("{ a { x @skip(if: true) } }", "{ a { __hidden: __typename } }"),
        ("{ i { ... on A { x @skip(if: true) } } }", "{ i { __hidden: __typename } }"),
        ("{ a @skip(if: true) { x } }", "{ }"),
        ("{ a { } }", "{ a { __hidden: __typename } }"),
        # @defer is taken out
        ('{ ... @defer(label: "l") { a { ... @defer { x } } } }', "{ a { x } }"),
        # arguments are sorted and in one style
        ('{ s(c: {a: """b""", b: null}, b: ["x"], a: 1) }', '{ s(a: 1, b: ["x"], c: {a: "b", b: null}) }'),
        ("{ s(a: $v, b: [$w, $w], c: {a: $v}) @mine(x: $z) }", "{ s(a: $v, b: [$w, $w], c: {a: $v}) @mine(x: $z) }"),
        (
            '{ __typename t: __typename __schema { types { name } } __type(name: "A") { name } }',
            '{ __typename t: __typename __schema __type(name: "A") }',
        ),
    ],
)
def test_the_tree_of(written: str, expected: str) -> None:
    assert normalised(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("x @include(if: $c)", "x @include(if: $c)"),
        ("x @include(if: $c) @skip(if: $d)", "x @include(if: $c) @skip(if: $d)"),
        ("... @skip(if: $d) { x @include(if: $c) }", "x @include(if: $c) @skip(if: $d)"),
        ("j x @include(if: $c) @skip(if: $c)", "j"),
        ("j ... @skip(if: $c) { x @include(if: $c) }", "j"),
        ("... @include(if: $c) { x @include(if: $c) }", "x @include(if: $c)"),
        # unconditional first: the conditional part goes below
        ("x x @include(if: $c)", "x"),
        ("i { id } i @include(if: $c) { i { id } }", "i { id i @include(if: $c) { id } }"),
        (
            "i @include(if: $c) { id } i @include(if: $c) @skip(if: $d) { i { id } }",
            "i @include(if: $c) { id i @skip(if: $d) { id } }",
        ),
        # conditional first: the same if nothing stands between them
        ("x @include(if: $c) x", "x"),
        ("i @include(if: $c) { id } i { i { id } }", "i { id @include(if: $c) i { id } }"),
        ("i @include(if: $c) { id } j i { i { id } }", "i @include(if: $c) { id } j i { i { id } }"),
        # conditions of which neither implies the other stay apart
        ("i @include(if: $c) { id } i @include(if: $d) { id }", "i @include(if: $c) { id } i @include(if: $d) { id }"),
        (
            "i @include(if: $c) { id } i @skip(if: $c) { i { id } }",
            "i @include(if: $c) { id } i @skip(if: $c) { i { id } }",
        ),
        # a directive stands on a selection once, further conditions go around it
        (
            "... @skip(if: $c) { x @skip(if: $d) @include(if: $e) }",
            "... @include(if: $e) @skip(if: $c) { x @skip(if: $d) }",
        ),
        # what the parent's conditions say is known below
        ("i @include(if: $c) { id @include(if: $c) i @skip(if: $c) { id } }", "i @include(if: $c) { id }"),
        ("i @include(if: $c) { id @skip(if: $c) }", "i @include(if: $c) { __hidden: __typename }"),
        # a cast carries what all its fields share
        ("i { ... on B @include(if: $c) { id y } }", "i { ... on B @include(if: $c) { id y } }"),
        (
            "i { ... on B { id @include(if: $c) y @include(if: $c) @skip(if: $d) } }",
            "i { ... on B @include(if: $c) { id y @skip(if: $d) } }",
        ),
        ("i { ... on B @include(if: $c) { id } ... on B { y } }", "i { ... on B { id @include(if: $c) y } }"),
        ("i { id @include(if: $c) ... on B { id } }", "i { id @include(if: $c) ... on B { id } }"),
        ("i { ... on B @include(if: $c) { id } ... on B { id } }", "i { ... on B { id } }"),
        (
            "i { ... on B @include(if: $c) { id } id ... on B { id y } }",
            "i { ... on B @include(if: $c) { id } id ... on B { y } }",
        ),
    ],
)
def test_conditions(written: str, expected: str) -> None:
    assert normalised(f"{{ a {{ {written} }} }}") == f"{{ a {{ {expected} }} }}"


def fields_of(selection: SelectionSet) -> list[Field]:
    found: list[Field] = []
    for unit in selection.units:
        if isinstance(unit, Field):
            found.append(unit)
        if unit.selection is not None:
            found.extend(fields_of(unit.selection))
    return found


def test_ids_are_unique_and_types_are_those_of_the_parent() -> None:
    node = parse("{ u { ... on I { id i { id } } } s }").definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    found = fields_of(Normaliser(SCHEMA).normalise("Query", node.selection_set))
    assert len({field.id for field in found}) == len(found) == 8
    assert [str(field.type) for field in found] == ["U", "ID", "I", "ID", "ID", "I", "ID", "Int"]


def test_variables_are_those_of_arguments_and_directives() -> None:
    node = parse("{ s(a: $a, b: [$b], c: {a: $c}) @mine(x: $d) @skip(if: $e) }").definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    (field,) = fields_of(Normaliser(SCHEMA).normalise("Query", node.selection_set))
    assert field.variables == {"a", "b", "c", "d"}
    assert [(c.variable, c.wanted) for c in field.conditions] == [("e", False)]


def test_more_nodes_than_allowed_are_refused() -> None:
    node = parse("{ u { ... on I { id i { id } } } }").definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    assert Normaliser(SCHEMA, max_nodes=9).normalise("Query", node.selection_set).units
    with pytest.raises(OperationError) as caught:
        Normaliser(SCHEMA, max_nodes=8).normalise("Query", node.selection_set)
    assert caught.value.code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"


def test_a_field_set_is_normalised_on_its_own_type() -> None:
    node = parse("{ __typename id i { ... on J { j } } }").definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    found = normalise_selection(SCHEMA, "A", node.selection_set)
    assert found.type == "A"
    assert print_selection(found) == "{ __typename id i { ... on A { j } } }"
    assert [field.id for field in fields_of(found)] == [0, 1, 2, 3]


# --- fragments under conditions -------------------------------------------------------------------------------------


def doubled(levels: int, body: str, last: str) -> str:
    """Fragments on ``A``; in the body of each ``NEXT`` is the next one, and ``$v`` is a variable of its own."""
    bodies = [body.replace("NEXT", f"...F{level + 1}").replace("$v", f"$v{level}") for level in range(levels)]
    fragments = (f"fragment F{level} on A {{ {each} }}" for level, each in enumerate([*bodies, last]))
    return "{ a { ...F0 } } " + " ".join(fragments)


BOTH_WAYS = "NEXT @include(if: $v) NEXT @skip(if: $v)"


@pytest.mark.parametrize(
    "body",
    [
        BOTH_WAYS,
        "NEXT @skip(if: $v) NEXT @include(if: $v)",
        f"x {BOTH_WAYS} j {BOTH_WAYS}",
        "NEXT @include(if: $v) ... @skip(if: $v) { NEXT }",
    ],
)
def test_what_is_selected_whether_or_not_is_selected_once(body: str) -> None:
    names = normalised(doubled(8, body, "x j i { id }")).replace("{ a {", "").replace("}", "").split()
    assert sorted(names) == ["i", "id", "j", "x", "{"]


def test_a_place_that_depends_on_a_variable_is_kept() -> None:
    written = "{ a { ...F @include(if: $c) j ...F @skip(if: $c) } } fragment F on A { x }"
    assert normalised(written) == "{ a { x @include(if: $c) j x @skip(if: $c) } }"


def test_a_field_moves_before_what_is_never_there_with_it() -> None:
    written = "{ a { ...F @include(if: $c) ... @include(if: $c) { id } ...F @skip(if: $c) } } fragment F on A { x j }"
    assert normalised(written) == "{ a { x j id @include(if: $c) } }"


def test_a_fragment_that_was_entered_under_fewer_conditions_adds_nothing() -> None:
    written = "{ a { ...F @include(if: $c) j ...F @include(if: $c) @skip(if: $d) } } fragment F on A { x i { id } }"
    assert normalised(written) == "{ a { x @include(if: $c) i @include(if: $c) { id } j } }"


def test_sixteen_doublings_of_one_fragment_are_few_steps() -> None:
    document = parse(doubled(16, BOTH_WAYS, "x"))
    (operation, *fragments) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    by_name = {d.name.value: d for d in fragments if isinstance(d, FragmentDefinitionNode)}
    selection = Normaliser(SCHEMA, by_name, max_nodes=5).normalise("Query", operation.selection_set)
    assert print_selection(selection) == "{ a { x } }"


@pytest.mark.parametrize(
    "body",
    [
        "x NEXT @include(if: $v) y: x NEXT @skip(if: $v) z: x",
        "NEXT @include(if: $v) k: x NEXT @include(if: $w) l: x NEXT @skip(if: $v)",
    ],
)
def test_what_is_entered_under_ever_other_conditions_is_refused(body: str) -> None:
    with pytest.raises(OperationError) as caught:
        normalised(doubled(30, body.replace("$w", "$v_"), "x j"))
    assert caught.value.code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"


def test_a_field_under_hundreds_of_conditions_is_compared_within_the_steps() -> None:
    fields = " ".join(f"x @include(if: $v{index})" for index in range(1_000))
    assert normalised(f"{{ a {{ {fields} }} }}").count("x @include") == 1_000
