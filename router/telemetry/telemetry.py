"""What the gateway tells about its work: metrics, traces and the access log behind a few events with plain values.

http, policy, graphql, upstream ──▶ Telemetry ──▶ metrics | spans | log lines
                                    ▲ you are here
"""

import re
import time
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime

from router.config.telemetry import TelemetrySection
from router.policy.request import Request, Response
from router.telemetry.access_log import AccessLog, LineWriter, open_output
from router.telemetry.metrics import Metrics
from router.telemetry.tracing import (
    AttributeValue,
    SpanContext,
    Tracing,
    current_trace_id,
    finish_request_span,
    no_span,
    otlp_processor,
)

# https://www.w3.org/TR/trace-context/#traceparent-header
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class Telemetry:
    """The one thing that other parts of the router call. It outlives reloads, so that counters go on.

    Attributes:
        metrics: For events that have only a number to tell.
        clock: Monotonic seconds, to measure with.
    """

    def __init__(
        self,
        *,
        metrics: Metrics,
        tracing: Tracing | None = None,
        access_log: AccessLog | None = None,
        clock: Callable[[], float] = time.perf_counter,
        writer: LineWriter | None = None,
    ) -> None:
        self.metrics = metrics
        self.clock = clock
        self._tracing = tracing
        self._access_log = access_log
        self._writer = writer

    def request_span(self, request: Request) -> SpanContext:
        """The span of a whole request, a child of what ``traceparent`` names."""
        if self._tracing is None:
            return no_span()
        attributes = {
            "http.request.method": request.method,
            "http.route": request.route,
            "url.path": request.path,
            "router.request_id": request.id,
        }
        return self._tracing.server_span(f"{request.method} {request.route}", request.headers, attributes)

    def span(self, name: str, **attributes: AttributeValue) -> SpanContext:
        """A span below the current one: ``prepare``, ``plan``, ``execute``. Underscores in names become dots."""
        if self._tracing is None:
            return no_span()
        return self._tracing.span(name, _dotted(attributes), client=False)

    def fetch_span(self, subgraph: str, **attributes: AttributeValue) -> SpanContext:
        """The span of one request to a subgraph; ``inject`` inside it."""
        if self._tracing is None:
            return no_span()
        return self._tracing.span("fetch", {"subgraph.name": subgraph, **_dotted(attributes)}, client=True)

    def inject(self, headers: MutableMapping[str, str]) -> None:
        """Write the current trace into the headers of an outgoing request."""
        if self._tracing is not None:
            self._tracing.inject(headers)

    def request_started(self) -> None:
        """A request has come in."""
        self.metrics.request_started()

    def request_finished(self, request: Request, response: Response, seconds: float) -> None:
        """A request was answered; call it inside its span."""
        self.metrics.request_finished(
            method=request.method,
            route=request.route,
            status=response.status,
            consumer=request.identity.id if request.identity else "",
            codes=response.error_codes,
            seconds=seconds,
        )
        if self._tracing is not None:
            finish_request_span(response.status, _outcome(request, response))
        if self._access_log is not None:
            trace_id = current_trace_id() or _trace_id_of_caller(request)
            self._access_log.log(request, response, seconds=seconds, trace_id=trace_id)

    def fetch_finished(self, subgraph: str, seconds: float, code: str | None = None) -> None:
        """A subgraph was asked; ``code`` says what went wrong, if anything."""
        self.metrics.fetch_finished(subgraph, seconds, code)

    def fetch_observer(self, subgraph: str) -> Callable[[float, str | None], None]:
        """``fetch_finished`` for one subgraph, bound to its series: for those who ask it many times."""
        return self.metrics.fetch_observer(subgraph)

    def metrics_text(self) -> bytes:
        """What Prometheus reads."""
        return self.metrics.text()

    def close(self) -> None:
        """Write and send what is left. Waits for files and the collector: call it after the last request."""
        if self._tracing is not None:
            self._tracing.shutdown()
        if self._writer is not None:
            self._writer.close()


def build_telemetry(section: TelemetrySection) -> Telemetry:
    """Telemetry as configured. Opens the access log, starts its thread and that of the exporter; raises ``OSError``."""
    metrics = Metrics(cardinality_limit=section.exporters.metrics.prometheus.cardinality_limit)
    tracing_options = section.exporters.tracing
    tracing = None
    if tracing_options.otlp.enabled:
        tracing = Tracing(tracing_options, otlp_processor(tracing_options.otlp), resource=section.resource)
    log_options = section.access_log
    if not log_options.enabled:
        return Telemetry(metrics=metrics, tracing=tracing)
    writer = LineWriter(open_output(log_options.output), on_drop=metrics.log_line_dropped)
    access_log = AccessLog(
        writer, headers=log_options.headers, redacted=log_options.redact, now=lambda: datetime.now(UTC)
    )
    return Telemetry(metrics=metrics, tracing=tracing, access_log=access_log, writer=writer)


def _outcome(request: Request, response: Response) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {}
    if request.identity is not None:
        attributes["router.auth.method"] = request.identity.method
    if response.error_codes:
        attributes["error.type"] = response.error_codes[0]
    return attributes


def _trace_id_of_caller(request: Request) -> str:
    """The trace that ``traceparent`` names, for logs of a gateway that makes no spans itself."""
    match = _TRACEPARENT.match(request.headers.get("traceparent", ""))
    return match[1] if match else ""


def _dotted(attributes: dict[str, AttributeValue]) -> dict[str, AttributeValue]:
    return {name.replace("_", "."): value for name, value in attributes.items()}
