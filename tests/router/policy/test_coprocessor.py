"""A service that is told of requests and answers."""

from collections.abc import Callable

import orjson
import pytest

from router.config.coprocessor import CoprocessorSection
from router.executor.outcome import FetchAnswer, FetchFailure
from router.policy.coprocessor import Coprocessor
from router.policy.hooks import Hooks
from router.policy.pipeline import Pipeline
from router.policy.request import Request, Response
from router.policy.subgraph_call import SubgraphCall
from tests.requests_in import request_in

Message = dict[str, object]


class Service:
    """Keeps what it is told, and answers with what a test says."""

    def __init__(self, change: Callable[[Message], object] = lambda message: message) -> None:
        self.told: list[Message] = []
        self.change = change

    async def post(self, _url: str, body: bytes, _seconds: float) -> bytes:
        message = orjson.loads(body)
        self.told.append(message)
        answer = self.change(message)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else orjson.dumps(answer)


def pipeline(service: Service, **stages: object) -> Pipeline:
    section = CoprocessorSection.model_validate({"url": "http://beside.test", **stages})
    return Pipeline((Coprocessor(section, service.post),))


async def echo(request: Request) -> Response:
    """What stands behind: the request's body and one of its headers."""
    body = request.body + request.headers.get("x-added", "").encode()
    return Response(status=200, body=body)


REQUEST: dict[str, object] = {
    "router": {"request": {"headers": True, "body": True, "context": True, "path": True, "method": True}}
}
CALL = SubgraphCall(subgraph="users", kind="query", operation="{ me }", body=b'{"query":"{ me }"}')


async def test_it_is_told_what_the_configuration_names() -> None:
    service = Service()
    request = request_in(headers={"X-A": "1"}, body=b"{}")
    request.id = "r1"
    await pipeline(service, **REQUEST).run(request, echo)
    assert service.told == [
        {
            "version": 1, "stage": "RouterRequest", "control": "continue", "id": "r1", "context": {"entries": {}},
            "headers": {"x-a": ["1"]}, "body": "{}", "path": "/graphql", "method": "POST",
        }
    ]  # fmt: skip


async def test_it_is_told_nothing_that_is_not_named() -> None:
    service = Service()
    await pipeline(service, router={"request": {}}).run(request_in(headers={"authorization": "secret"}), echo)
    assert set(service.told[0]) == {"version", "stage", "control", "id"}


async def test_it_may_change_headers_and_body() -> None:
    service = Service(lambda message: {**message, "headers": {"x-added": ["new"]}, "body": "body "})
    response = await pipeline(service, **REQUEST).run(request_in(), echo)
    assert response.body == b"body new"


async def test_it_may_end_a_request() -> None:
    broken = {
        "version": 1,
        "control": {"break": 403},
        "body": {"errors": [{"message": "no"}]},
        "headers": {"x-a": ["1"]},
    }
    response = await pipeline(Service(lambda _: broken), **REQUEST).run(request_in(), echo)
    assert (response.status, orjson.loads(response.body)) == (403, {"errors": [{"message": "no"}]})
    assert response.headers["x-a"] == "1"


@pytest.mark.parametrize("answer", [OSError("refused"), TimeoutError(), b"no json", [], {"version": 2}])
async def test_a_service_that_fails_lets_nothing_pass(answer: object) -> None:
    response = await pipeline(Service(lambda _: answer), **REQUEST).run(request_in(), echo)
    assert (response.status, response.error_codes) == (503, ("COPROCESSOR_UNAVAILABLE",))


async def test_it_may_change_the_answer() -> None:
    service = Service(lambda message: {**message, "statusCode": 201, "body": "changed", "headers": {"x-b": "2"}})
    stages = {"router": {"response": {"headers": True, "body": True, "status_code": True}}}
    response = await pipeline(service, **stages).run(request_in(), echo)
    assert (response.status, response.body, response.headers["x-b"]) == (201, b"changed", "2")


async def test_what_it_remembers_comes_back_to_it() -> None:
    service = Service(lambda message: {**message, "context": {"entries": {"seen": 1}}})
    stages = {"router": {"request": {"context": "all"}, "response": {"context": "all"}}}
    await pipeline(service, **stages).run(request_in(), echo)
    assert [each["context"] for each in service.told] == [{"entries": {}}, {"entries": {"seen": 1}}]


async def test_it_may_change_what_a_subgraph_is_asked() -> None:
    service = Service(lambda message: {**message, "headers": {"x-t": ["a"]}, "body": {"query": "{ you }"}})
    stages = {"subgraph": {"all": {"request": {"headers": True, "body": True, "service_name": True}}}}
    call = SubgraphCall(subgraph="users", kind="query", operation="{ me }", body=CALL.body)
    assert await Hooks(pipeline(service, **stages)).before_call(request_in(), call) is None
    assert (call.body, dict(call.headers)) == (b'{"query":"{ you }"}', {"x-t": "a"})
    assert service.told[0]["serviceName"] == "users"


async def test_it_may_answer_for_a_subgraph() -> None:
    service = Service(lambda _: {"version": 1, "control": {"break": 200}, "body": {"data": {"me": None}}})
    outcome = await Hooks(pipeline(service, subgraph={"all": {"request": {}}})).before_call(request_in(), CALL)
    assert outcome == FetchAnswer(200, "application/json", b'{"data":{"me":null}}')


async def test_it_may_change_what_a_subgraph_answered() -> None:
    service = Service(lambda message: {**message, "body": {"data": 2}})
    hooks = Hooks(pipeline(service, subgraph={"all": {"response": {"body": True, "status_code": True}}}))
    outcome = FetchAnswer(200, "application/json", b'{"data":1}')
    assert await hooks.after_call(request_in(), CALL, outcome) == FetchAnswer(200, "application/json", b'{"data":2}')
    assert service.told[0]["body"] == {"data": 1}


async def test_it_is_not_told_of_a_subgraph_that_did_not_answer() -> None:
    service = Service()
    failure = FetchFailure("GATEWAY_TIMEOUT", "late")
    hooks = Hooks(pipeline(service, subgraph={"all": {"response": {"body": True}}}))
    assert await hooks.after_call(request_in(), CALL, failure) is failure
    assert service.told == []
