"""The block ``telemetry``: request ids, the access log, metrics and traces."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from router.config.listen import ListenAddress
from router.config.section import Section
from router.config.units import Interval


class RequestIdSection(Section):
    """The id that every request gets."""

    header: str = "X-Request-ID"
    """Read from the request, sent with the answer."""

    generator: Literal["uuid"] = "uuid"
    """How an id is made for a request without a usable one."""

    echo_downstream: bool = True
    """Whether the answer has the header."""


class AccessLogSection(Section):
    """One line for each request."""

    enabled: bool = True
    """Whether it is written."""

    format: Literal["json"] = "json"
    output: str = "stdout"
    """``stdout``, ``stderr`` or the path of a file."""

    headers: tuple[str, ...] = ()
    """Request headers that are logged."""

    redact: tuple[str, ...] = ("authorization", "cookie", "x-api-key")
    """Headers and fields whose values are never written."""


class PrometheusSection(Section):
    """Metrics for Prometheus."""

    enabled: bool = True
    """Whether they are served."""

    listen: ListenAddress | None = None
    """An address of their own; without one they are on the main address."""

    path: str = Field(default="/metrics", pattern=r"^/[^?#\s]*$")
    """Path of the metrics."""

    cardinality_limit: int = Field(default=2000, ge=1)
    """Values of one label; further ones are counted as ``__overflow__``."""


class MetricsExporters(Section):
    """Where metrics go."""

    prometheus: PrometheusSection = PrometheusSection()


class OtlpSection(Section):
    """Traces over OTLP."""

    enabled: bool = False
    """Whether spans are made and sent."""

    endpoint: str = "http://localhost:4317"
    """The collector, such as ``http://localhost:4317`` for grpc or ``http://localhost:4318/v1/traces`` for http."""

    protocol: Literal["grpc", "http"] = "grpc"
    """OTLP over gRPC, or over HTTP with protobuf."""

    timeout: Interval = 3.0
    """How long sending one batch may take, repetitions included; a stop waits so long for a collector that is away."""


class TracingSection(Section):
    """Traces."""

    propagation: tuple[Literal["tracecontext", "baggage"], ...] = ("tracecontext", "baggage")
    """Headers that carry a trace from the client and to the subgraphs."""

    sampler: float = Field(default=1.0, ge=0, le=1)
    """Share of the traces that are recorded."""

    parent_based_sampler: bool = True
    """Whether the caller's decision to record, if it made one, counts more."""

    otlp: OtlpSection = OtlpSection()


class Exporters(Section):
    """Where measurements go."""

    metrics: MetricsExporters = MetricsExporters()
    tracing: TracingSection = TracingSection()


class TelemetrySection(Section):
    """What the gateway tells about its work."""

    request_id: RequestIdSection = RequestIdSection()
    access_log: AccessLogSection = AccessLogSection()
    exporters: Exporters = Exporters()
    resource: Mapping[str, str] = {}
    """Attributes of every span, such as ``deployment.environment.name``."""
