"""Two subgraphs that answer a shared field with values that do not fit together."""

import json

import pytest

from router.executor import FetchAnswer, FetchRequest, PlanRun, compile_program, run_sync
from supergraph import plan, prepare
from tests.supergraph.graphs import supergraph_of


@pytest.mark.parametrize("wrong", [7, "text", True])
@pytest.mark.parametrize("late", ["a", "b"])
def test_what_is_lost_is_told_once(wrong: object, late: str) -> None:
    supergraph = supergraph_of(
        a="type Query { p: P @shareable } type P { id: ID @shareable x: Int }",
        b="type Query { p: P @shareable } type P { id: ID @shareable y: Int }",
    )
    operation = prepare(supergraph, "{ p { x y } }")
    run = PlanRun(compile_program(supergraph, operation, plan(supergraph, operation)), {})

    def send(request: FetchRequest) -> FetchAnswer:
        data = {"p": {"x": 1} if request.fetch.subgraph == "a" else wrong}
        return FetchAnswer(200, "application/json", json.dumps({"data": data}).encode())

    result = run_sync(run, send, choose=lambda count: count - 1 if late == "a" else 0)
    assert json.loads(result.data) == {"p": {"x": 1, "y": None}}
    assert [error["extensions"]["code"] for error in result.errors] == ["SUBREQUEST_MALFORMED_RESPONSE"]  # type: ignore[index]  # JSON


@pytest.mark.parametrize(("first", "second"), [([{"x": 1}], [{"y": 1}, {"y": 2}]), ([], [{"y": 1}])])
def test_lists_of_different_length_are_told(first: object, second: object) -> None:
    supergraph = supergraph_of(
        a="type Query { all: [P] @shareable } type P { id: ID @shareable x: Int }",
        b="type Query { all: [P] @shareable } type P { id: ID @shareable y: Int }",
    )
    operation = prepare(supergraph, "{ all { x y } }")
    run = PlanRun(compile_program(supergraph, operation, plan(supergraph, operation)), {})

    def send(request: FetchRequest) -> FetchAnswer:
        data = {"all": first if request.fetch.subgraph == "a" else second}
        return FetchAnswer(200, "application/json", json.dumps({"data": data}).encode())

    codes = [error["extensions"]["code"] for error in run_sync(run, send).errors]  # type: ignore[index]  # JSON
    assert codes == ["SUBREQUEST_MALFORMED_RESPONSE"]
