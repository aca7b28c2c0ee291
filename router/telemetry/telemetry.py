"""What the gateway tells about its work: metrics, traces and the access log behind a few events with plain values.

http, policy, graphql, upstream ──▶ Telemetry ──▶ metrics | spans | log lines
                                    ▲ you are here
"""

import time
from collections.abc import Callable, Collection, MutableMapping

from opentelemetry.trace import SpanKind

from router.config.telemetry import TelemetrySection
from router.policy.request import Request, Response
from router.redaction import mask
from router.telemetry.access_log import AccessLog, LineWriter, open_output
from router.telemetry.metrics import Metrics, MetricsMemory
from router.telemetry.propagation import read_caller
from router.telemetry.spans import CURRENT, AttributeValue, QuietTrace, Span
from router.telemetry.tracing import NO_SPAN, NO_TRACE, SpanContext, Tracing, otlp_processor

RequestTrace = Span | QuietTrace | None
"""The trace of a request; ``None`` if there are no traces."""

RunningRequest = tuple[float, RequestTrace]
"""When a request came in, and its trace. A tuple, because there is one for each request."""


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

    def request_started(self, request: Request) -> RunningRequest:
        """A request has come in; give the result to ``request_finished``. Its trace is the current one from now on."""
        self.metrics.request_started()
        trace: RequestTrace = None
        if self._tracing is not None:
            # It stays the current one when the request has ended: parts that are delivered later belong to it as well.
            trace = self._tracing.begin(request.headers)
            CURRENT.set(trace)
        return self.clock(), trace

    def request_finished(self, running: RunningRequest, request: Request, response: Response) -> None:
        """A request was answered."""
        started, trace = running
        seconds = self.clock() - started
        self.metrics.request_finished(
            method=request.method,
            route=request.route,
            status=response.status,
            consumer=request.identity.id if request.identity else "",
            codes=response.error_codes,
            seconds=seconds,
        )
        if isinstance(trace, Span):
            _finish_span(trace, request, response)
        if self._access_log is not None:
            # For logs of a gateway that makes no spans itself, the trace that ``traceparent`` names.
            known = trace if trace is not None else read_caller(request.headers)
            self._access_log.log(request, response, seconds=seconds, trace_id=known.trace_id if known else "")

    def span(self, name: str, **attributes: AttributeValue) -> SpanContext:
        """A span below the current one: ``prepare``, ``plan``, ``execute``. Underscores in names become dots."""
        if self._tracing is None:
            return NO_SPAN
        span = self._tracing.span(name, _dotted(attributes), kind=SpanKind.INTERNAL)
        return span if isinstance(span, Span) else NO_SPAN

    def begin_fetch(self, subgraph: str, operation_type: str) -> Span | QuietTrace:
        """The span of one request to a subgraph: its ``headers`` are for the subgraph, ``finish`` ends it."""
        if self._tracing is None:
            return NO_TRACE
        current = CURRENT.get()
        if isinstance(current, QuietTrace):
            return current
        attributes: dict[str, AttributeValue] = {"subgraph.name": subgraph, "graphql.operation.type": operation_type}
        return self._tracing.span("fetch", attributes, kind=SpanKind.CLIENT)

    def inject(self, headers: MutableMapping[str, str]) -> None:
        """Write the current trace into the headers of an outgoing request."""
        if self._tracing is not None and (current := CURRENT.get()) is not None:
            headers.update(current.headers)

    def fetch_observer(self, subgraph: str) -> Callable[[float, str | None], None]:
        """Is told how long each request to a subgraph took, and what went wrong, if anything."""
        return self.metrics.fetch_observer(subgraph)

    def keep_secret(self, headers: Collection[str]) -> None:
        """These headers hold credentials: nothing that is written from now on shows them."""
        if self._access_log is not None:
            self._access_log.keep_secret(headers)

    def metrics_text(self) -> bytes:
        """What Prometheus reads."""
        return self.metrics.text()

    def close(self) -> None:
        """Write and send what is left. Waits for files and the collector: call it after the last request."""
        if self._tracing is not None:
            self._tracing.shutdown()
        if self._writer is not None:
            self._writer.close()


def build_telemetry(section: TelemetrySection, *, memory: MetricsMemory | None = None) -> Telemetry:
    """Telemetry as configured. Opens the access log, starts its thread and that of the exporter; raises ``OSError``.

    Workers count in ``memory`` that they share.
    """
    metrics = Metrics(cardinality_limit=section.exporters.metrics.prometheus.cardinality_limit, memory=memory)
    tracing_options = section.exporters.tracing
    tracing = None
    if tracing_options.otlp.enabled:
        tracing = Tracing(tracing_options, otlp_processor(tracing_options.otlp), resource=section.resource)
    log_options = section.access_log
    if not log_options.enabled:
        return Telemetry(metrics=metrics, tracing=tracing)
    writer = LineWriter(open_output(log_options.output), on_drop=metrics.log_line_dropped)
    access_log = AccessLog(writer, headers=log_options.headers, redacted=log_options.redact)
    return Telemetry(metrics=metrics, tracing=tracing, access_log=access_log, writer=writer)


def _finish_span(span: Span, request: Request, response: Response) -> None:
    span.name = f"{request.method} {request.route}"
    span.attributes = {
        "http.request.method": request.method,
        "http.route": request.route,
        "url.path": mask(request.path),
        "router.request_id": request.id,
        "http.response.status_code": response.status,
    }
    if request.identity is not None:
        span.attributes["router.auth.method"] = request.identity.method
    if response.error_codes:
        span.attributes["error.type"] = response.error_codes[0]
    # https://opentelemetry.io/docs/specs/semconv/http/http-spans/: what a client did wrong is no error of the server.
    if response.status >= 500:
        span.fail()
    span.finish()


def _dotted(attributes: dict[str, AttributeValue]) -> dict[str, AttributeValue]:
    return {name.replace("_", "."): value for name, value in attributes.items()}
