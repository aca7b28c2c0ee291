"""What subgraphs may do wrong, over real sockets."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from tests.live_gateway import ADA, Answer, Json, LiveGateway, json_response, live_gateway

OPEN: Json = {"include_subgraph_errors": {"all": True}}
QUERY = "{ me { name reviews } }"
PARTIAL = {"me": {"name": "Ada", "reviews": None}}


def always(make: Callable[[], web.Response]) -> Answer:
    return lambda _request: make()


def codes(answer: Json) -> list[str]:
    errors = answer["errors"]
    assert isinstance(errors, list)
    return [error["extensions"]["code"] for error in errors]


async def metrics(gateway: LiveGateway) -> str:
    async with gateway.session.get(f"{gateway.url}/metrics") as response:
        return await response.text()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(
            always(lambda: web.Response(text="<html>", content_type="text/html")),
            "SUBREQUEST_MALFORMED_RESPONSE",
            id="html",
        ),
        pytest.param(always(lambda: web.Response(status=500, text="oh")), "SUBREQUEST_HTTP_ERROR", id="status 500"),
        pytest.param(always(lambda: json_response([])), "SUBREQUEST_MALFORMED_RESPONSE", id="a list"),
        pytest.param(always(lambda: json_response({})), "SUBREQUEST_MALFORMED_RESPONSE", id="neither data nor errors"),
        pytest.param(
            always(lambda: json_response({"data": {"_entities": []}})), "SUBREQUEST_MALFORMED_RESPONSE", id="too few"
        ),
        pytest.param(
            always(lambda: json_response({"data": {"_entities": [ADA, ADA]}})),
            "SUBREQUEST_MALFORMED_RESPONSE",
            id="too many",
        ),
        pytest.param(
            always(lambda: json_response({"data": None, "errors": [{"message": "no"}]})),
            "DOWNSTREAM_SERVICE_ERROR",
            id="errors",
        ),
    ],
)
async def test_what_one_subgraph_spoils_leaves_the_others_answer(tmp_path: Path, answer: Answer, code: str) -> None:
    async with live_gateway(tmp_path, OPEN) as gateway:
        gateway.reviews.answer = answer
        async with gateway.post({"query": QUERY}) as response:
            body = await response.json()
    assert response.status == 200
    assert (body["data"], codes(body)) == (PARTIAL, [code])


async def test_a_subgraph_that_is_down_leaves_the_others_answer(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, OPEN) as gateway:
        await gateway.reviews.leave()
        body = await gateway.ask(QUERY)
    assert (body["data"], codes(body)) == (PARTIAL, ["SUBREQUEST_HTTP_ERROR"])


async def test_a_subgraph_that_is_slow_leaves_the_others_answer(tmp_path: Path) -> None:
    settings: Json = {**OPEN, "traffic_shaping": {"subgraphs": {"reviews": {"timeout": "50ms"}}}}
    async with live_gateway(tmp_path, settings) as gateway:
        gateway.reviews.hold = asyncio.Event()
        body = await gateway.ask(QUERY)
    assert (body["data"], codes(body)) == (PARTIAL, ["GATEWAY_TIMEOUT"])


async def test_the_whole_request_has_a_time_too(tmp_path: Path) -> None:
    settings: Json = {"traffic_shaping": {"router": {"timeout": "50ms"}}}
    async with live_gateway(tmp_path, settings) as gateway:
        gateway.users.hold = asyncio.Event()
        async with gateway.post({"query": QUERY}) as response:
            body = await response.json()
    assert (response.status, codes(body)) == (504, ["GATEWAY_TIMEOUT"])


async def test_a_null_where_none_may_be_reaches_the_client_as_an_error(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        gateway.users.answer = always(lambda: json_response({"data": {"strict": None}}))
        body = await gateway.ask("{ strict { name } }")
    assert body["data"] is None
    assert body["errors"]


async def test_messages_of_subgraphs_are_hidden_by_default_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    secret = {"message": "table users_v2 is gone", "extensions": {"code": "DB", "trace": "…"}, "path": ["me"]}
    async with live_gateway(tmp_path) as gateway:
        gateway.users.answer = always(lambda: json_response({"data": {"me": None}, "errors": [secret]}))
        with caplog.at_level(logging.WARNING):
            async with gateway.post({"query": QUERY}) as response:
                text = await response.text()
    assert "users_v2" not in text
    assert '"DB"' in text
    [logged] = [record for record in caplog.records if record.message == "subgraph error masked"]
    assert logged.__dict__["request_id"] == response.headers["x-request-id"]
    assert "users_v2" in str(logged.__dict__["error"])


async def test_a_client_that_goes_away_takes_its_requests_along(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        gateway.users.hold = asyncio.Event()
        asking = asyncio.ensure_future(gateway.ask(QUERY))
        await gateway.users.arrived.wait()
        asking.cancel()
        async with asyncio.timeout(5):
            await gateway.users.cancelled.wait()
    assert asking.cancelled()


async def test_running_requests_end_before_the_gateway_does(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        gateway.users.hold = asyncio.Event()
        asking = asyncio.ensure_future(gateway.ask(QUERY))
        await gateway.users.arrived.wait()
        gateway.stop.set()
        await asyncio.sleep(0)
        gateway.users.hold.set()
        assert (await asking)["data"] == {"me": {"name": "Ada", "reviews": ["good"]}}


async def test_operations_that_mean_the_same_are_planned_once(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        await gateway.ask("query a { me { name reviews } }")
        await gateway.ask("query a { me { ... on User { name } reviews } }")
        text = await metrics(gateway)
    assert "router_plan_duration_seconds_count 1.0" in text
    assert 'router_cache_requests_total{cache="plan",result="hit"} 1.0' in text


@pytest.mark.parametrize(("header", "key"), [("apollo", "apolloQueryPlan"), ("hive", "queryPlan")])
async def test_the_plan_is_shown_where_the_configuration_allows_it(tmp_path: Path, header: str, key: str) -> None:
    async with live_gateway(tmp_path, {"supergraph": {"expose_query_plan": True}}) as gateway:
        body = await gateway.ask(QUERY, **{f"{header}_expose_query_plan": "true"})
    assert body["data"] == {"me": {"name": "Ada", "reviews": ["good"]}}
    assert "reviews" in str(body["extensions"][key])  # type: ignore[index] # a JSON object


async def test_a_dry_run_fetches_nothing(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, {"supergraph": {"expose_query_plan": True}}) as gateway:
        body = await gateway.ask(QUERY, apollo_expose_query_plan="dry-run")
        asked = [*gateway.users.asked, *gateway.reviews.asked]
    assert (body["data"], asked) == (None, [])
    assert "QueryPlan" in str(body["extensions"])


async def test_two_introspections_of_different_parts_are_told_apart(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, {"supergraph": {"introspection": True}}) as gateway:
        one = await gateway.ask("{ __schema { queryType { name } } }")
        other = await gateway.ask("{ __schema { mutationType { name } } }")
    assert one["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    assert other["data"] == {"__schema": {"mutationType": {"name": "Mutation"}}}


async def test_a_limit_on_operations_is_enforced(tmp_path: Path) -> None:
    settings: Json = {"limits": {"max_depth": 1}}
    async with live_gateway(tmp_path, settings) as gateway, gateway.post({"query": QUERY}) as response:
        body = await response.json()
    assert (response.status, codes(body)) == (400, ["MAX_DEPTH_LIMIT"])


async def test_metrics_and_health_may_have_addresses_of_their_own(tmp_path: Path) -> None:
    settings: Json = {
        "telemetry": {
            "access_log": {"enabled": False},
            "exporters": {"metrics": {"prometheus": {"listen": "127.0.0.1:0"}}},
        },
        "health_check": {"listen": "127.0.0.1:0"},
    }
    async with live_gateway(tmp_path, settings) as gateway:
        async with gateway.session.get(f"{gateway.url}/metrics") as response:
            assert response.status == 404
        async with gateway.session.get(f"{gateway.url}/health") as response:
            assert response.status == 200


async def test_a_plan_that_comes_too_late_serves_the_next_request(tmp_path: Path) -> None:
    settings: Json = {"supergraph": {"query_planning": {"timeout": "0s"}}}
    async with live_gateway(tmp_path, settings) as gateway:
        first = await gateway.ask("{ me { name } }")
        while "data" not in (last := await gateway.ask("{ me { name } }")):
            assert codes(last) == ["QUERY_PLANNING_TIMEOUT"]
    assert (codes(first), last) == (["QUERY_PLANNING_TIMEOUT"], {"data": {"me": {"name": "Ada"}}})


async def test_a_plan_by_hives_header_is_its_json(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, {"supergraph": {"expose_query_plan": True}}) as gateway:
        body = await gateway.ask(QUERY, hive_expose_query_plan="dry-run")
    assert body["extensions"]["queryPlan"]["kind"] == "QueryPlan"  # type: ignore[index] # a JSON object


async def test_a_mutation_that_was_sent_finishes_without_its_client(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        gateway.users.hold = asyncio.Event()
        asking = asyncio.ensure_future(gateway.ask('mutation { rename(name: "x") { name reviews } }'))
        await gateway.users.arrived.wait()
        asking.cancel()
        await asyncio.wait([asking])
        while 'status_code="499"' not in await metrics(gateway):
            pass
        gateway.users.hold.set()
    assert not gateway.users.cancelled.is_set()
    assert gateway.reviews.asked == []


async def test_a_huge_document_is_answered_and_not_kept(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        query = "{ me { name } } #" + "x" * 200_000
        answers = [await gateway.ask(query), await gateway.ask(query)]
        text = await metrics(gateway)
    assert answers == [{"data": {"me": {"name": "Ada"}}}] * 2
    assert 'cache="document",result="hit"' not in text
