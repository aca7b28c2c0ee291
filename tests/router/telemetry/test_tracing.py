"""Spans, with an exporter that keeps them."""

import asyncio
import http.server
import threading
from collections.abc import Iterator

import orjson
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from router.config.telemetry import TelemetrySection, TracingSection
from router.identity.identity import Identity
from router.policy.observe import Observe
from router.policy.pipeline import Pipeline
from router.policy.request import Request, Response
from router.telemetry import Telemetry, build_telemetry
from router.telemetry.access_log import AccessLog, Line
from router.telemetry.metrics import Metrics
from router.telemetry.tracing import Tracing
from tests.requests_in import answer_ok, request_in

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_ID = "00f067aa0ba902b7"
SAMPLED = f"00-{TRACE_ID}-{PARENT_ID}-01"
NOT_SAMPLED = f"00-{TRACE_ID}-{PARENT_ID}-00"


class Traced:
    """Telemetry whose spans and log lines can be looked at."""

    def __init__(self, **options: object) -> None:
        self._exporter = InMemorySpanExporter()
        self.lines: list[Line] = []
        self.telemetry = Telemetry(
            metrics=Metrics(),
            tracing=Tracing(
                TracingSection.model_validate(options),
                SimpleSpanProcessor(self._exporter),
                resource={"deployment.environment.name": "test"},
            ),
            access_log=AccessLog(self.lines.append),
        )
        self.pipeline = Pipeline((Observe(self.telemetry),))

    @property
    def spans(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self._exporter.get_finished_spans()}


@pytest.fixture
def traced() -> Iterator[Traced]:
    made = Traced()
    yield made
    made.telemetry.close()


def parent_id(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


async def test_the_spans_of_a_request_nest_and_the_trace_goes_on_to_the_subgraphs(traced: Traced) -> None:
    telemetry = traced.telemetry
    sent: dict[str, dict[str, str]] = {}

    async def fetch(subgraph: str) -> None:
        trace = telemetry.begin_fetch(subgraph, "query")
        sent[subgraph] = dict(trace.headers)
        await asyncio.sleep(0)
        trace.finish()

    async def handler(_request: Request) -> Response:
        with telemetry.span("prepare"):
            pass
        with telemetry.span("plan", plan_fetches=2):
            pass
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fetch("users"))
            tasks.create_task(fetch("orders"))
        return Response(status=200)

    request = request_in(headers={"traceparent": SAMPLED, "baggage": "tenant=a"})
    await traced.pipeline.run(request, handler)
    spans = traced.spans
    root = spans["POST /graphql"]
    assert set(spans) == {"POST /graphql", "prepare", "plan", "fetch"}
    assert parent_id(root) == int(PARENT_ID, 16)
    assert {parent_id(spans[name]) for name in ("prepare", "plan", "fetch")} == {root.context.span_id}
    assert spans["plan"].attributes == {"plan.fetches": 2}
    assert {headers["traceparent"][:36] for headers in sent.values()} == {f"00-{TRACE_ID}-"}
    assert len({headers["traceparent"] for headers in sent.values()}) == 2
    assert {headers["baggage"] for headers in sent.values()} == {"tenant=a"}


async def test_a_span_says_what_the_request_was_and_how_it_ended(traced: Traced) -> None:
    async def handler(_request: Request) -> Response:
        return Response(status=502, error_codes=("BAD_GATEWAY",))

    request = request_in("rest", identity=Identity(id="ada", method="jwt"))
    request.id = "r1"
    await traced.pipeline.run(request, handler)
    span = traced.spans["POST /api/v1/things/{id}"]
    assert span.attributes == {
        "http.request.method": "POST",
        "http.route": "/api/v1/things/{id}",
        "url.path": "/api/v1/things/7",
        "router.request_id": "r1",
        "http.response.status_code": 502,
        "router.auth.method": "jwt",
        "error.type": "BAD_GATEWAY",
    }
    assert span.status.status_code is StatusCode.ERROR
    assert span.resource.attributes["deployment.environment.name"] == "test"
    assert span.resource.attributes["service.name"] == "supergate"


async def test_two_requests_do_not_share_a_trace(traced: Traced) -> None:
    await traced.pipeline.run(request_in(), answer_ok)
    await traced.pipeline.run(request_in(), answer_ok)
    first, second = (orjson.loads(line())["trace_id"] for line in traced.lines)
    assert first != second


async def test_the_log_line_names_the_trace(traced: Traced) -> None:
    await traced.pipeline.run(request_in(headers={"traceparent": SAMPLED}), answer_ok)
    assert orjson.loads(traced.lines[0]())["trace_id"] == TRACE_ID


async def test_an_error_inside_a_span_is_marked_without_its_text(traced: Traced) -> None:
    with pytest.raises(ValueError, match="secret"), traced.telemetry.span("prepare"):
        raise ValueError("secret")
    span = traced.spans["prepare"]
    assert span.status.status_code is StatusCode.ERROR
    assert "secret" not in span.to_json()


@pytest.mark.parametrize(("traceparent", "recorded"), [(SAMPLED, 1), (NOT_SAMPLED, 0)])
async def test_the_callers_decision_to_record_counts(traceparent: str, recorded: int) -> None:
    traced = Traced(sampler=0.0 if recorded else 1.0)
    await traced.pipeline.run(request_in(headers={"traceparent": traceparent}), answer_ok)
    assert len(traced.spans) == recorded
    traced.telemetry.close()


async def test_without_parents_the_sampler_decides() -> None:
    traced = Traced(sampler=0.0, parent_based_sampler=False)
    await traced.pipeline.run(request_in(headers={"traceparent": SAMPLED}), answer_ok)
    assert traced.spans == {}
    traced.telemetry.close()


async def test_propagation_can_be_narrowed() -> None:
    traced = Traced(propagation=["tracecontext"])
    sent: dict[str, str] = {}

    async def handler(_request: Request) -> Response:
        traced.telemetry.inject(sent)
        return Response(status=200)

    await traced.pipeline.run(request_in(headers={"traceparent": SAMPLED, "baggage": "a=b"}), handler)
    assert set(sent) == {"traceparent"}
    traced.telemetry.close()


async def test_without_tracing_nothing_is_made_or_sent() -> None:
    lines: list[Line] = []
    telemetry = Telemetry(metrics=Metrics(), access_log=AccessLog(lines.append))
    sent: dict[str, str] = {}

    async def handler(_request: Request) -> Response:
        with telemetry.span("prepare") as span:
            assert span is None
            telemetry.inject(sent)
        return Response(status=200)

    request = request_in(headers={"traceparent": SAMPLED})
    await Pipeline((Observe(telemetry),)).run(request, handler)
    assert sent == {}
    assert orjson.loads(lines[0]())["trace_id"] == TRACE_ID


class Collector(http.server.ThreadingHTTPServer):
    """Takes spans over OTLP/HTTP."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), CollectorHandler)
        self.received: list[tuple[str, bytes]] = []


class CollectorHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Collector)
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: this is a test."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


async def test_spans_reach_a_collector_when_telemetry_is_closed(collector: Collector) -> None:
    otlp = {"enabled": True, "protocol": "http", "endpoint": f"http://127.0.0.1:{collector.server_port}"}
    section = TelemetrySection.model_validate(
        {"exporters": {"tracing": {"otlp": otlp}}, "access_log": {"enabled": False}}
    )
    telemetry = build_telemetry(section)
    await Pipeline((Observe(telemetry),)).run(request_in(), answer_ok)
    await asyncio.to_thread(telemetry.close)
    ((path, body),) = collector.received
    assert path == "/v1/traces"
    assert b"POST /graphql" in body


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_a_collector_is_not_needed_to_start(protocol: str) -> None:
    otlp = {"enabled": True, "protocol": protocol, "endpoint": "http://127.0.0.1:9"}
    section = TelemetrySection.model_validate({"exporters": {"tracing": {"otlp": otlp}}})
    build_telemetry(section).close()
