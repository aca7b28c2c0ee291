"""Interface objects: a subgraph answers with the interface's name, and others say what its objects are."""

import json

import pytest

from router.executor import FetchAnswer, PlanRun, compile_program, run_sync
from supergraph import QueryPlan, plan, prepare
from tests.supergraph.graphs import plan_of, sent, supergraph_of

SHAPES = 'type Shape @key(fields: "id") @interfaceObject { id: ID! colour: String } type Query { shapes: [Shape] }'
REAL = """
interface Shape @key(fields: "id") { id: ID! area: Int }
type Circle implements Shape @key(fields: "id") { id: ID! area: Int radius: Int }
type Square implements Shape @key(fields: "id") { id: ID! area: Int! @shareable side: Int }
"""


def planned(operation: str) -> QueryPlan:
    return plan_of(operation, a=SHAPES, b=REAL)


# --- who tells the types ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "asked"),
    [
        ("radius @skip(if: $no) __typename", ["a", "b"]),
        ("radius @skip(if: $no) colour", ["a", "b", "a"]),
        ("radius @skip(if: $no) area", ["a", "b"]),
    ],
)
def test_types_are_asked_for_whatever_the_conditions_are_of_what_is_asked_by_type(
    inside: str, asked: list[str]
) -> None:
    query_plan = planned(f"query ($no: Boolean!) {{ shapes {{ ... on Circle {{ {inside} }} }} }}")
    assert [(fetch.subgraph, fetch.conditions) for fetch in query_plan.fetches] == [(name, ()) for name in asked]


def test_types_are_not_asked_for_where_the_type_condition_does_not_hold() -> None:
    query_plan = planned("query ($no: Boolean!) { shapes { colour ... on Circle @skip(if: $no) { radius } } }")
    told = query_plan.fetches[1]
    assert [(each.variable, each.wanted) for each in told.conditions] == [("no", False)]


def test_types_that_nobody_asks_for_are_not_asked_for() -> None:
    query_plan = planned("query ($no: Boolean!) { shapes { colour area @skip(if: $no) } }")
    told = query_plan.fetches[1]
    assert [(each.variable, each.wanted) for each in told.conditions] == [("no", False)]


# --- what they require --------------------------------------------------------------------------------------------

REQUIRING = """
type Shape @key(fields: "id") @interfaceObject {
  id: ID! area: Int @external price: Int @requires(fields: "area")
}
type Query { shapes: [Shape] }
"""
OTHER = 'type Square @key(fields: "id") { id: ID! area: Int @shareable }'


@pytest.mark.parametrize("operation", ["{ shapes { price area } }", "{ shapes { area: price size: area } }"])
def test_what_is_required_is_where_the_client_has_it_for_every_type(operation: str) -> None:
    """Also for a type whose own field may not be null, and so could not share a key with those of others."""
    query_plan = plan_of(operation, a=REQUIRING, b=REAL, c=OTHER)
    (call,) = query_plan.fetches[2].entities
    (template,) = call.templates
    key = "area" if operation == "{ shapes { price area } }" else "size"
    assert template.types == ("Circle", "Square", "Shape")
    assert [(field.name, field.store_key) for field in template.fields] == [("id", "id"), ("area", key)]


OWNER = 'type Box @key(fields: "id") { id: ID! inside: Shape } '
BUYER = """
type Box @key(fields: "id") { id: ID! inside: Shape @external weight: Int @requires(fields: "inside { id }") }
type Query { box: Box }
"""
KNOWN = 'type Shape @key(fields: "id") @interfaceObject { id: ID! } '


def test_a_required_object_is_sent_under_the_only_name_that_the_subgraph_knows() -> None:
    query_plan = plan_of("{ box { weight } }", a=KNOWN + OWNER, b=REAL, c=KNOWN + BUYER)
    assert [line.split()[0] for line in sent(query_plan)] == ["c", "a", "c"]
    ((template,),) = [call.templates for call in query_plan.fetches[2].entities]
    (inside,) = [field for field in template.fields if field.name == "inside"]
    assert [(each.types, each.typename) for each in inside.selection] == [(("Circle", "Square"), "Shape")]


# --- types that cannot be ------------------------------------------------------------------------------------------

SHARED = (
    'type Shape @key(fields: "id") @interfaceObject { id: ID! colour: String } type Query { all: [Shape] @shareable }'
)
CIRCLES = """
interface Shape { id: ID! }
type Circle implements Shape @key(fields: "id") { id: ID! }
type Query { all: [Shape] @shareable }
"""
OPERATION = "{ all { colour ... on Square { side } } }"


def test_types_are_not_asked_for_if_no_object_can_have_the_one_in_question() -> None:
    """Another subgraph that supplies the same objects does not know squares."""
    query_plan = plan_of(OPERATION, a=SHARED, b=REAL, c=CIRCLES)
    assert sent(query_plan) == ["a {all{__typename colour}}"]
    assert len(query_plan.impossible) == 1


def test_an_object_whose_type_nobody_told_gets_what_does_not_depend_on_it() -> None:
    supergraph = supergraph_of(a=SHARED, b=REAL, c=CIRCLES)
    operation = prepare(supergraph, OPERATION)
    program = compile_program(supergraph, operation, plan(supergraph, operation))
    answer = {"data": {"all": [{"__typename": "Shape", "colour": "red"}, None]}}
    result = run_sync(PlanRun(program, {}), lambda _: FetchAnswer(200, "", json.dumps(answer).encode()))
    assert (json.loads(result.data), result.errors) == ({"all": [{"colour": "red"}, None]}, ())


def test_types_are_asked_for_where_squares_may_be() -> None:
    squares = CIRCLES.replace("type Query", 'type Square implements Shape @key(fields: "id") { id: ID! } type Query')
    query_plan = plan_of(OPERATION, a=SHARED, b=REAL, c=squares)
    assert len(query_plan.fetches) > 1
    assert not query_plan.impossible
