"""Cross-origin requests."""

import pytest
from pydantic import ValidationError

from router.config.security import CorsPolicy
from router.errors import RateLimitedError
from router.policy.cors import Cors
from router.policy.pipeline import Pipeline
from router.policy.request import Request, Response
from tests.requests_in import answer_ok, request_in

APP = CorsPolicy(
    origins=("https://app.example.com",),
    methods=("GET", "POST", "OPTIONS"),
    allow_headers=("content-type", "authorization", "x-api-key"),
    expose_headers=("X-Request-ID",),
    allow_credentials=True,
    max_age=300.0,
)
ANYONE = CorsPolicy(origins=("*",))


async def run(*policies: CorsPolicy, method: str = "POST", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await Pipeline((Cors(policies),)).run(request_in(method=method, headers=named), answer_ok)


async def preflight(*policies: CorsPolicy, origin: str, headers: str = "content-type") -> Response:
    return await run(
        *policies,
        method="OPTIONS",
        origin=origin,
        access_control_request_method="POST",
        access_control_request_headers=headers,
    )


def cors_headers(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("Access-Control-")}


async def test_a_preflight_is_answered_with_exactly_what_is_allowed() -> None:
    response = await preflight(APP, origin="https://app.example.com")
    assert response.status == 204
    assert response.body == b""
    assert cors_headers(response) == {
        "Access-Control-Allow-Origin": "https://app.example.com",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": "content-type, authorization, x-api-key",
        "Access-Control-Max-Age": "300",
    }


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "https://app.example.com.evil.example", "http://app.example.com", "*"],
)
async def test_an_unknown_origin_gets_nothing(origin: str) -> None:
    before, after = await preflight(APP, origin=origin), await run(APP, origin=origin)
    assert (before.status, after.status) == (204, 200)
    assert cors_headers(before) == cors_headers(after) == {}


@pytest.mark.parametrize("origin", ["https://app.example.com", "https://evil.example", None])
async def test_answers_always_vary_by_origin(origin: str | None) -> None:
    response = await run(APP, **({"origin": origin} if origin else {}))
    assert response.headers["Vary"] == "Origin"


async def test_what_varies_already_still_does() -> None:
    async def handler(_request: Request) -> Response:
        response = Response(status=200)
        response.headers["Vary"] = "Accept"
        return response

    response = await Pipeline((Cors((APP,)),)).run(request_in(), handler)
    assert response.headers["Vary"] == "Accept, Origin"


async def test_an_ordinary_answer_says_who_may_read_what() -> None:
    assert cors_headers(await run(APP, origin="https://app.example.com")) == {
        "Access-Control-Allow-Origin": "https://app.example.com",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "X-Request-ID",
    }


async def test_a_refusal_can_be_read_by_the_page_that_caused_it() -> None:
    async def handler(_request: Request) -> Response:
        raise RateLimitedError

    request = request_in(headers={"origin": "https://app.example.com"})
    response = await Pipeline((Cors((APP,)),)).run(request, handler)
    assert response.status == 429
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example.com"


async def test_any_origin_is_answered_with_a_star_and_without_credentials() -> None:
    response = await preflight(ANYONE, origin="https://x.example", headers="x-one, x-two")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Allow-Headers"] == "x-one, x-two"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Access-Control-Request-Headers" in response.headers["Vary"]


async def test_the_first_policy_that_names_the_origin_decides() -> None:
    response = await run(APP, ANYONE, origin="https://app.example.com")
    assert response.headers["Access-Control-Allow-Credentials"] == "true"


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "https://app.example.com"}, {"access_control_request_method": "GET"}]
)
async def test_options_that_are_no_preflight_go_on(headers: dict[str, str]) -> None:
    assert (await run(APP, method="OPTIONS", **headers)).status == 200


async def test_without_policies_nobody_gets_anything() -> None:
    assert cors_headers(await preflight(origin="https://x.example")) == {}


def test_credentials_for_everyone_are_refused_in_the_configuration() -> None:
    with pytest.raises(ValidationError, match="named origins"):
        CorsPolicy(origins=("*",), allow_credentials=True)
