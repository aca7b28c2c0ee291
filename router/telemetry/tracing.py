"""Traces: which requests are recorded, and what continues their trace at the subgraphs.

    traceparent ──▶ Tracing ──▶ Span | QuietTrace ──▶ … ──▶ traceparent
                    ▲ you are here

Whether a trace is recorded is decided once, when its request comes in: by the caller if it says so, or else by the
trace id, so that gateways with the same share agree. Without an exporter there is no ``Tracing``, and a span is a
shared object that does nothing.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from random import getrandbits
from urllib.parse import urlsplit

from multidict import CIMultiDict, CIMultiDictProxy
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext as OtelSpanContext
from opentelemetry.trace import SpanKind

from router.config.telemetry import OtlpSection, TracingSection
from router.telemetry.propagation import SAMPLED, read_caller, read_carried, traceparent
from router.telemetry.spans import CURRENT, AttributeValue, QuietTrace, Recorder, Span, remote_context

SpanContext = AbstractContextManager[Span | None]

NO_SPAN: SpanContext = nullcontext()
"""What stands for a span that nobody records."""

NO_TRACE = QuietTrace("", {})
"""What stands for a trace when there are none."""

_NO_HEADERS = CIMultiDictProxy(CIMultiDict[str]())


class Tracing:
    """Begins traces, and spans in them."""

    def __init__(self, options: TracingSection, processor: SpanProcessor, *, resource: Mapping[str, str]) -> None:
        passes_traces = "tracecontext" in options.propagation
        self._processor = processor
        self._recorder = Recorder(
            processor,
            Resource.create({"service.name": "supergate", **resource}),
            writes_traceparent=passes_traces,
        )
        # https://opentelemetry.io/docs/specs/otel/trace/sdk/#traceidratiobased
        # It looks at the lower half of the id.
        self._sampled_below = round(options.sampler * 2**64)
        self._parent_based = options.parent_based_sampler
        self._passes_traces = passes_traces
        self._passes_baggage = "baggage" in options.propagation

    def begin(self, headers: CIMultiDictProxy[str]) -> Span | QuietTrace:
        """The trace of a request. Its span has no name yet: that is made for those only that are recorded."""
        caller = read_caller(headers) if self._passes_traces else None
        carried = read_carried(headers, ("baggage",)) if self._passes_baggage else {}
        if caller is None:
            ids = f"{getrandbits(192):048x}"
            trace_id = ids[:32]
            if self._samples(trace_id):
                return self._root(trace_id, None, carried)
            return self._quiet(trace_id, ids[32:], 0, carried)
        carried |= read_carried(headers, ("tracestate",))
        if caller.is_sampled if self._parent_based else self._samples(caller.trace_id):
            return self._root(caller.trace_id, remote_context(caller, carried.get("tracestate")), carried)
        # The span id stays the caller's: there is no span of ours that could be the parent.
        return self._quiet(caller.trace_id, caller.span_id, caller.flags & ~SAMPLED, carried)

    def span(self, name: str, attributes: dict[str, AttributeValue], *, kind: SpanKind) -> Span | QuietTrace:
        """A span inside the current one, if that is recorded; outside of requests a trace of its own."""
        current = CURRENT.get()
        if isinstance(current, Span):
            return current.child(name, attributes, kind=kind)
        if current is not None:
            return current
        begun = self.begin(_NO_HEADERS)
        if isinstance(begun, Span):
            begun.name, begun.kind, begun.attributes = name, kind, attributes
        return begun

    def shutdown(self) -> None:
        """Send what is left, and stop. Waits for the collector."""
        self._processor.shutdown()

    def _samples(self, trace_id: str) -> bool:
        return int(trace_id[16:], 16) < self._sampled_below

    def _root(self, trace_id: str, parent: OtelSpanContext | None, carried: Mapping[str, str]) -> Span:
        return Span(self._recorder, "", trace_id=trace_id, parent=parent, kind=SpanKind.SERVER, carried=carried)

    def _quiet(self, trace_id: str, span_id: str, flags: int, carried: dict[str, str]) -> QuietTrace:
        if self._passes_traces:
            carried["traceparent"] = traceparent(trace_id, span_id, flags)
        return QuietTrace(trace_id, carried)


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
