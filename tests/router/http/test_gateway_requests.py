"""What clients may get wrong, over real sockets."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable
from urllib.parse import quote

import orjson
import pytest
import pytest_asyncio

from tests.live_gateway import LiveGateway, live_gateway


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveGateway]:
    async with live_gateway(tmp_path_factory.mktemp("gateway")) as live:
        yield live


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def refusal(gateway: LiveGateway, body: object, **headers: str) -> tuple[int, str]:
    async with gateway.post(body, **headers) as response:
        answer = orjson.loads(await response.read())
        assert "data" not in answer
        assert answer["errors"][0]["extensions"]["request_id"] == response.headers["x-request-id"]
        return response.status, answer["errors"][0]["extensions"]["code"]


async def test_an_operation_over_two_subgraphs_is_answered(gateway: LiveGateway) -> None:
    assert await gateway.ask("{ me { name reviews } }") == {"data": {"me": {"name": "Ada", "reviews": ["good"]}}}


async def test_a_query_by_get_is_answered(gateway: LiveGateway) -> None:
    url = f"{gateway.url}/graphql?query={quote('query A { me { name } } query B { me { id } }')}&operationName=A"
    async with gateway.session.get(url, headers={"apollo-require-preflight": "1"}) as response:
        assert (response.status, await response.json()) == (200, {"data": {"me": {"name": "Ada"}}})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(b"{", 400, "INVALID_JSON", id="json that cannot be parsed"),
        pytest.param(b"", 400, "INVALID_JSON", id="no body"),
        pytest.param(b'"{me{id}}"', 400, "BAD_REQUEST", id="a body that is not an object"),
        pytest.param(b"[]", 400, "BATCHING_NOT_ENABLED", id="a batch"),
        pytest.param({}, 400, "BAD_REQUEST", id="no query"),
        pytest.param({"query": "{me{id}}", "variables": []}, 400, "BAD_REQUEST", id="variables of the wrong type"),
        pytest.param({"query": "{"}, 400, "GRAPHQL_PARSE_FAILED", id="syntax error"),
        pytest.param({"query": "#"}, 400, "GRAPHQL_PARSE_FAILED", id="nothing but a comment"),
        pytest.param({"query": "{ nope }"}, 400, "GRAPHQL_VALIDATION_FAILED", id="unknown field"),
        pytest.param(
            {"query": "{me{id}}", "operationName": "A"}, 400, "GRAPHQL_UNKNOWN_OPERATION_NAME", id="unknown operation"
        ),
        pytest.param(
            {"query": "query A{me{id}} query B{me{id}}"}, 400, "GRAPHQL_UNKNOWN_OPERATION_NAME", id="no operation named"
        ),
        pytest.param({"query": "{me" * 5000 + "}" * 5000}, 400, "GRAPHQL_PARSE_FAILED", id="5,000 levels"),
        pytest.param({"query": "{a(b:" + "[" * 5000}, 400, "GRAPHQL_PARSE_FAILED", id="5,000 lists"),
        pytest.param({"query": "{me{id}} #" + "x" * 10_000_000}, 413, "REQUEST_TOO_LARGE", id="10 MB"),
        pytest.param(
            {"query": "query($n: Int!) { users(first: $n) { id } }", "variables": {"n": "x"}},
            400,
            "GRAPHQL_VALIDATION_FAILED",
            id="a variable of the wrong type",
        ),
        pytest.param(
            {"query": "query($n: Int!) { users(first: $n) { id } }"},
            400,
            "GRAPHQL_VALIDATION_FAILED",
            id="a variable that is missing",
        ),
        pytest.param({"query": "{ __schema { queryType { name } } }"}, 400, "INTROSPECTION_DISABLED", id="schema"),
        pytest.param(
            {"query": "subscription { renamed { id } }"}, 400, "SUBSCRIPTION_NOT_SUPPORTED", id="subscription"
        ),
    ],
)
async def test_a_bad_request_is_refused(gateway: LiveGateway, body: object, status: int, code: str) -> None:
    assert await refusal(gateway, body) == (status, code)


async def test_the_wrong_variable_is_named(gateway: LiveGateway) -> None:
    body = {"query": "query($n: Int!) { users(first: $n) { id } }", "variables": {"n": "x"}}
    async with gateway.post(body) as response:
        assert "'$n'" in (await response.json())["errors"][0]["message"]


async def test_a_compressed_body_is_measured_unpacked(gateway: LiveGateway) -> None:
    body = gzip.compress(b'{"query": "{me{id}} #' + b"x" * 10_000_000 + b'"}')
    assert await refusal(gateway, body, content_encoding="gzip") == (413, "REQUEST_TOO_LARGE")


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress)],
)
async def test_a_compressed_request_is_answered(
    gateway: LiveGateway, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    async with gateway.post(pack(b'{"query": "{ me { name } }"}'), content_encoding=coding) as response:
        assert await response.json() == {"data": {"me": {"name": "Ada"}}}


@pytest.mark.parametrize(
    "body", [b"not gzip", gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"more"], ids=["text", "cut off", "more"]
)
async def test_a_body_that_is_not_what_its_encoding_says_is_refused(gateway: LiveGateway, body: bytes) -> None:
    assert await refusal(gateway, body, content_encoding="gzip") == (400, "BAD_REQUEST")


async def test_an_unknown_content_encoding_is_refused_with_those_that_are_known(gateway: LiveGateway) -> None:
    async with gateway.post(b"{}", content_encoding="zstd") as response:
        assert (response.status, response.headers["accept-encoding"]) == (415, "gzip, deflate")


@pytest.mark.parametrize("content_type", ["application/xml", "application/json; charset=utf-16"])
async def test_another_content_type_is_refused(gateway: LiveGateway, content_type: str) -> None:
    answer = await refusal(gateway, b"{}", content_type=content_type)
    assert answer == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_form_is_refused_as_a_possible_forgery(gateway: LiveGateway) -> None:
    form = "application/x-www-form-urlencoded"
    answer = await refusal(gateway, b"query=x", content_type=form, origin="https://elsewhere.example")
    assert answer == (400, "CSRF_ERROR")


async def test_a_plain_get_without_any_mark_of_a_browser_is_answered(gateway: LiveGateway) -> None:
    async with gateway.session.get(f"{gateway.url}/graphql?query={quote('{ me { name } }')}") as response:
        assert await response.json() == {"data": {"me": {"name": "Ada"}}}


async def test_a_mutation_by_a_plain_get_is_not_allowed(gateway: LiveGateway) -> None:
    mutation = quote('mutation { rename(name: "x") { id } }')
    async with gateway.session.get(f"{gateway.url}/graphql?query={mutation}") as response:
        assert (response.status, response.headers["allow"]) == (405, "POST")


async def test_a_content_type_that_nobody_can_read_is_not_acceptable(gateway: LiveGateway) -> None:
    assert await refusal(gateway, {"query": "{me{id}}"}, accept="text/html") == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json; charset=utf-8"),
        ("application/graphql-response+json", "application/graphql-response+json; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("query", ["{ me { id } }", "{ nope }"])
async def test_answers_and_refusals_have_the_accepted_type(
    gateway: LiveGateway, accept: str, content_type: str, query: str
) -> None:
    async with gateway.post({"query": query}, accept=accept) as response:
        assert response.headers["content-type"] == content_type


async def test_a_mutation_by_get_is_not_allowed(gateway: LiveGateway) -> None:
    mutation = quote('mutation { rename(name: "x") { id } }')
    url = f"{gateway.url}/graphql?query={mutation}"
    async with gateway.session.get(url, headers={"apollo-require-preflight": "1"}) as response:
        answer = await response.json()
    assert (response.status, response.headers["allow"]) == (405, "POST")
    assert answer["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"
    assert not any("rename" in str(request["query"]) for request in gateway.users.asked)


async def test_a_mutation_by_post_is_run(gateway: LiveGateway) -> None:
    assert await gateway.ask('mutation { rename(name: "x") { name } }') == {"data": {"rename": {"name": "Ada"}}}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_another_method_is_not_allowed(gateway: LiveGateway, method: str) -> None:
    headers = {"apollo-require-preflight": "1"}
    async with gateway.session.request(method, f"{gateway.url}/graphql", headers=headers) as response:
        assert (response.status, response.headers["allow"]) == (405, "GET, OPTIONS, POST")


async def test_a_path_that_is_not_there_is_told_as_a_problem(gateway: LiveGateway) -> None:
    async with gateway.session.get(f"{gateway.url}/nowhere") as response:
        problem = orjson.loads(await response.read())
    assert (response.status, response.headers["content-type"]) == (404, "application/problem+json")
    assert (problem["code"], problem["request_id"]) == ("NOT_FOUND", response.headers["x-request-id"])


async def test_without_introspection_no_name_of_the_schema_is_suggested(gateway: LiveGateway) -> None:
    answer = await gateway.ask("{ me { nam } }")
    assert "Did you mean" not in str(answer)


async def test_the_plan_is_not_shown_unless_configured(gateway: LiveGateway) -> None:
    answer = await gateway.ask("{ me { id } }", apollo_expose_query_plan="true")
    assert "extensions" not in answer


@pytest.mark.parametrize(
    "path", ["/health", "/health?ready", "/health?live", "/health/live", "/health/ready", "/readiness"]
)
async def test_every_spelling_of_the_health_check_is_answered(gateway: LiveGateway, path: str) -> None:
    async with gateway.session.get(gateway.url + path) as response:
        assert (response.status, await response.json()) == (200, {"status": "UP"})


async def test_the_metrics_are_on_the_main_address(gateway: LiveGateway) -> None:
    await gateway.ask("{ me { id } }")
    async with gateway.session.get(f"{gateway.url}/metrics") as response:
        text = await response.text()
    assert 'api_requests_total{consumer="",method="POST",route="/graphql",status_code="200"}' in text


async def send_raw(gateway: LiveGateway, text: bytes) -> bytes:
    host, _, port = gateway.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(text)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_what_is_not_http_is_refused_in_json(gateway: LiveGateway) -> None:
    head, _, body = (await send_raw(gateway, b"nonsense\r\n\r\n")).partition(b"\r\n\r\n")
    assert head.split()[1] == b"400"
    assert orjson.loads(body)["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_an_absolute_target_is_understood(gateway: LiveGateway) -> None:
    text = b"GET http://example.com/health HTTP/1.1\r\nhost: example.com\r\nconnection: close\r\n\r\n"
    assert (await send_raw(gateway, text)).endswith(b'{"status":"UP"}')


async def test_headers_that_are_too_large_are_refused_in_json(gateway: LiveGateway) -> None:
    answer = await send_raw(gateway, b"GET / HTTP/1.1\r\nx: " + b"y" * 100_000 + b"\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == b"431"
    assert orjson.loads(body)["errors"][0]["extensions"]["code"] == "HEADERS_TOO_LARGE"


async def test_a_client_that_waits_for_a_sign_to_send_its_body_gets_it(gateway: LiveGateway) -> None:
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n"
    body = b'{"query": "{ me { id } }"}'
    answer = await send_raw(gateway, head + b"expect: 100-continue\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


async def test_the_server_does_not_tell_what_it_is_made_of(gateway: LiveGateway) -> None:
    async with gateway.session.get(f"{gateway.url}/health") as response:
        assert response.headers["server"] == "supergate"
