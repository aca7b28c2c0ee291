"""Fetches of client requests, against real servers on loopback."""

import asyncio
import logging
from pathlib import Path

import pytest
from aiohttp import web

from router.config.headers import HeadersSection
from router.config.traffic import TrafficShapingSection
from router.executor.outcome import FetchAnswer, FetchFailure, FetchOutcome, FetchRequest
from router.identity.identity import Identity
from router.policy.request import Request
from router.upstream import Upstreams
from router.upstream.failures import ConnectError
from supergraph.plan.nodes import Fetch
from tests.hostile_server import hostile_server, raw, raw_then_close, silence
from tests.router.upstream.calling import FakeTelemetry, client_request, subgraph, upstreams_to

QUERY = FetchRequest(Fetch(id=0, subgraph="users", kind="query", operation="{ me }"), b'{"query":"{ me }"}')
OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 11\r\n\r\n{"data":{}}'


async def sent_headers(
    rules: object, request: Request, telemetry: FakeTelemetry | None = None
) -> list[tuple[str, str]]:
    """The headers that a subgraph gets, without those that every request has."""
    async with subgraph(raw(OK), headers=rules, telemetry=telemetry) as (server, upstreams):
        await upstreams.sender(request)(QUERY)
    lines = server.requests[0].split(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    always = ("host", "content-type", "accept", "content-length")
    pairs = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    return [pair for pair in pairs if pair[0] not in always]


def seen(outcome: FetchOutcome) -> tuple[int, str, bytes]:
    """What the executor looks at."""
    assert isinstance(outcome, FetchAnswer)
    return outcome.status, outcome.content_type, outcome.body


# The exchange


async def test_a_fetch_is_a_json_post_to_the_subgraphs_url() -> None:
    async with subgraph(raw(OK), path="/graphql?v=1") as (server, upstreams):
        outcome = await upstreams.sender(client_request())(QUERY)
    assert seen(outcome) == (200, "application/json; charset=utf-8", b'{"data":{}}')
    assert server.requests == [
        b"POST /graphql?v=1 HTTP/1.1\r\n"
        b"host: 127.0.0.1:%d\r\n"
        b"content-type: application/json\r\n"
        b"accept: application/graphql-response+json, application/json;q=0.9\r\n"
        b"x-request-id: request-1\r\n"
        b"content-length: 18\r\n"
        b"\r\n"
        b'{"query":"{ me }"}' % server.port
    ]


async def test_any_status_is_an_answer() -> None:
    response = b"HTTP/1.1 503 Down\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    async with subgraph(raw(response)) as (_, upstreams):
        outcome = await upstreams.sender(client_request())(QUERY)
    assert seen(outcome) == (503, "text/html", b"<html>")


async def test_a_redirect_is_not_followed() -> None:
    response = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    async with subgraph(raw(response)) as (_, upstreams):
        outcome = await upstreams.sender(client_request())(QUERY)
    assert seen(outcome) == (302, "", b"")


async def test_a_real_server_understands_a_fetch() -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"data": {"echo": await request.json()}})

    app = web.Application()
    app.router.add_post("/graphql", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with upstreams_to(f"http://localhost:{port}/graphql") as upstreams:
        outcome = await upstreams.sender(client_request())(QUERY)
    await runner.cleanup()
    expected = b'{"data": {"echo": {"query": "{ me }"}}}'
    assert seen(outcome) == (200, "application/json; charset=utf-8", expected)


async def test_a_subgraph_may_be_a_unix_socket(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        writer.write(OK)
        await reader.read()
        writer.close()

    asked: list[bytes] = []
    path = tmp_path / "users.sock"
    async with (
        await asyncio.start_unix_server(answer, path),
        upstreams_to(f"unix://{path}?path=/graphql") as upstreams,
    ):
        outcome = await upstreams.sender(client_request())(QUERY)
    assert isinstance(outcome, FetchAnswer)
    assert asked == [b"POST /graphql HTTP/1.1\r\n"]


async def test_an_override_replaces_the_url_of_the_supergraph() -> None:
    async with hostile_server(raw(OK)) as server:
        upstreams = Upstreams(
            {"users": "http://127.0.0.1:1/"},
            overrides={"users": f"http://127.0.0.1:{server.port}/"},
            shaping=TrafficShapingSection(),
            headers=HeadersSection(),
            telemetry=FakeTelemetry(),
        )
        assert isinstance(await upstreams.sender(client_request())(QUERY), FetchAnswer)
        await upstreams.aclose()


def test_an_override_that_is_no_url_is_refused() -> None:
    with pytest.raises(ValueError, match=r"override_subgraph_url\.users: 'users:4101' is not an http"):
        Upstreams(
            {"users": "http://users/"},
            overrides={"users": "users:4101"},
            shaping=TrafficShapingSection(),
            headers=HeadersSection(),
            telemetry=FakeTelemetry(),
        )


# Failures


async def test_a_subgraph_that_is_down_is_a_failure_that_tells_no_address() -> None:
    async with upstreams_to("http://127.0.0.1:1/") as upstreams:
        outcome = await upstreams.sender(client_request())(QUERY)
    assert outcome == FetchFailure("SUBREQUEST_HTTP_ERROR", "Subgraph users cannot be reached.")


async def test_what_really_happened_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        async with upstreams_to("http://127.0.0.1:1/") as upstreams:
            await upstreams.sender(client_request())(QUERY)
    (record,) = caplog.records
    assert record.message == "subgraph request failed"
    assert "127.0.0.1" in str(record.__dict__["detail"])


async def test_a_subgraph_without_url_is_a_failure() -> None:
    async with upstreams_to("") as upstreams:
        outcome = await upstreams.sender(client_request())(QUERY)
    assert outcome == FetchFailure("SUBREQUEST_HTTP_ERROR", "Subgraph users has no URL.")


async def test_a_slow_subgraph_is_a_timeout() -> None:
    shaping = {"all": {"timeout": "50ms"}}
    async with subgraph(silence, shaping=shaping) as (_, upstreams):
        outcome = await upstreams.sender(client_request())(QUERY)
    assert outcome == FetchFailure("GATEWAY_TIMEOUT", "Subgraph users did not answer in time.")


async def test_a_subgraph_may_have_a_timeout_of_its_own() -> None:
    shaping = {"subgraphs": {"users": {"timeout": "50ms"}}}
    async with subgraph(silence, shaping=shaping) as (_, upstreams):
        outcome = await upstreams.sender(client_request())(QUERY)
    assert isinstance(outcome, FetchFailure)


async def test_an_answer_that_breaks_off_is_a_failure() -> None:
    async with subgraph(raw_then_close(OK[:-3])) as (_, upstreams):
        outcome = await upstreams.sender(client_request())(QUERY)
    assert outcome == FetchFailure("SUBREQUEST_HTTP_ERROR", "Subgraph users closed the connection without an answer.")


async def test_an_answer_that_is_not_http_is_a_failure() -> None:
    async with subgraph(raw(b"<html>\r\n\r\n")) as (_, upstreams):
        outcome = await upstreams.sender(client_request())(QUERY)
    assert outcome == FetchFailure("SUBREQUEST_HTTP_ERROR", "Subgraph users sent an answer that is not valid HTTP.")


async def test_more_requests_than_may_wait_fail_at_once() -> None:
    shaping = {"all": {"bulkhead": {"max_requests": 1, "max_pending_requests": 1}, "deduplicate_query": False}}
    async with subgraph(raw(OK), shaping=shaping) as (_, upstreams):
        send = upstreams.sender(client_request())
        running = [asyncio.ensure_future(send(QUERY)) for _ in range(3)]
        outcomes = [await each for each in running]
    overloaded = FetchFailure("SUBGRAPH_OVERLOADED", "Subgraph users has too many requests waiting.")
    assert [outcome == overloaded for outcome in outcomes] == [False, False, True]


async def test_queries_are_sent_again_on_a_dead_connection_and_mutations_are_not() -> None:
    mutation = FetchRequest(Fetch(id=0, subgraph="users", kind="mutation", operation="mutation { a }"), b"{}")
    answers = [raw(OK), raw_then_close(), raw(OK), raw_then_close(), raw(OK)]
    async with subgraph(*answers) as (_, upstreams):
        send = upstreams.sender(client_request())
        outcomes = [await send(QUERY), await send(QUERY), await send(mutation)]
    assert [isinstance(outcome, FetchAnswer) for outcome in outcomes] == [True, True, False]


async def test_an_outcome_that_comes_with_the_cancellation_is_dropped() -> None:
    telemetry = FakeTelemetry()
    async with subgraph(silence, shaping={"all": {"deduplicate_query": False}}, telemetry=telemetry) as (_, upstreams):
        sent = upstreams.sender(client_request())(QUERY)
        (exchange,) = upstreams._subgraphs["users"].pool._running
        sent.cancel()
        exchange.end(ConnectError("late"))
        with pytest.raises(asyncio.CancelledError):
            await sent
    assert (telemetry.spans[0].ends, telemetry.finished) == ([None], [])


# Telemetry


async def test_a_bug_in_telemetry_keeps_no_answer_back(monkeypatch: pytest.MonkeyPatch) -> None:
    telemetry = FakeTelemetry()
    async with subgraph(silence, shaping={"all": {"deduplicate_query": False}}, telemetry=telemetry) as (_, upstreams):
        sent = upstreams.sender(client_request())(QUERY)
        (exchange,) = upstreams._subgraphs["users"].pool._running
        monkeypatch.setattr(telemetry.spans[0], "finish", lambda _: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            exchange.end(ConnectError("late"))
        assert isinstance(await sent, FetchFailure)


async def test_a_fetch_is_a_span_and_an_event() -> None:
    telemetry = FakeTelemetry()
    async with subgraph(raw(OK), telemetry=telemetry) as (_, upstreams):
        await upstreams.sender(client_request())(QUERY)
    (span,) = telemetry.spans
    assert (span.subgraph, span.operation_type, span.ends) == ("users", "query", [None])
    assert telemetry.finished == [("users", None)]


async def test_a_failed_fetch_is_told_with_its_code() -> None:
    telemetry = FakeTelemetry()
    async with upstreams_to("http://127.0.0.1:1/", telemetry=telemetry) as upstreams:
        await upstreams.sender(client_request())(QUERY)
    assert telemetry.spans[0].ends == ["SUBREQUEST_HTTP_ERROR"]
    assert telemetry.finished == [("users", "SUBREQUEST_HTTP_ERROR")]


# Headers


async def test_nothing_is_propagated_by_default() -> None:
    request = client_request(("Authorization", "Bearer a"), ("Cookie", "a=b"), ("X-Api-Key", "k"))
    assert await sent_headers({}, request) == [("x-request-id", "request-1")]


async def test_the_trace_goes_on_in_our_span_whatever_a_rule_says() -> None:
    rules = {"all": {"request": [{"propagate": {"matching": "^x-|^trace"}}]}}
    request = client_request(("traceparent", "00-client"), ("tracestate", "a=b"), ("x-a", "1"))
    sent = await sent_headers(rules, request, FakeTelemetry({"traceparent": "00-ours"}))
    assert sorted(sent) == [
        ("traceparent", "00-ours"),
        ("tracestate", "a=b"),
        ("x-a", "1"),
        ("x-request-id", "request-1"),
    ]


async def test_our_request_id_counts_not_the_clients() -> None:
    rules = {"all": {"request": [{"propagate": {"named": "x-request-id"}}]}}
    request = client_request(("X-Request-ID", "client"), ("X-Request-ID", "second"))
    assert await sent_headers(rules, request) == [("x-request-id", "request-1")]


async def test_a_claim_cannot_add_a_header() -> None:
    rules = {"all": {"request": [{"insert": {"name": "x-role", "from_context": "claims.role"}}]}}
    identity = Identity(id="u", method="jwt", claims={"role": "a\r\nx-admin: yes"})
    sent = await sent_headers(rules, client_request(identity=identity))
    assert sent == [("x-role", "a%0D%0Ax-admin: yes"), ("x-request-id", "request-1")]


async def test_text_beyond_ascii_arrives_as_it_came() -> None:
    rules = {"all": {"request": [{"propagate": {"named": "x-name"}}]}}
    assert ("x-name", "Zoë") in await sent_headers(rules, client_request(("x-name", "Zoë")))


async def test_rules_of_other_subgraphs_do_not_count() -> None:
    rules = {"subgraphs": {"orders": {"request": [{"propagate": {"named": "authorization"}}]}}}
    assert await sent_headers(rules, client_request(("authorization", "a"))) == [("x-request-id", "request-1")]
