"""What the caller may not see is not fetched for deferred parts either."""

import json

import pytest

from router.executor.program import compile_program
from router.executor.run import PlanRun
from router.executor.schedule import run_deferred_sync, run_sync
from router.graphql.authorization import left_out
from supergraph import Subgraph, compose, plan, prepare, read_supergraph
from supergraph.operation.authorization import Authorization
from supergraph.operation.select import with_deferred_parts
from tests.router.executor.executing import FakeSubgraphs, data

SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])
type Query { me: User }
type User @key(fields: "id") {
  id: ID! name: String salary: Int @authenticated email: String! @authenticated friend: User
}
"""
COMPOSED = compose([Subgraph("users", "http://users", SDL)])
assert COMPOSED.sdl is not None, COMPOSED.errors
GRAPH = read_supergraph(COMPOSED.sdl)


@pytest.mark.parametrize(
    ("deferred", "asked", "delivered"),
    [
        ("salary", 1, [{"salary": None}]),
        ("email", 1, [None]),
        ("friend { name salary }", 2, [{"friend": {"name": "Bob", "salary": None}}]),
        ("... @defer { salary }", 1, [{}, {"salary": None}]),
    ],
)
def test_protected_fields_are_null_and_nobody_is_asked_for_them(
    deferred: str, asked: int, delivered: list[object]
) -> None:
    operation = with_deferred_parts(GRAPH, prepare(GRAPH, f"{{ me {{ name ... @defer {{ {deferred} }} }} }}"))
    filtered = Authorization(GRAPH.schema, GRAPH.features).filter(operation, lambda _: False)
    query_plan = plan(GRAPH, filtered.operation)
    program = compile_program(GRAPH, operation, query_plan, left_out=left_out(filtered.denied))
    subgraphs = FakeSubgraphs(
        {0: data(me={"id": "1", "name": "Ada"}), 1: data(_entities=[{"friend": {"id": "2", "name": "Bob"}}])}
    )
    run = PlanRun(program, {})

    first = run_sync(run, subgraphs)
    later = [each for increments in run_deferred_sync(run, subgraphs) for each in increments]

    assert json.loads(first.data) == {"me": {"name": "Ada"}}
    assert [json.loads(each.data) for each in later] == delivered
    assert [error for each in later for error in each.errors] == []
    assert len(subgraphs.asked) == asked
    assert not any(word in str(subgraphs.asked) for word in ("salary", "email"))
