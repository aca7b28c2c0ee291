"""Operations that make planners explode: what they cost is counted in evaluations, never in time."""

import pytest

from supergraph import QueryPlan, Subgraph, Supergraph, compose, plan, prepare, read_supergraph
from supergraph.errors import PlanningError
from supergraph.plan.check import check_plan
from supergraph.planner import PlannerLimits
from tests.supergraph.graphs import LINK, supergraph_of

SEVEN = range(7)
ENTITY = 'type T @key(fields: "id") { id: ID!'


def planned(supergraph: Supergraph, operation: str, limits: PlannerLimits | None = None) -> QueryPlan:
    """A plan that is known to answer the operation."""
    prepared = prepare(supergraph, operation)
    query_plan = plan(supergraph, prepared, limits=limits or PlannerLimits())
    assert check_plan(supergraph, prepared, query_plan) == []
    return query_plan


def unchecked(**sdls: str) -> Supergraph:
    """A supergraph that need not be able to answer everything."""
    composition = compose(
        [Subgraph(name, f"http://{name}", LINK + sdl) for name, sdl in sdls.items()], satisfiability=False
    )
    assert composition.sdl is not None, composition.errors
    return read_supergraph(composition.sdl)


def deep_entities(without: int | None) -> Supergraph:
    """Entities seven deep over seven subgraphs; each has all fields, or all but one of its own."""

    def sdl(subgraph: int) -> str:
        leaves = " ".join(f"f{k}: Int @shareable" for k in SEVEN if without is None or k != subgraph)
        types = [
            f'type E{level} @key(fields: "id") {{ id: ID! {leaves} {deeper(level) if level < 7 else ""} }}'
            for level in range(8)
        ]
        return "type Query { root: E0 @shareable }" + " ".join(types)

    def deeper(level: int) -> str:
        return f"left: E{level + 1} @shareable right: E{level + 1} @shareable"

    return supergraph_of(**{f"s{subgraph}": sdl(subgraph) for subgraph in SEVEN})


def all_of(fields: str, below: tuple[str, ...], levels: int) -> str:
    """Everything, ``levels`` deep."""
    deeper = "".join(f" {name} {all_of(fields, below, levels - 1)}" for name in below) if levels else ""
    return f"{{ {fields}{deeper} }}"


LEAVES = "id " + " ".join(f"f{k}" for k in SEVEN)


def test_everything_seven_deep_where_all_seven_subgraphs_can_answer() -> None:
    found = planned(deep_entities(None), f"{{ root {all_of(LEAVES, ('left', 'right'), 7)} }}")
    assert found.metrics.requests == 1
    assert found.metrics.evaluations < 3_000


def test_everything_seven_deep_where_each_subgraph_lacks_a_field() -> None:
    found = planned(deep_entities(7), f"{{ root {all_of(LEAVES, ('left', 'right'), 7)} }}")
    assert (found.metrics.requests, found.metrics.stages) == (2, 1)
    assert found.metrics.evaluations < 25_000


def test_a_chain_seven_deep_where_each_subgraph_lacks_a_field() -> None:
    found = planned(deep_entities(7), f"{{ root {all_of(LEAVES, ('left',), 7)} }}")
    assert (found.metrics.requests, found.metrics.stages) == (2, 1)
    assert found.metrics.evaluations < 1_500


def test_a_document_that_expands_to_thousands_of_hops() -> None:
    supergraph = supergraph_of(a=f"type Query {{ t: T }} {ENTITY} n: T }}", b=f"{ENTITY} x: Int m: T }}")
    fragments = " ".join(f"fragment F{i} on T {{ x n {{ ...F{i + 1} }} m {{ ...F{i + 1} }} }}" for i in range(8))
    found = planned(supergraph, f"{{ t {{ ...F0 }} }} {fragments} fragment F8 on T {{ x }}")
    assert found.metrics.evaluations < 2_000


def test_what_expands_to_more_is_refused_by_its_size() -> None:
    supergraph = supergraph_of(a="type Query { t: T } type T { n: T m: T x: Int }")
    fragments = " ".join(f"fragment F{i} on T {{ n {{ ...F{i + 1} }} m {{ ...F{i + 1} }} }}" for i in range(6))
    prepared = prepare(supergraph, f"{{ t {{ ...F0 }} }} {fragments} fragment F6 on T {{ x }}")
    with pytest.raises(PlanningError, match="more than 100 fields") as caught:
        plan(supergraph, prepared, limits=PlannerLimits(units=100))
    assert caught.value.code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"


def test_unions_of_many_types_within_each_other() -> None:
    names = [f"T{index}" for index in range(40)]
    types = [f'type {name} @key(fields: "id") {{ id: ID!' for name in names]
    supergraph = supergraph_of(
        a=f"type Query {{ u: U }} union U = {' | '.join(names)} " + " ".join(f"{each} u: U }}" for each in types),
        b=" ".join(f"{each} b: Int @shareable }}" for each in types),
        c=" ".join(f"{each} b: Int @shareable c: Int }}" for each in types),
    )
    inner = " ".join(f"... on {name} {{ b c }}" for name in names)
    outer = " ".join(f"... on {name} {{ b u {{ {inner} }} }}" for name in names[:6])
    found = planned(supergraph, f"{{ u {{ {outer} }} }}")
    assert found.metrics.requests == 3
    assert found.metrics.evaluations < 12_000


def test_interfaces_that_every_subgraph_knows_otherwise() -> None:
    names = [f"T{index}" for index in range(30)]

    def sdl(index: int) -> str:
        fields = f"id: ID! f{index}: Int i: I"
        types = (f'type {name} implements I @key(fields: "id") {{ {fields} @shareable }}' for name in names)
        return f"type Query {{ i: I @shareable }} interface I {{ {fields} }} {' '.join(types)}"

    supergraph = supergraph_of(**{f"s{index}": sdl(index) for index in range(4)})
    # The checker walks every combination of types, so it is not asked here.
    found = plan(supergraph, prepare(supergraph, f"{{ i {all_of('id f0 f1 f2 f3', ('i',), 6)} }}"))
    assert found.metrics.requests <= 8
    assert found.metrics.evaluations < 30_000


def test_hundreds_of_shareable_paths_to_values_in_pieces() -> None:
    def sdl(index: int) -> str:
        return f"type Query {{ v: V @shareable }} type V @shareable {{ a: V b: V c: V x{index}: Int x: Int }}"

    supergraph = supergraph_of(**{f"s{index}": sdl(index) for index in range(6)})
    pieces = " ".join(f"x{index}" for index in range(6))
    found = planned(supergraph, f"{{ v {all_of(pieces, ('a', 'b', 'c'), 5)} }}")
    assert (found.metrics.requests, found.metrics.stages) == (6, 1)
    assert found.metrics.evaluations < 8_000


def test_two_hundred_shareable_root_fields() -> None:
    roots = " ".join(f"r{index}: V @shareable" for index in range(200))
    sdls = {name: f"type Query {{ {roots} }} type V @shareable {{ x: Int {name}: Int }}" for name in "yzw"}
    found = planned(supergraph_of(**sdls), "{" + " ".join(f"r{index} {{ x y z }}" for index in range(200)) + "}")
    assert found.metrics.requests == 2
    assert found.metrics.evaluations < 2_500


def test_a_hundred_aliases_of_one_field() -> None:
    supergraph = supergraph_of(
        a=f"type Query {{ t(i: Int): T }} {ENTITY} n: T }}",
        b=f"{ENTITY} x(i: Int): Int @shareable }}",
        c=f"{ENTITY} x(i: Int): Int @shareable y: Int }}",
    )
    fields = " ".join(f"t{i}: t(i: {i}) {{ x(i: {i}) y n {{ x y }} }}" for i in range(100))
    found = planned(supergraph, f"{{ {fields} }}")
    assert [fetch.subgraph for fetch in found.fetches] == ["a", "c"]
    assert found.metrics.evaluations < 1_200


def test_many_keys_that_lead_nowhere() -> None:
    keys = " ".join(f'@key(fields: "k{i}")' for i in range(12))
    fields = " ".join(f"k{i}: ID!" for i in range(12))
    unreachable = {f"c{i}": f"type T {keys} {{ {fields} x: Int @shareable }}" for i in range(12)}
    supergraph = unchecked(a=f"type Query {{ t: T }} {ENTITY} }}", b=f"{ENTITY} x: Int @shareable }}", **unreachable)
    found = planned(supergraph, "{ t { x } }")
    assert [fetch.subgraph for fetch in found.fetches] == ["a", "b"]
    assert found.metrics.evaluations < 50


def test_a_web_of_requirements() -> None:
    def sdl(index: int) -> str:
        others = " ".join(f"r{other}" for other in range(index))
        externals = " ".join(f"r{other}: Int @external" for other in range(index))
        requires = f'@requires(fields: "{others}")' if others else ""
        return f"{ENTITY} {externals} r{index}: Int {requires} }}"

    supergraph = supergraph_of(
        a=f"type Query {{ t: T }} {ENTITY} }}", **{f"s{index}": sdl(index) for index in range(9)}
    )
    found = planned(supergraph, "{ t { r8 } }")
    assert (found.metrics.requests, found.metrics.stages) == (10, 10)
    assert found.metrics.evaluations < 50


STARVED = PlannerLimits(evaluations=0, evaluations_per_position=0)


def test_a_plan_is_found_without_any_comparison() -> None:
    found = planned(deep_entities(7), f"{{ root {all_of(LEAVES, ('left', 'right'), 7)} }}", STARVED)
    assert found.metrics.evaluations < 2_000


def test_pieces_of_a_value_are_put_together_without_any_comparison() -> None:
    sdls = {name: f"type Query {{ v: V @shareable }} type V @shareable {{ v: V {name}: Int }}" for name in "xyz"}
    found = planned(supergraph_of(**sdls), "{ v { x v { y v { z } } } }", STARVED)
    assert found.metrics.requests == 3


def test_what_is_too_large_even_for_a_first_answer_is_refused() -> None:
    supergraph = deep_entities(7)
    prepared = prepare(supergraph, f"{{ root {all_of(LEAVES, ('left', 'right'), 7)} }}")
    with pytest.raises(PlanningError, match="more than 100 evaluations") as caught:
        plan(supergraph, prepared, limits=PlannerLimits(evaluations=0, evaluations_in_all=100))
    assert caught.value.code == "QUERY_PLAN_COMPLEXITY_EXCEEDED"


def test_a_plan_does_not_depend_on_what_was_planned_before() -> None:
    operation = f"{{ root {all_of(LEAVES, ('left',), 4)} }}"
    used, fresh = deep_entities(7), deep_entities(7)
    planned(used, "{ root { right { f3 left { f5 } } } }")
    assert planned(used, operation).fetches == planned(fresh, operation).fetches
