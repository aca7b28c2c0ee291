"""Metrics for Prometheus: five with names that dashboards know, and those of the gateway itself.

Labels are bounded: a route is a template, a method or a code is one of a list, and of everything that clients or
subgraphs choose only ``cardinality_limit`` values are told apart; the rest is ``__overflow__``.
"""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric

OVERFLOW = "__overflow__"
REQUEST_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_FINE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class LabelValues:
    """Lets the first ``limit`` values of a label pass; all others become one."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: set[str] = set()

    def bounded(self, value: str) -> str:
        """The value, or ``__overflow__``."""
        if value in self._known:
            return value
        if len(self._known) >= self._limit:
            return OVERFLOW
        self._known.add(value)
        return value


class _Scrape:
    """What a scrape shows: a registry without the ``_created`` series, which double it and which nobody reads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterable[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


class Metrics:
    """The metrics of one gateway, in a registry of their own."""

    def __init__(self, *, cardinality_limit: int = 2000) -> None:
        registry = CollectorRegistry()
        self._scrape = _Scrape(registry)
        self._consumers = LabelValues(cardinality_limit)
        self._codes = LabelValues(cardinality_limit)
        self._subgraphs = LabelValues(cardinality_limit)
        self._operations = LabelValues(cardinality_limit)
        self._lowest_remaining: dict[str, int] = {}
        self._series: dict[tuple[str, str, int, str], tuple[Histogram, Histogram, Counter]] = {}
        self._duration = Histogram(
            "api_request_duration_seconds",
            "Time from the first byte of a request to its answer",
            ("method", "route", "status_code"),
            buckets=REQUEST_BUCKETS,
            registry=registry,
        )
        self._requests = Counter(
            "api_requests_total", "Requests", ("method", "route", "status_code", "consumer"), registry=registry
        )
        self._errors = Counter(
            "api_errors_total", "Errors in answers, by code", ("method", "route", "error_type"), registry=registry
        )
        self._active = Gauge("api_active_connections", "Requests in progress", registry=registry)
        self._remaining = Gauge(
            "api_rate_limit_remaining", "Lowest remainder since the last scrape", ("policy",), registry=registry
        )
        self._server_duration = Histogram(
            "http_server_request_duration_seconds",
            "The same, in the words of OpenTelemetry",
            ("http_request_method", "http_route", "http_response_status_code"),
            buckets=_FINE_BUCKETS,
            registry=registry,
        )
        self._fetches = Histogram(
            "http_client_request_duration_seconds",
            "Time of a request to a subgraph; error_type is empty when an answer came",
            ("subgraph_name", "error_type"),
            buckets=_FINE_BUCKETS,
            registry=registry,
        )
        self._plans = Histogram(
            "router_plan_duration_seconds", "Time to plan an operation", buckets=_FINE_BUCKETS, registry=registry
        )
        self._graphql_errors = Counter(
            "graphql_errors_total", "Errors in GraphQL results", ("code", "subgraph", "operation"), registry=registry
        )
        self._caches = Counter("router_cache_requests_total", "Cache look-ups", ("cache", "result"), registry=registry)
        self._jwks = Counter("router_jwks_refresh_total", "Fetches of key sets", ("result",), registry=registry)
        self._store_errors = Counter(
            "router_ratelimit_storage_errors_total", "Rate limits decided without their store", registry=registry
        )
        self._reloads = Counter(
            "router_supergraph_reloads_total", "New supergraphs and configurations", ("result",), registry=registry
        )
        self._supergraph_age = Gauge(
            "router_supergraph_age_seconds", "Time since the supergraph that is served was taken", registry=registry
        )
        self._log_drops = Counter(
            "router_access_log_dropped_total", "Access-log lines that could not be written in time", registry=registry
        )

    def request_started(self) -> None:
        """A request has come in."""
        self._active.inc()

    def request_finished(
        self, *, method: str, route: str, status: int, consumer: str, codes: Iterable[str], seconds: float
    ) -> None:
        """A request was answered."""
        method = method if method in _METHODS else "_OTHER"
        self._active.dec()
        duration, server_duration, requests = self._series_of(method, route, status, self._consumers.bounded(consumer))
        duration.observe(seconds)
        server_duration.observe(seconds)
        requests.inc()
        for code in codes:
            self._errors.labels(method, route, self._codes.bounded(code)).inc()

    def _series_of(self, method: str, route: str, status: int, consumer: str) -> tuple[Histogram, Histogram, Counter]:
        """The series that a request belongs to. Remembered: finding them costs more than counting."""
        key = (method, route, status, consumer)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = (
                self._duration.labels(method, route, status),
                self._server_duration.labels(method, route, status),
                self._requests.labels(*key),
            )
        return series

    def fetch_finished(self, subgraph: str, seconds: float, code: str | None) -> None:
        """A subgraph was asked; ``code`` says what went wrong, if anything."""
        error_type = self._codes.bounded(code) if code else ""
        self._fetches.labels(self._subgraphs.bounded(subgraph), error_type).observe(seconds)

    def graphql_error(self, code: str, *, subgraph: str = "", operation: str = "") -> None:
        """A GraphQL result has an error: of which subgraph, if of one, and in which operation, if it has a name."""
        self._graphql_errors.labels(
            self._codes.bounded(code), self._subgraphs.bounded(subgraph), self._operations.bounded(operation)
        ).inc()

    def plan_finished(self, seconds: float) -> None:
        """An operation was planned."""
        self._plans.observe(seconds)

    def cache_used(self, cache: str, result: str) -> None:
        """A cache was asked; ``result`` is ``hit`` or ``miss``."""
        self._caches.labels(cache, result).inc()

    def jwks_refreshed(self, result: str) -> None:
        """A key set was fetched; ``result`` is ``success`` or ``failure``."""
        self._jwks.labels(result).inc()

    def reloaded(self, result: str) -> None:
        """There was something new to serve; ``result`` is ``success``, or ``failure`` if the old is served on."""
        self._reloads.labels(result).inc()

    def supergraph_taken(self, clock: Callable[[], float]) -> None:
        """Another supergraph is served from now on; ``clock`` tells its age."""
        taken = clock()
        self._supergraph_age.set_function(lambda: clock() - taken)

    def rate_limit_remaining(self, policy: str, remaining: int) -> None:
        """A rate limit was charged."""
        self._lowest_remaining[policy] = min(remaining, self._lowest_remaining.get(policy, remaining))

    def rate_limit_store_failed(self) -> None:
        """The store of the rate limits did not answer."""
        self._store_errors.inc()

    def log_line_dropped(self) -> None:
        """The access log was behind."""
        self._log_drops.inc()

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        for policy, remaining in self._lowest_remaining.items():
            self._remaining.labels(policy).set(remaining)
        self._lowest_remaining.clear()
        return generate_latest(self._scrape)
