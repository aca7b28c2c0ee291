"""Routes that the gateway answers by itself."""

import orjson
import pytest
from pydantic import ValidationError

from router.config.rest import RestSection, RouteSection
from router.policy.pipeline import Pipeline
from router.policy.request import Request, Response
from router.rest import RestRoutes
from router.rest.errors import TerminatedError
from tests.rest_requests import SCHEMA, FakeStage, NoTrace, rest_request

RETIRED: dict[str, object] = {
    "status": 410,
    "message": "v0 was retired",
    "headers": {"Sunset": "Sat, 01 Nov 2025 00:00:00 GMT"},
}


def routes(terminate: dict[str, object], **more: object) -> RestRoutes:
    section = RouteSection.model_validate({"name": "legacy", "path": "/v0/{rest*}", "terminate": terminate, **more})
    return RestRoutes(_rest(section), schema=SCHEMA, run=FakeStage().run, trace=NoTrace(), proxy_timeout_seconds=1.0)


def _rest(route: RouteSection) -> RestSection:
    return RestSection(routes=(route,))


async def answered(request: Request, terminate: dict[str, object], **more: object) -> Response:
    match = routes(terminate, **more).match(request.method, request.path)
    assert match is not None
    return await Pipeline(()).run(request, match.handler)


async def test_the_configuration_says_status_and_headers() -> None:
    response = await answered(rest_request("GET", "/v0/anything"), RETIRED)
    assert response.status == 410
    assert response.headers["Sunset"] == "Sat, 01 Nov 2025 00:00:00 GMT"


async def test_an_error_is_a_problem_document_with_the_message() -> None:
    response = await answered(rest_request("GET", "/v0/x"), RETIRED)
    problem = orjson.loads(response.body)
    assert response.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["detail"], problem["code"]) == (410, "v0 was retired", TerminatedError.code)


async def test_a_redirect_is_no_error() -> None:
    response = await answered(rest_request("GET", "/v0/x"), {"status": 308, "headers": {"Location": "/v1"}})
    assert (response.status, response.headers["location"], response.error_codes) == (308, "/v1", ())


async def test_a_good_status_has_the_message_as_text() -> None:
    response = await answered(rest_request("GET", "/v0/x"), {"status": 200, "message": "nothing to do"})
    assert (response.body, response.headers["content-type"]) == (b"nothing to do", "text/plain; charset=utf-8")


async def test_no_content_has_no_content() -> None:
    response = await answered(rest_request("GET", "/v0/x"), {"status": 204, "message": "nothing"})
    assert response.body == b""


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH"])
async def test_every_method_is_answered_unless_some_are_named(method: str) -> None:
    assert (await answered(rest_request(method, "/v0/x"), RETIRED)).status == 410


async def test_methods_that_are_not_named_are_not_allowed() -> None:
    assert (await answered(rest_request("POST", "/v0/x"), RETIRED, method="GET")).status == 405


@pytest.mark.parametrize("more", [{"upstream": "http://service"}, {"operation": "o.graphql"}, {"strip_prefix": "/v0"}])
def test_nobody_stands_behind_such_a_route(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"exactly one of|cannot stand"):
        routes(RETIRED, **more)


@pytest.mark.parametrize("status", [101, 600])
def test_a_status_that_is_no_answer_is_refused(status: int) -> None:
    with pytest.raises(ValidationError):
        routes({"status": status})
