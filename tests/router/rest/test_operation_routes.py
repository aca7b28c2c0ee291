"""Routes that run operations: loading and answering."""

from pathlib import Path

import orjson
import pytest

from router.config.problems import ConfigError
from router.config.rest import RestSection
from router.errors import BadGatewayError, GatewayTimeoutError, NotAcceptableError, NotFoundError, RequestError
from router.executor.outcome import with_only
from router.graphql.result import ErrorObject, GraphqlResult
from router.policy.request import Request, Response
from router.rest import RestRoutes
from router.rest.errors import BadParameterError, OperationRefusedError
from tests.rest_requests import SCHEMA, FakeStage, NoTrace, rest_request

ORDER = "query Order($id: ID!) { order(id: $id) { id total } }"
SUBGRAPH_DOWN: ErrorObject = {
    "message": "Subgraph orders cannot be reached.",
    "path": ["order"],
    "extensions": {"code": "SUBREQUEST_HTTP_ERROR"},
}
TIMED_OUT: ErrorObject = {"message": "late", "path": ["order"], "extensions": {"code": "GATEWAY_TIMEOUT"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def routes_with(folder: Path, document: str, stage: FakeStage | None = None, **route: object) -> RestRoutes:
    """One route called ``route`` that runs ``document``."""
    file = folder / "route.graphql"
    file.write_text(document)
    section = RestSection.model_validate(
        {"routes": [{"name": "route", "path": "/orders/{id}", "operation": str(file), **route}]}
    )
    return RestRoutes(
        section, schema=SCHEMA, run=(stage or FakeStage()).run, trace=NoTrace(), proxy_timeout_seconds=1.0
    )


async def answer(routes: RestRoutes, request: Request) -> Response:
    match = routes.match(request.method, request.path)
    assert match is not None
    return await match.handler(request)


async def answer_with(folder: Path, result: GraphqlResult, **route: object) -> Response:
    """The answer to ``GET /orders/1`` if the operation comes to ``result``."""
    return await answer(routes_with(folder, ORDER, FakeStage(result), **route), rest_request(target="/orders/1"))


def load_problem(folder: Path, document: str, **route: object) -> str:
    with pytest.raises(ConfigError) as refused:
        routes_with(folder, document, None, **route)
    return "\n".join(str(problem) for problem in refused.value.problems).replace(str(folder), "")


# Answering


async def test_the_members_of_data_are_the_members_of_the_answer(folder: Path) -> None:
    response = await answer_with(folder, GraphqlResult(only_data=with_only(b'{"order":{"id":"1"}}')))
    assert (response.status, response.body) == (200, b'{"order":{"id":"1"}}')
    assert response.headers["content-type"] == "application/json"


async def test_the_operation_runs_with_the_routes_values(folder: Path) -> None:
    stage = FakeStage()
    await answer(routes_with(folder, ORDER, stage), rest_request(target="/orders/a%2Fb"))
    assert stage.asked == [(ORDER, "Order", {"id": "a/b"})]


async def test_path_query_and_body_come_together(folder: Path) -> None:
    document = """query ($id: ID!, $first: Int, $like: NewOrder) {
        order(id: $id) { id } orders(first: $first, like: $like) { id }
    }"""
    stage = FakeStage()
    routes = routes_with(folder, document, stage, method="POST", body="like")
    await answer(routes, rest_request("POST", "/orders/1?first=2", json={"lines": []}))
    assert stage.asked[0][2] == {"id": "1", "first": 2, "like": {"lines": []}}


async def test_wrong_values_are_refused_before_anything_runs(folder: Path) -> None:
    stage = FakeStage()
    routes = routes_with(folder, "query ($id: ID!, $n: Int!) { orders(first: $n, after: $id) { id } }", stage)
    with pytest.raises(BadParameterError, match='"n"'):
        await answer(routes, rest_request(target="/orders/1?n=x"))
    assert stage.asked == []


async def test_a_route_has_a_status_of_its_own_for_success(folder: Path) -> None:
    document = "mutation ($input: NewOrder!) { createOrder(input: $input) { id } }"
    stage = FakeStage(GraphqlResult(only_data=with_only(b"{}")))
    routes = routes_with(folder, document, stage, path="/orders", method="POST", body="input", success_status=201)
    assert (await answer(routes, rest_request("POST", "/orders", json={"lines": []}))).status == 201


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "application/json",
        "text/html, */*;q=0.1",
        "application/*",
        "text/html, application/json; q=0.5",
        "*/*;q=0.0, application/json",
    ],
)
async def test_a_client_that_accepts_json_is_answered(folder: Path, accept: str) -> None:
    request = rest_request("GET", "/orders/1", ("Accept", accept))
    assert (await answer(routes_with(folder, ORDER), request)).status == 200


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "application/json;q=0, */*", "*/*;q=0"])
async def test_a_client_that_does_not_accept_json_is_refused(folder: Path, accept: str) -> None:
    with pytest.raises(NotAcceptableError):
        await answer(routes_with(folder, ORDER), rest_request("GET", "/orders/1", ("Accept", accept)))


async def test_failures_stand_beside_what_is_left(folder: Path) -> None:
    response = await answer_with(folder, GraphqlResult(only_data=with_only(b'{"order":null}'), errors=(SUBGRAPH_DOWN,)))
    assert response.status == 200
    assert orjson.loads(response.body) == {"order": None, "errors": [SUBGRAPH_DOWN]}
    assert response.error_codes == ("SUBREQUEST_HTTP_ERROR",)


async def test_failures_may_stand_alone_in_the_object(folder: Path) -> None:
    response = await answer_with(folder, GraphqlResult(only_data=with_only(b"{}"), errors=(SUBGRAPH_DOWN,)))
    assert orjson.loads(response.body) == {"errors": [SUBGRAPH_DOWN]}


async def test_a_partial_answer_does_not_have_the_status_of_success(folder: Path) -> None:
    result = GraphqlResult(only_data=with_only(b'{"order":null}'), errors=(SUBGRAPH_DOWN,))
    assert (await answer_with(folder, result, success_status=202)).status == 200


@pytest.mark.parametrize(
    ("data", "errors", "on_partial", "expected"),
    [
        (b'{"order":null}', (SUBGRAPH_DOWN,), "fail", BadGatewayError),
        (b'{"order":null}', (TIMED_OUT,), "fail", GatewayTimeoutError),
        (b'{"order":null}', (TIMED_OUT, SUBGRAPH_DOWN), "fail", BadGatewayError),
        (b"null", (SUBGRAPH_DOWN,), "allow", BadGatewayError),
        (b"null", (TIMED_OUT,), "allow", GatewayTimeoutError),
    ],
    ids=["failed", "timed out", "both", "nothing left", "nothing left in time"],
)
async def test_a_failure_can_be_the_whole_answer(
    folder: Path, data: bytes, errors: tuple[ErrorObject, ...], on_partial: str, expected: type[RequestError]
) -> None:
    with pytest.raises(expected):
        await answer_with(folder, GraphqlResult(only_data=with_only(data), errors=errors), on_partial=on_partial)


async def test_an_operation_that_is_refused_keeps_its_code(folder: Path) -> None:
    error: ErrorObject = {"message": "no", "extensions": {"code": "SOME_LIMIT"}}
    with pytest.raises(OperationRefusedError) as refused:
        await answer_with(folder, GraphqlResult(only_data=None, errors=(error,), status=400))
    assert (refused.value.status, refused.value.code) == (400, "SOME_LIMIT")


async def test_a_null_member_can_mean_not_found(folder: Path) -> None:
    with pytest.raises(NotFoundError):
        await answer_with(folder, GraphqlResult(only_data=with_only(b'{"order":null}')), not_found_when="order")


async def test_a_member_below_can_mean_not_found(folder: Path) -> None:
    with pytest.raises(NotFoundError):
        await answer_with(
            folder, GraphqlResult(only_data=with_only(b'{"order":{"total":null}}')), not_found_when="order.total"
        )


async def test_a_member_that_is_there_is_found(folder: Path) -> None:
    response = await answer_with(
        folder, GraphqlResult(only_data=with_only(b'{"order":{"id":"1"}}')), not_found_when="order"
    )
    assert response.status == 200


async def test_members_of_a_list_are_not_looked_for(folder: Path) -> None:
    document = "query ($id: ID!) { orders(after: $id) { total } }"
    stage = FakeStage(GraphqlResult(only_data=with_only(b'{"orders":[]}')))
    routes = routes_with(folder, document, stage, not_found_when="orders.total")
    assert (await answer(routes, rest_request(target="/orders/1"))).status == 200


async def test_a_member_that_failed_is_not_said_to_be_absent(folder: Path) -> None:
    result = GraphqlResult(only_data=with_only(b'{"order":null}'), errors=(SUBGRAPH_DOWN,))
    assert (await answer_with(folder, result, not_found_when="order")).status == 200


async def test_a_failure_elsewhere_does_not_hide_that_nothing_was_found(folder: Path) -> None:
    elsewhere: ErrorObject = {**SUBGRAPH_DOWN, "path": ["orders"]}
    with pytest.raises(NotFoundError):
        await answer_with(
            folder, GraphqlResult(only_data=with_only(b'{"order":null}'), errors=(elsewhere,)), not_found_when="order"
        )


# Loading


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("query {", "/route.graphql:1:8: route route: Syntax Error: Expected Name, found <EOF>."),
        ("{ nope }", "/route.graphql:1:3: route route: Cannot query field 'nope' on type 'Query'."),
        ("fragment F on Order { id }", "/route.graphql: route route: must hold one operation, not 0"),
        ("query A { count } query B { count }", "/route.graphql: route route: must hold one operation, not 2"),
        ("{ count }", "the path has {id}, but the operation has no variable $id"),
        ("query ($id: Nope!) { order(id: $id) { id } }", "Unknown type 'Nope'"),
        ("query ($id: ID!) { errors: order(id: $id) { id } }", "give the field of that name another alias"),
        ("subscription { changed { id } }", "a subscription cannot answer a REST request"),
    ],
)
def test_an_operation_that_cannot_answer_is_refused_at_load(folder: Path, document: str, problem: str) -> None:
    assert problem in load_problem(folder, document)


def test_a_missing_file_is_refused_at_load(folder: Path) -> None:
    problem = load_problem(folder, ORDER, operation=str(folder / "none.graphql"))
    assert problem == "/none.graphql: route route: cannot be read: No such file or directory"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_mutation_on_a_safe_method_is_refused_at_load(folder: Path, method: str) -> None:
    document = "mutation { createOrder(input: {lines: []}) { id } }"
    problem = load_problem(folder, document, path="/orders", method=method)
    assert f"a mutation must not be run by {method}" in problem


def test_a_body_without_variable_is_refused_at_load(folder: Path) -> None:
    assert "the operation has no variable $input" in load_problem(folder, ORDER, method="POST", body="input")


def test_a_variable_has_one_source(folder: Path) -> None:
    assert "$id is in the path and is the body too" in load_problem(folder, ORDER, method="POST", body="id")


@pytest.mark.parametrize("member", ["nope", "order.nope", "order.id.nope"])
def test_not_found_when_must_name_a_member(folder: Path, member: str) -> None:
    problem = load_problem(folder, ORDER, not_found_when=member)
    assert f"not_found_when is {member}, but the operation does not ask for nope" in problem


def test_not_found_when_may_name_a_member_of_a_fragment(folder: Path) -> None:
    document = """query ($id: ID!) { ...Q ... on Query { mine: order(id: $id) { id } } }
        fragment Q on Query { mine: order(id: $id) { total } }"""
    assert routes_with(folder, document, None, not_found_when="mine.total").match("GET", "/orders/1") is not None
