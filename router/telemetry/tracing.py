"""Traces with OpenTelemetry.

Without an exporter there is no tracer, and a span is a shared object that does nothing.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from urllib.parse import urlsplit

from opentelemetry import context as otel_context
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpanExporter
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, Sampler, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode, format_trace_id, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from router.config.telemetry import OtlpSection, TracingSection

AttributeValue = str | bool | int | float
SpanContext = AbstractContextManager[Span | None]

_NO_SPAN: SpanContext = nullcontext()


class Tracing:
    """Makes spans, and carries their trace across HTTP headers."""

    def __init__(self, options: TracingSection, processor: SpanProcessor, *, resource: Mapping[str, str]) -> None:
        self._provider = TracerProvider(
            sampler=_sampler(options),
            resource=Resource.create({"service.name": "supergate", **resource}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("supergate")
        self._propagator = _propagator(options)

    def server_span(
        self, name: str, headers: Mapping[str, str], attributes: Mapping[str, AttributeValue]
    ) -> SpanContext:
        """The span of a request, a child of the caller's if the headers name one."""
        parent = self._propagator.extract(headers, context=otel_context.Context())
        return self._in_context(parent, name, attributes)

    def span(self, name: str, attributes: Mapping[str, AttributeValue], *, client: bool) -> SpanContext:
        """A span below the current one."""
        return self._span(name, attributes, kind=SpanKind.CLIENT if client else SpanKind.INTERNAL)

    def inject(self, headers: MutableMapping[str, str]) -> None:
        """Write the current trace into the headers of a request to a subgraph."""
        self._propagator.inject(headers)

    @contextmanager
    def _in_context(
        self, context: otel_context.Context, name: str, attributes: Mapping[str, AttributeValue]
    ) -> Iterator[Span]:
        # The whole context becomes the current one: beside the caller's span it holds the baggage.
        token = otel_context.attach(context)
        try:
            with self._span(name, attributes, kind=SpanKind.SERVER) as span:
                yield span
        finally:
            otel_context.detach(token)

    @contextmanager
    def _span(self, name: str, attributes: Mapping[str, AttributeValue], *, kind: SpanKind) -> Iterator[Span]:
        # The text of an error may quote what a client sent, so a span gets no more than its class.
        with self._tracer.start_as_current_span(
            name,
            kind=kind,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield span
            except Exception as error:
                span.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    def shutdown(self) -> None:
        """Send what is left, and stop. Waits for the collector."""
        self._provider.shutdown()


def no_span() -> SpanContext:
    """What stands for a span when there are none."""
    return _NO_SPAN


def current_trace_id() -> str:
    """Hexadecimal id of the current trace; empty if there is none."""
    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else ""


def finish_request_span(status: int, attributes: Mapping[str, AttributeValue]) -> None:
    """Say on the current span, that of a request, how the request ended."""
    span = get_current_span()
    span.set_attributes({"http.response.status_code": status, **attributes})
    # https://opentelemetry.io/docs/specs/semconv/http/http-spans/: what a client did wrong is no error of the server.
    if status >= 500:
        span.set_status(StatusCode.ERROR)


def otlp_processor(options: OtlpSection) -> SpanProcessor:
    """Sends spans to a collector, in batches, from a thread of its own."""
    if options.protocol == "http":
        has_path = urlsplit(options.endpoint).path not in ("", "/")
        endpoint = options.endpoint if has_path else options.endpoint.rstrip("/") + "/v1/traces"
        return BatchSpanProcessor(HttpSpanExporter(endpoint=endpoint, timeout=options.timeout))
    return BatchSpanProcessor(
        GrpcSpanExporter(
            endpoint=options.endpoint, insecure=not options.endpoint.startswith("https:"), timeout=options.timeout
        )
    )


def _sampler(options: TracingSection) -> Sampler:
    sampler = TraceIdRatioBased(options.sampler)
    return ParentBased(sampler) if options.parent_based_sampler else sampler


def _propagator(options: TracingSection) -> TextMapPropagator:
    known: dict[str, TextMapPropagator] = {
        "tracecontext": TraceContextTextMapPropagator(),
        "baggage": W3CBaggagePropagator(),
    }
    return CompositePropagator([known[name] for name in options.propagation])
