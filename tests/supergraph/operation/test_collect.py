"""The fields of one concrete type, in the order of the response."""

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from supergraph.operation.collect import CollectedField, collect_fields
from supergraph.operation.conditions import conjoin, implies, read_conditions, without
from supergraph.operation.model import Condition, Conditions
from supergraph.operation.normalise import Normaliser
from supergraph.operation.text import print_conditions

SCHEMA = build_schema(
    """
    type Query { i: I }
    interface I { id: ID i: I }
    type A implements I { id: ID i: I x: Int }
    type B implements I { id: ID i: I y: Int }
    """
)
C = Condition("c", wanted=True)
NOT_C = Condition("c", wanted=False)
D = Condition("d", wanted=True)


def collected(selection: str, concrete_type: str) -> tuple[CollectedField, ...]:
    node = parse(f"{{ i {{ {selection} }} }}").definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    (root,) = collect_fields(Normaliser(SCHEMA).normalise("Query", node.selection_set), "Query")
    return collect_fields(root.selections, concrete_type)


def test_fields_of_other_types_are_left_out() -> None:
    selection = "... on A { x } id ... on B { y }"
    assert [field.response_key for field in collected(selection, "A")] == ["x", "id"]
    assert [field.response_key for field in collected(selection, "B")] == ["id", "y"]


def test_units_of_one_response_key_merge() -> None:
    (field,) = collected("i { id } ... on A { i { ... on B { y } } }", "A")
    assert len(field.ids) == 2
    assert [inner.response_key for inner in collect_fields(field.selections, "B")] == ["id", "y"]
    assert [inner.response_key for inner in collect_fields(field.selections, "A")] == ["id"]


def test_hidden_fields_are_left_out() -> None:
    (field,) = collected("i { id @skip(if: true) }", "A")
    assert collect_fields(field.selections, "A") == ()


def test_a_field_is_there_if_one_of_its_units_is() -> None:
    (field,) = collected("i @include(if: $c) { id } i @include(if: $d) { i { id } }", "A")
    assert field.alternatives == ((C,), (D,))
    assert [conditions for conditions, _ in field.selections] == [(C,), (D,)]


def test_an_unconditional_unit_makes_the_field_unconditional() -> None:
    field, _ = collected("i @include(if: $c) { id } id i { i { id } }", "A")
    assert field.alternatives == ((),)
    assert [conditions for conditions, _ in field.selections] == [(C,), ()]


def test_conditions_of_the_field_are_not_tested_again_below() -> None:
    (field,) = collected("... on A @include(if: $c) { i { id } }", "A")
    assert field.alternatives == ((C,),)
    assert [conditions for conditions, _ in field.selections] == [()]


def test_what_contradicts_its_parent_is_left_out() -> None:
    (field,) = collected("i @include(if: $c) { id } i @skip(if: $c) { i { id } }", "A")
    inner = collect_fields(field.selections, "A")
    assert [(f.response_key, f.alternatives) for f in inner] == [("id", ((C,),)), ("i", ((NOT_C,),))]
    assert [f.response_key for f in collect_fields(inner[1].selections, "A")] == ["id"]


def test_units_that_contradict_the_conditions_around_them_are_left_out() -> None:
    field, _ = collected("i @include(if: $c) { id } id i { i @skip(if: $c) { id } }", "A")
    both = [(conditions or (C,), selection) for conditions, selection in field.selections]
    assert [inner.response_key for inner in collect_fields(both, "A")] == ["id"]


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [
        ((), (), ()),
        ((C,), (), (C,)),
        ((C,), (C,), (C,)),
        ((D,), (C,), (C, D)),
        ((C,), (NOT_C,), None),
        ((C, D), (NOT_C,), None),
    ],
)
def test_conjunction(left: Conditions, right: Conditions, both: Conditions | None) -> None:
    assert conjoin(left, right) == both
    assert conjoin(right, left) == both


def test_implication() -> None:
    assert implies((C, D), (C,))
    assert implies((C,), ())
    assert not implies((C,), (D,))
    assert without((C, D), (C,)) == (D,)


@pytest.mark.parametrize(
    ("directives", "expected"),
    [
        ("@include(if: $c)", "@include(if: $c)"),
        ("@skip(if: $c)", "@skip(if: $c)"),
        ("@skip(if: $c) @include(if: $c)", None),
        ("@skip(if: false) @include(if: $c)", "@include(if: $c)"),
        ("@skip(if: true) @include(if: $c)", None),
        ("@include(if: true)", ""),
        ("@include(if: false)", None),
        ("@other(if: false)", ""),
    ],
)
def test_directives_are_read_as_conditions(directives: str, expected: str | None) -> None:
    node = parse(f"{{ x {directives} }}").definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    found = read_conditions(node.selection_set.selections[0].directives or ())
    assert (None if found is None else print_conditions(found)) == expected
