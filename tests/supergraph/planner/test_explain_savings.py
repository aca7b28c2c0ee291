"""What a ``@shareable`` or a ``@provides`` would save."""

from supergraph import plan, prepare
from supergraph.planner import PlannerLimits
from supergraph.planner.explain import Saving, explain
from supergraph.planner.explain_savings import ShareWish, find_savings
from tests.supergraph.graphs import supergraph_of

T = 'type T @key(fields: "id") { id: ID!'
TWO = {"a": f"type Query {{ t: T u: T }} {T} }}", "b": f"{T} x: Int y: Int }}"}


def savings(operation: str, **sdls: str) -> tuple[Saving, ...]:
    supergraph = supergraph_of(**sdls)
    return explain(supergraph, prepare(supergraph, operation)).savings


def provided(operation: str, **sdls: str) -> list[tuple[str, tuple[str, ...], str]]:
    """What would be provided: subgraph, fields with the directive, field set."""
    return [
        (saving.subgraph, saving.coordinates, saving.fields)
        for saving in savings(operation, **sdls)
        if saving.directive == "@provides"
    ]


def test_a_field_that_is_provided_on_the_way_saves_the_hop() -> None:
    assert savings("{ t { x } }", **TWO) == (
        Saving(directive="@shareable", subgraph="a", coordinates=("T.x",), requests=1, stages=1),
        Saving(directive="@provides", subgraph="a", coordinates=("Query.t",), fields="x", requests=1, stages=1),
    )


def test_everything_that_is_taken_from_a_subgraph_is_provided_together() -> None:
    assert provided("{ t { x one: y } }", **TWO) == [("a", ("Query.t",), "x y")]


def test_one_of_two_fields_that_need_a_hop_saves_nothing() -> None:
    shared = [saving.coordinates for saving in savings("{ t { x y } }", **TWO) if saving.directive == "@shareable"]
    assert shared == [("T.x", "T.y")]


def test_what_is_provided_on_one_of_two_ways_saves_nothing() -> None:
    assert provided("{ t { x } u { x } }", **TWO) == []


def test_what_is_shared_saves_the_hop_of_all_ways() -> None:
    assert [saving.coordinates for saving in savings("{ t { x } u { x } }", **TWO)] == [("T.x",)]


def test_an_object_is_provided_with_what_is_asked_of_it() -> None:
    parts = "type Part @shareable { w: Int h: Int }"
    graph = {"a": f"type Query {{ t: T p: Part }} {T} }} {parts}", "b": f"{T} part: Part }} {parts}"}
    assert provided("{ t { part { w } } }", **graph) == [("a", ("Query.t",), "part { w }")]


def test_an_object_of_a_type_that_the_subgraph_does_not_know_is_not_provided() -> None:
    graph = {"a": f"type Query {{ t: T }} {T} }}", "b": f"{T} part: Part }} type Part {{ w: Int }}"}
    assert savings("{ t { part { w } } }", **graph) == ()


def test_a_field_with_arguments_is_not_provided() -> None:
    graph = {"a": f"type Query {{ t: T }} {T} }}", "b": f"{T} x(i: Int): Int }}"}
    assert provided("{ t { x(i: 1) } }", **graph) == []


def test_what_is_provided_already_stays_provided() -> None:
    graph = {
        "a": f'type Query {{ t: T @provides(fields: "x") }} {T} x: Int @external }}',
        "b": f"{T} x: Int @shareable y: Int }}",
    }
    assert provided("{ t { x y } }", **graph) == [("a", ("Query.t",), "y")]


def test_the_largest_saving_comes_first() -> None:
    graph = {
        "a": f"type Query {{ t: T }} {T} }}",
        "b": f"{T} n: T @shareable x: Int @shareable }}",
        "c": f"{T} z: Int }}",
    }
    found = savings("{ t { z n { z } } }", **graph)
    gains = [(saving.requests, saving.stages) for saving in found]
    assert gains == sorted(gains, reverse=True)
    assert len(gains) > 1


def test_nothing_is_saved_where_one_subgraph_answers_all() -> None:
    assert savings("{ t { id } }", **TWO) == ()


X, Y = (ShareWish("a", "T", (name,)) for name in "xy")


def found_within(limits: PlannerLimits) -> tuple[Saving, ...]:
    supergraph = supergraph_of(a=TWO["a"], b=f"{T} x: Int }}", c=f"{T} y: Int }}")
    operation = prepare(supergraph, "{ t { x y } }")
    return find_savings(supergraph, operation, frozenset(), plan(supergraph, operation), [X, Y], limits=limits)


def test_both_fields_are_tried() -> None:
    assert [saving.coordinates for saving in found_within(PlannerLimits())] == [("T.x",), ("T.y",)]


def test_no_more_is_tried_when_the_evaluations_are_used_up() -> None:
    assert [saving.coordinates for saving in found_within(PlannerLimits(evaluations=0))] == [("T.x",)]


def test_nothing_is_found_out_about_an_operation_that_takes_too_long() -> None:
    assert found_within(PlannerLimits(units=1)) == ()
