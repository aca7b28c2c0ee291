"""The search against an enumeration of everything, on random graphs that are small enough for it."""

from collections import Counter

import pytest

from supergraph import Subgraph, Supergraph, compose, prepare, read_supergraph
from supergraph.operation.model import SelectionSet
from supergraph.planner.roots import remote_selection
from supergraph.planner.search import Search
from tests.supergraph.graphs import plan_of, supergraph_of
from tests.supergraph.planner.brute_force import BruteForce, TooLargeError
from tests.supergraph.planner.small_graphs import random_operation, small_graph

OPERATIONS_PER_GRAPH = 4


def compare(supergraph: Supergraph, selection: SelectionSet) -> str:
    """How the search does against the enumeration: ``equal`` and ``unanswerable`` are good."""
    graph = supergraph.query_graphs.under(frozenset())
    search = Search(graph)
    found = search.solve(selection, ())
    try:
        best = BruteForce(graph).best_price(selection)
    except TooLargeError:
        return "too large"
    if found.solved < search.leaves(selection):
        return "unanswerable" if best is None else f"not found: {best}"
    if best is None:
        return f"should not be possible: {found.cost}"
    return "equal" if found.cost[:2] == best else f"worse: {found.cost[:2]} instead of {best}"


def run_trials(seed: int) -> Counter[str]:
    """The verdicts on some operations over one random supergraph."""
    subgraphs = [Subgraph(name, f"http://{name}", sdl) for name, sdl in small_graph(seed).items()]
    composition = compose(subgraphs, satisfiability=False)
    verdicts: Counter[str] = Counter()
    if composition.sdl is None:
        verdicts["does not compose"] = OPERATIONS_PER_GRAPH
        return verdicts
    supergraph = read_supergraph(composition.sdl)
    for index in range(OPERATIONS_PER_GRAPH):
        operation = random_operation(supergraph.schema, seed * 10 + index)
        selection = remote_selection(prepare(supergraph, operation))
        verdict = compare(supergraph, selection)
        good = verdict in {"equal", "unanswerable", "too large"}
        verdicts[verdict if good else f"seed {seed}, {operation}: {verdict}"] += 1
    return verdicts


def test_no_plan_is_worse_than_the_best_there_is(request: pytest.FixtureRequest) -> None:
    budget: int = request.config.getoption("--brute-force-budget")
    verdicts: Counter[str] = Counter()
    for seed in range(budget // OPERATIONS_PER_GRAPH):
        verdicts += run_trials(seed)
    assert set(verdicts) <= {"equal", "unanswerable", "too large", "does not compose"}
    assert verdicts["equal"] > budget * 0.6


def test_types_at_one_place_agree_on_a_subgraph() -> None:
    # Both a and b could tell the name of either type. But b must be asked for B.z anyway.
    query_plan = plan_of(
        "{ node { name ... on B { z } } }",
        q="""type Query { node: Node } interface Node { id: ID! }
             type A implements Node @key(fields: "id") { id: ID! }
             type B implements Node @key(fields: "id") { id: ID! }""",
        a="""interface Node { name: String }
             type A implements Node @key(fields: "id") { id: ID! name: String @shareable }
             type B implements Node @key(fields: "id") { id: ID! name: String @shareable }""",
        b="""interface Node { name: String }
             type A implements Node @key(fields: "id") { id: ID! name: String @shareable }
             type B implements Node @key(fields: "id") { id: ID! name: String @shareable z: Int }""",
    )
    assert [fetch.subgraph for fetch in query_plan.fetches] == ["q", "b"]


def test_the_enumeration_prices_a_plan_as_a_person_would() -> None:
    supergraph = supergraph_of(
        a='type Query { t: T } type T @key(fields: "id") { id: ID! }',
        b='type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }',
        c='type T @key(fields: "id") { id: ID! x: Int }',
    )
    selection = remote_selection(prepare(supergraph, "{ t { y } }"))
    graph = supergraph.query_graphs.under(frozenset())
    assert BruteForce(graph).best_price(selection) == (0 + 1 + 2, 3)
