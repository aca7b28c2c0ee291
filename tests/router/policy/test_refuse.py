"""How refusals look at the two doors."""

import orjson
import pytest

from router.errors import InternalError, RateLimitedError, RequestError, TokenExpiredError, error_table
from router.policy.refuse import refuse
from tests.requests_in import request_in


def test_graphql_gets_an_error_with_a_code() -> None:
    request = request_in()
    request.id = "r1"
    response = refuse(request, TokenExpiredError())
    assert response.status == 401
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert orjson.loads(response.body) == {
        "errors": [{"message": "The token has expired.", "extensions": {"code": "TOKEN_EXPIRED", "request_id": "r1"}}]
    }


def test_graphql_clients_that_ask_for_the_newer_content_type_get_it() -> None:
    request = request_in(headers={"accept": "application/graphql-response+json, application/json;q=0.9"})
    response = refuse(request, TokenExpiredError())
    assert response.headers["Content-Type"] == "application/graphql-response+json; charset=utf-8"


def test_rest_gets_a_problem_document() -> None:
    request = request_in("rest")
    request.id = "r1"
    response = refuse(request, RateLimitedError("The rate limit x allows 1 in 60 s", retry_after_seconds=7))
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Retry-After"] == "7"
    assert orjson.loads(response.body) == {
        "type": "about:blank",
        "status": 429,
        "title": "The rate limit is reached.",
        "detail": "The rate limit x allows 1 in 60 s",
        "code": "RATE_LIMITED",
        "request_id": "r1",
    }


@pytest.mark.parametrize("door", ["graphql", "rest"])
def test_an_internal_error_shows_its_code_and_title_only(door: str) -> None:
    request = request_in("graphql" if door == "graphql" else "rest")
    response = refuse(request, InternalError("postgres://user:secret@db"))
    assert b"secret" not in response.body
    assert b"INTERNAL_SERVER_ERROR" in response.body


def test_the_table_of_codes_says_something_about_each() -> None:
    table = error_table()
    assert {"TOKEN_EXPIRED", "RATE_LIMITED", "MAX_DEPTH_LIMIT", "BAD_REQUEST"} <= {error.code for error in table}
    assert all(400 <= error.status < 600 and error.title.endswith(".") and error.__doc__ for error in table)
    assert len(set(table)) == len(table)
    assert all(issubclass(error, RequestError) for error in table)
