"""One trace from the client to the subgraphs, exported to a collector."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.live_gateway import live_gateway

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"


@asynccontextmanager
async def collector(spans: list[Span]) -> AsyncIterator[str]:
    """An OTLP collector that puts what it gets into ``spans``; gives its URL."""

    async def collect(raw: web.BaseRequest) -> web.Response:
        exported = ExportTraceServiceRequest.FromString(await raw.read())
        for resource in exported.resource_spans:
            for scope in resource.scope_spans:
                spans.extend(scope.spans)
        return web.Response()

    runner = web.ServerRunner(web.Server(collect, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    try:
        yield f"http://{host}:{port}/v1/traces"
    finally:
        await runner.cleanup()


async def test_a_request_is_one_trace_from_the_client_to_the_subgraphs(tmp_path: Path) -> None:
    spans: list[Span] = []
    async with collector(spans) as endpoint:
        otlp = {"enabled": True, "endpoint": endpoint, "protocol": "http"}
        telemetry = {"access_log": {"enabled": False}, "exporters": {"tracing": {"otlp": otlp}}}
        async with live_gateway(tmp_path, {"telemetry": telemetry}) as gateway:
            await gateway.ask("{ me { name reviews } }", traceparent=PARENT)
    asked = [*gateway.users.headers, *gateway.reviews.headers]
    assert [headers["traceparent"].split("-")[1] for headers in asked] == [TRACE_ID, TRACE_ID]
    assert {span.trace_id.hex() for span in spans} == {TRACE_ID}
    by_id = {span.span_id: span.name for span in spans}
    children = sorted((span.name, by_id.get(span.parent_span_id, "the client")) for span in spans)
    request = "POST /graphql"
    assert children == [
        (request, "the client"),
        ("fetch", request),
        ("fetch", request),
        ("plan", request),
        ("prepare", request),
    ]
