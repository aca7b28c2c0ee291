"""What checking costs: counted, since a checker that takes too long is one that is switched off."""

import sys
from collections.abc import Callable
from itertools import combinations
from types import FrameType

from supergraph import plan, prepare
from supergraph.plan.check import check_plan
from supergraph.plan.check.truth import truths
from tests.supergraph.graphs import supergraph_of


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def cost_of_interfaces(types: int, levels: int) -> int:
    """The cost of an interface in itself, so many levels deep, answered by two subgraphs."""
    names = [f"T{index}" for index in range(types)]

    def sdl(field: str) -> str:
        fields = f"id: ID! {field}: Int"
        members = (f'type {name} implements I @key(fields: "id") {{ {fields} i: I @shareable }}' for name in names)
        return f"type Query {{ i: I @shareable }} interface I {{ {fields} i: I }} {' '.join(members)}"

    graph = supergraph_of(x=sdl("x"), y=sdl("y"))
    operation = prepare(graph, "{ i { x y " + "i { x y " * levels + "}" * levels + " } }")
    query_plan = plan(graph, operation)
    return calls_of(lambda: check_plan(graph, operation, query_plan))


def test_one_more_level_costs_as_much_as_the_one_before() -> None:
    few, more, most = (cost_of_interfaces(8, levels) for levels in (3, 4, 5))
    assert most - more < 2 * (more - few)


def test_twice_the_types_cost_at_most_four_times_as_much() -> None:
    assert cost_of_interfaces(16, 4) < 4 * cost_of_interfaces(8, 4)


def test_few_conditions_are_tried_in_all_combinations() -> None:
    assert len(list(truths(["a", "b", "c"]))) == 8


def test_many_conditions_are_tried_so_that_any_two_are_seen_in_all_combinations() -> None:
    names = [f"v{index}" for index in range(200)]
    tried = list(truths(names))
    assert len(tried) == 18
    assert all(len({(each[one], each[other]) for each in tried}) == 4 for one, other in combinations(names, 2))


def test_the_first_truth_has_everything_on() -> None:
    assert all(next(truths([f"v{index}" for index in range(9)])).values())
