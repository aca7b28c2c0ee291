"""Documents that make other planners explode, each with a bound on how much is tried; see ``test_budgets`` for more.

That the plans answer is seen to for every plan of every test.
"""

from collections.abc import Mapping
from itertools import pairwise

import pytest

from supergraph import QueryPlan, plan, prepare
from supergraph.errors import OperationError
from supergraph.plan.check import transitive_needs
from supergraph.planner.roots import draft_mutation
from supergraph.planner.search import Search
from tests.supergraph.graphs import supergraph_of

KEYED = 'type T @key(fields: "id") { id: ID!'
SPLIT = {
    "a": f"type Query {{ t: T }} {KEYED} n: T }}",
    "b": f"{KEYED} m: T x: Int @shareable }}",
    "c": f"{KEYED} x: Int @shareable y: Int }}",
}


def planned(operation: str, graph: Mapping[str, str]) -> QueryPlan:
    """The plan of an operation on these subgraphs."""
    supergraph = supergraph_of(**graph)
    return plan(supergraph, prepare(supergraph, operation))


def fragments(levels: int, body: str, last: str) -> str:
    """Fragments on ``T``; in the body of each, ``NEXT`` is the next one."""
    bodies = [*(body.replace("NEXT", f"...F{level + 1}") for level in range(levels)), last]
    return " ".join(f"fragment F{level} on T {{ {each} }}" for level, each in enumerate(bodies))


def selected(query_plan: QueryPlan) -> int:
    """How many selection sets are sent."""
    return sum(fetch.operation.count("{") for fetch in query_plan.fetches)


# --- bombs of fragments ---------------------------------------------------------------------------------------------


def test_a_bomb_of_fragments_is_refused_before_it_is_expanded() -> None:
    bomb = "{ t { ...F0 } } " + fragments(60, "NEXT NEXT NEXT", "id")
    with pytest.raises(OperationError) as caught:
        prepare(supergraph_of(**SPLIT), bomb)
    assert caught.value.code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"


def test_a_bomb_of_aliases_is_refused_before_it_is_expanded() -> None:
    bomb = "{ t { ...F0 } } " + fragments(40, "a: n { NEXT } b: n { NEXT }", "id")
    with pytest.raises(OperationError) as caught:
        prepare(supergraph_of(**SPLIT), bomb)
    assert caught.value.code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"


def test_fragments_that_say_the_same_again_and_again_are_merged_first() -> None:
    found = planned("{ t { ...F0 } } " + fragments(10, "x NEXT NEXT NEXT", "y"), SPLIT)
    assert [fetch.subgraph for fetch in found.fetches] == ["a", "c"]
    assert found.metrics.evaluations < 12


def test_a_tree_of_aliases_costs_a_few_evaluations_each() -> None:
    found = planned("{ t { ...F0 } } " + fragments(6, "a: n { NEXT } b: n { NEXT } c: n { NEXT }", "x y"), SPLIT)
    assert [fetch.subgraph for fetch in found.fetches] == ["a", "c"]
    assert found.metrics.evaluations < 5 * 3**6


def test_hops_in_hops_cost_a_few_evaluations_each() -> None:
    found = planned("{ t { ...F0 } } " + fragments(9, "x y n { NEXT } m { NEXT }", "x y"), SPLIT)
    assert found.metrics.evaluations < 8 * 2**9


# --- unions and interfaces ------------------------------------------------------------------------------------------


def union_graph(count: int) -> dict[str, str]:
    """A union of entities, whose fields lie in three subgraphs."""
    names = [f"T{index}" for index in range(count)]
    keyed = [f'type {name} @key(fields: "id") {{ id: ID!' for name in names]
    return {
        "a": f"type Query {{ u: U }} union U = {' | '.join(names)} " + " ".join(f"{each} u: U }}" for each in keyed),
        "b": " ".join(f"{each} b: Int @shareable }}" for each in keyed),
        "c": " ".join(f"{each} b: Int @shareable c: Int }}" for each in keyed),
    }


def all_members(count: int, levels: int) -> str:
    """Every field of every member of the union, in each of which the union is asked again."""
    below = f"u {{ {all_members(count, levels - 1)} }}" if levels else ""
    return " ".join(f"... on T{index} {{ b c {below} }}" for index in range(count))


@pytest.mark.parametrize(("members", "levels"), [(100, 0), (12, 1), (6, 2), (4, 3)])
def test_deep_unions_over_many_types_cost_a_few_evaluations_for_each_position(members: int, levels: int) -> None:
    found = planned(f"{{ u {{ {all_members(members, levels)} }} }}", union_graph(members))
    positions = sum(members**level for level in range(1, levels + 2))
    assert [fetch.subgraph for fetch in found.fetches] == ["a", "c"]
    assert found.metrics.evaluations < 10 * positions


def test_an_interface_of_a_hundred_types_that_two_subgraphs_know_in_part() -> None:
    def sdl(first: int, field: str) -> str:
        types = " ".join(
            f'type T{index} implements I @key(fields: "id") {{ id: ID! {field}{index}: Int }}'
            for index in range(first, first + 60)
        )
        return f"type Query {{ {field}s: [I] }} interface I {{ id: ID! }} {types}"

    selections = " ".join(f"... on T{index} {{ x{index} }}" for index in range(60))
    more = " ".join(f"... on T{index} {{ y{index} }}" for index in range(40, 100))
    graph = {"x": sdl(0, "x"), "y": sdl(40, "y")}
    found = planned(f"{{ xs {{ id {selections} ... on T50 {{ y50 }} }} ys {{ {more} }} }}", graph)
    assert found.metrics.requests == 3
    assert found.metrics.evaluations < 200


# --- many ways ------------------------------------------------------------------------------------------------------


def ring(size: int) -> dict[str, str]:
    """Subgraphs in a ring, each with a key in common with its two neighbours alone."""

    def sdl(index: int) -> str:
        keys = (index, (index + 1) % size)
        directives = " ".join(f'@key(fields: "k{key}")' for key in keys)
        return f"type T {directives} {{ {' '.join(f'k{key}: ID!' for key in keys)} x{index}: Int }}"

    return {f"s{index}": ("type Query { t: T } " if index == 0 else "") + sdl(index) for index in range(size)}


def test_a_ring_of_keys_is_walked_both_ways() -> None:
    found = planned("{ t { " + " ".join(f"x{index}" for index in range(9)) + " } }", ring(9))
    assert (found.metrics.requests, found.metrics.stages) == (9, 5)
    assert found.metrics.evaluations < 25


def test_every_subgraph_has_every_key() -> None:
    keys = " ".join(f'@key(fields: "k{key}")' for key in range(8))
    fields = " ".join(f"k{key}: ID!" for key in range(8))
    graph = {f"s{index}": f"type T {keys} {{ {fields} x{index}: Int n{index}: T }}" for index in range(8)}
    graph["s0"] += " type Query { t: T }"
    leaves = " ".join(f"x{index}" for index in range(8))
    found = planned(f"{{ t {{ {leaves} n3 {{ {leaves} n5 {{ {leaves} }} }} }} }}", graph)
    assert (found.metrics.requests, found.metrics.stages) == (11, 4)
    assert found.metrics.evaluations < 60


def test_entities_seven_deep_in_lists_where_any_two_of_seven_subgraphs_have_everything() -> None:
    def sdl(own: int) -> str:
        leaves = " ".join(f"f{index}: Int @shareable" for index in range(7) if index not in (own, (own + 1) % 7))
        levels = (f"next: [E{level + 1}!]! @shareable" if level < 7 else "" for level in range(8))
        types = (
            f'type E{level} @key(fields: "id") {{ id: ID! {leaves} {deeper} }}' for level, deeper in enumerate(levels)
        )
        return "type Query { all: [E0!]! @shareable } " + " ".join(types)

    leaves = " ".join(f"f{index}" for index in range(7))
    operation = "{ all { " + f"{leaves} next {{ " * 7 + leaves + " }" * 8 + " }"
    found = planned(operation, {f"s{index}": sdl(index) for index in range(7)})
    assert (found.metrics.requests, found.metrics.stages) == (2, 1)
    assert found.metrics.evaluations < 3_000


def test_provided_paths_of_every_length() -> None:
    paths = ["x"]
    for _ in range(6):
        paths.append(f"x n {{ {paths[-1]} }}")
    roots = " ".join(f'r{index}: T @provides(fields: "{path}")' for index, path in enumerate(paths))
    graph = {
        "a": f"type Query {{ {roots} }} {KEYED} x: Int @external n: T @external }}",
        "b": f"{KEYED} x: Int @shareable n: T @shareable }}",
    }
    operation = " ".join(f"r{index} {{ {paths[-1]} }}" for index in range(7))
    found = planned(f"{{ {operation} }}", graph)
    assert [fetch.subgraph for fetch in found.fetches] == ["a", "b"]
    assert found.metrics.evaluations < 150


def test_requirements_at_every_level() -> None:
    graph = {
        "a": f"type Query {{ t: T }} {KEYED} n: T w: Int }}",
        "b": f'{KEYED} w: Int @external v: Int @external u: Int @requires(fields: "w v") }}',
        "c": f'{KEYED} w: Int @external v: Int @requires(fields: "w") }}',
    }
    found = planned("{ t { " + "u n { " * 30 + "u" + " }" * 30 + " } }", graph)
    assert [fetch.subgraph for fetch in found.fetches] == ["a", "c", "b"]
    assert found.metrics.evaluations < 200


# --- conditions, deferred parts, mutations --------------------------------------------------------------------------


def test_sixty_conditions_of_their_own() -> None:
    variables = ", ".join(f"$v{index}: Boolean!" for index in range(60))
    fields = " ".join(f"n @include(if: $v{index}) {{ y }} a{index}: x @skip(if: $v{index})" for index in range(60))
    found = planned(f"query ({variables}) {{ t {{ {fields} }} }}", SPLIT)
    assert found.metrics.requests <= 121
    assert found.metrics.evaluations < 200


def test_conditions_that_double_at_every_level_and_ask_the_same() -> None:
    variables = ", ".join(f"$v{level}: Boolean!" for level in range(6))
    bodies = [f"...F{level + 1} @include(if: $v{level}) ...F{level + 1} @skip(if: $v{level})" for level in range(6)]
    parts = " ".join(f"fragment F{level} on T {{ {body} }}" for level, body in enumerate([*bodies, "x y"]))
    found = planned(f"query ({variables}) {{ t {{ ...F0 }} }} {parts}", SPLIT)
    assert [fetch.subgraph for fetch in found.fetches] == ["a", "c"]
    assert found.metrics.evaluations < 12


@pytest.mark.parametrize("beside", ["", "id", "x y"])
def test_conditions_that_double_at_twelve_levels(beside: str) -> None:
    levels = range(12)
    variables = ", ".join(f"$v{level}: Boolean!" for level in levels)
    bodies = [
        f"{beside} ...F{level + 1} @include(if: $v{level}) {beside} ...F{level + 1} @skip(if: $v{level})"
        for level in levels
    ]
    parts = " ".join(f"fragment F{level} on T {{ {body} }}" for level, body in enumerate([*bodies, "x y"]))
    found = planned(f"query ({variables}) {{ t {{ ...F0 }} }} {parts}", SPLIT)
    assert [fetch.subgraph for fetch in found.fetches] == ["a", "c"]
    assert all("$" not in fetch.operation.replace("$representations", "") for fetch in found.fetches)
    assert found.metrics.evaluations < 12


def test_conditions_that_double_at_every_level_and_ask_below() -> None:
    variables = ", ".join(f"$v{level}: Boolean!" for level in range(6))
    bodies = [f"n @include(if: $v{level}) {{ ...F{level + 1} }} m {{ ...F{level + 1} }}" for level in range(6)]
    parts = " ".join(f"fragment F{level} on T {{ {body} }}" for level, body in enumerate([*bodies, "x y"]))
    found = planned(f"query ({variables}) {{ t {{ ...F0 }} }} {parts}", SPLIT)
    assert found.metrics.requests <= 2**8
    assert found.metrics.evaluations < 6 * 2**6


def test_a_deferred_part_in_each_of_many_objects() -> None:
    supergraph = supergraph_of(**SPLIT)
    parts = " ".join(f'n{index}: n {{ ... @defer(label: "d{index}") {{ x y m {{ x }} }} }}' for index in range(60))
    found = plan(supergraph, prepare(supergraph, f"{{ t {{ {parts} }} }}"), defer=True)
    assert found.metrics.evaluations < 2_500


def test_two_hundred_mutations_in_turn() -> None:
    graph = {
        "a": f"type Query {{ t: T }} type Mutation {{ a: T }} {KEYED} }}",
        "b": f"type Mutation {{ b: T }} {KEYED} x: Int }}",
    }
    operation = " ".join(f"m{index}: {'ab'[index % 2]} {{ x }}" for index in range(200))
    found = planned(f"mutation {{ {operation} }}", graph)
    mutations = [fetch.id for fetch in found.fetches if fetch.kind == "mutation"]
    assert len(mutations) == 200
    needs = transitive_needs(found)
    assert all(earlier in needs[later] for earlier, later in pairwise(mutations))
    assert found.metrics.evaluations < 2_000


def test_nine_hundred_mutations_in_three_subgraphs_wait_for_the_one_before() -> None:
    graph = {
        "a": f"type Query {{ t: T }} type Mutation {{ a: T }} {KEYED} }}",
        "b": f"type Mutation {{ b: T }} {KEYED} x: Int }}",
        "c": f"type Mutation {{ c: T }} {KEYED} y: Int }}",
    }
    supergraph = supergraph_of(**graph)
    operation = " ".join(f"m{index}: {'abc'[index % 3]} {{ x y }}" for index in range(900))
    prepared = prepare(supergraph, f"mutation {{ {operation} }}")
    search = Search(supergraph.query_graphs.under(frozenset()))
    drafts = draft_mutation(search, prepared.selection).drafts
    assert len(drafts) > 900
    assert sum(len(draft.needs) for draft in drafts) < 4 * len(drafts)


# --- growth ---------------------------------------------------------------------------------------------------------


def evaluations_of_levels(levels: int) -> int:
    return planned("{ t { " + "x y n { m { " * levels + "x y" + " } }" * levels + " } }", SPLIT).metrics.evaluations


def test_what_is_tried_grows_with_the_operation_and_not_faster() -> None:
    four, eight, twelve = (evaluations_of_levels(levels) for levels in (4, 8, 12))
    assert twelve - eight <= 1.5 * (eight - four)


def test_what_is_sent_grows_with_the_operation_and_not_faster() -> None:
    few, many = (
        selected(planned("{ t { ...F0 } } " + fragments(levels, "x y n { NEXT } m { NEXT }", "x y"), SPLIT))
        for levels in (4, 5)
    )
    assert many < 3 * few
