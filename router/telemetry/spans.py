"""Spans: what is remembered of a piece of work until it is exported.

    Tracing ──▶ RequestSpan ──▶ Span … ──▶ Recorder ──▶ OpenTelemetry's exporter
                ▲ you are here

The exporter is OpenTelemetry's. Spans that are under way are our own: those of its SDK take a lock for each attribute
and cost five times as much.

A request whose trace is not recorded has a ``QuietTrace`` instead, which knows the headers for subgraphs and nothing
else.
"""

import time
from collections.abc import Mapping
from contextvars import ContextVar
from random import getrandbits
from types import TracebackType
from typing import Self

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from router.telemetry.propagation import SAMPLED, Caller, traceparent

AttributeValue = str | bool | int | float

_SAMPLED_FLAGS = TraceFlags(TraceFlags.SAMPLED)
_UNSET = Status(StatusCode.UNSET)


class QuietTrace:
    """The trace of a request that is not recorded.

    Attributes:
        headers: What a subgraph is sent, so that it knows the trace and that nobody records it.
    """

    __slots__ = ("headers", "trace_id")

    is_told = False
    """Nothing is told of it: one serves all that happens in a request, and need not be finished."""

    def __init__(self, trace_id: str, headers: Mapping[str, str]) -> None:
        self.trace_id = trace_id
        self.headers = headers

    def finish(self, code: str | None = None) -> None:
        """Nothing to tell."""


class Recorder:
    """Gives spans that have ended to an exporter.

    Attributes:
        writes_traceparent: Whether subgraphs are told of the trace.
    """

    def __init__(self, processor: SpanProcessor, resource: Resource, *, writes_traceparent: bool) -> None:
        self.writes_traceparent = writes_traceparent
        self._processor = processor
        self._resource = resource
        self._scope = InstrumentationScope("supergate")

    def record(self, span: "Span") -> None:
        """Take a span that has just ended."""
        self._processor.on_end(
            ReadableSpan(
                span.name,
                context=span.context,
                parent=span.parent,
                resource=self._resource,
                attributes=span.attributes,
                kind=span.kind,
                status=span.status,
                start_time=span.started_ns,
                end_time=time.time_ns(),
                instrumentation_scope=self._scope,
            )
        )


class Span:
    """A span that is under way. As a context it is the parent of spans that begin inside.

    Attributes:
        trace_id: Hexadecimal.
        carried: Headers that go on to subgraphs beside ``traceparent``.
    """

    __slots__ = (
        "_before",
        "_recorder",
        "attributes",
        "carried",
        "context",
        "kind",
        "name",
        "parent",
        "started_ns",
        "status",
        "trace_id",
    )

    is_told = True

    def __init__(
        self,
        recorder: Recorder,
        name: str,
        *,
        trace_id: str,
        parent: SpanContext | None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: dict[str, AttributeValue] | None = None,
        carried: Mapping[str, str] | None = None,
    ) -> None:
        self._recorder = recorder
        self._before: QuietTrace | Span | None = None
        self.name = name
        self.trace_id = trace_id
        self.parent = parent
        self.kind = kind
        self.attributes = {} if attributes is None else attributes
        self.carried = {} if carried is None else carried
        self.status = _UNSET
        state = parent.trace_state if parent is not None else None
        self.context = SpanContext(
            int(trace_id, 16), getrandbits(64) or 1, is_remote=False, trace_flags=_SAMPLED_FLAGS, trace_state=state
        )
        self.started_ns = time.time_ns()

    @property
    def headers(self) -> Mapping[str, str]:
        """What is sent to a program that is asked in this span."""
        if not self._recorder.writes_traceparent:
            return self.carried
        return {"traceparent": traceparent(self.trace_id, f"{self.context.span_id:016x}", SAMPLED), **self.carried}

    def child(self, name: str, attributes: dict[str, AttributeValue], *, kind: SpanKind = SpanKind.INTERNAL) -> "Span":
        """A span inside this one."""
        return Span(
            self._recorder,
            name,
            trace_id=self.trace_id,
            parent=self.context,
            kind=kind,
            attributes=attributes,
            carried=self.carried,
        )

    def fail(self, description: str | None = None) -> None:
        """It ended in an error."""
        self.status = Status(StatusCode.ERROR, description)

    def finish(self, code: str | None = None) -> None:
        """It has ended; ``code`` says what went wrong, if anything."""
        if code is not None:
            self.attributes["error.type"] = code
            self.fail(code)
        self._recorder.record(self)

    def __enter__(self) -> Self:
        self._before = CURRENT.get()
        CURRENT.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        CURRENT.set(self._before)
        if isinstance(error, Exception):
            # The text of an error may quote what a client sent, so a span gets no more than its class.
            self.fail(type(error).__name__)
        self.finish()


CURRENT: ContextVar[QuietTrace | Span | None] = ContextVar("current_span", default=None)
"""Where the running request, or the part of it that runs here, stands in its trace."""


def remote_context(caller: Caller, tracestate: str | None) -> SpanContext:
    """The span of a caller, as the parent of ours."""
    state = TraceState.from_header([tracestate]) if tracestate else None
    return SpanContext(
        int(caller.trace_id, 16),
        int(caller.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(caller.flags),
        trace_state=state,
    )
