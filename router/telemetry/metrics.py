"""Metrics for Prometheus: five with names that dashboards know, and those of the gateway itself.

Labels are bounded: a route is a template, a method or a code is one of a list, and of everything that clients or
subgraphs choose only ``cardinality_limit`` values are told apart; the rest is ``__overflow__``.

Workers share the memory in which their numbers stand, so whichever is scraped shows the numbers of all.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from prometheus_client import generate_latest

from router.telemetry.families import Families, Shown
from router.telemetry.numbers import Numbers, new_memory

OVERFLOW = "__overflow__"
REQUEST_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_FINE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


# One observation, two names: that of the dashboards has some of the buckets of the other.
_SERVER_DURATION = Shown(
    name="http_server_request_duration_seconds",
    documentation="The same, in the words of OpenTelemetry",
    labels=("http_request_method", "http_route", "http_response_status_code"),
    buckets=_FINE_BUCKETS,
)
_API_DURATION = Shown(
    name="api_request_duration_seconds",
    documentation="Time from the first byte of a request to its answer",
    labels=("method", "route", "status_code"),
    buckets=REQUEST_BUCKETS,
)
_FETCH_DURATION = Shown(
    name="http_client_request_duration_seconds",
    documentation="Time of a request to a subgraph; error_type is empty when an answer came",
    labels=("subgraph_name", "error_type"),
    buckets=_FINE_BUCKETS,
)
_PLAN_DURATION = Shown(
    name="router_plan_duration_seconds", documentation="Time to plan an operation", buckets=_FINE_BUCKETS
)

_COST = Shown(
    name="router_operation_cost",
    documentation="Cost of an operation: estimated before it runs, and actual",
    labels=("kind",),
    buckets=(0.0, 1.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0, 5000.0, 10000.0),
)


class LabelValues:
    """Lets the first ``limit`` values of a label pass; all others become one."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: dict[str, str] = {}

    def bounded(self, value: str) -> str:
        """The value, or ``__overflow__``."""
        known = self._known.get(value)
        if known is not None:
            return known
        if len(self._known) >= self._limit:
            return OVERFLOW
        # A name from a token may hold what UTF-8 does not.
        known = self._known[value] = value.encode(errors="replace").decode()
        return known


@dataclass(frozen=True, slots=True)
class MetricsMemory:
    """Where numbers stand.

    Attributes:
        own: The memory of this process.
        all: That of every process whose numbers are shown together, this one among them.
        period: A number that all of them share, see ``Lowest``.
    """

    own: memoryview
    all: tuple[memoryview, ...]
    period: memoryview

    @classmethod
    def of_one_process(cls) -> Self:
        """Memory of a process that shows only its own numbers."""
        own = new_memory()
        return cls(own, (own,), new_memory(8))

    @classmethod
    def of_processes(cls, count: int) -> tuple[Self, ...]:
        """One for each of ``count`` processes, which are to be forked."""
        period, regions = new_memory(8), tuple(new_memory() for _ in range(count))
        return tuple(cls(own, regions, period) for own in regions)


_WOULD_REJECT = ("stage", "route", "consumer")


class Metrics:
    """The metrics of one gateway."""

    def __init__(self, *, cardinality_limit: int = 2000, memory: MetricsMemory | None = None) -> None:
        memory = memory or MetricsMemory.of_one_process()
        own = Numbers(memory.own)
        processes = [own if each is memory.own else Numbers(each) for each in memory.all]
        families = Families(own, processes, period=memory.period.cast("Q"))
        counter = families.counter
        self._families = families
        self._consumers = LabelValues(cardinality_limit)
        self._codes = LabelValues(cardinality_limit)
        self._subgraphs = LabelValues(cardinality_limit)
        self._operations = LabelValues(cardinality_limit)
        self._series: dict[tuple[str, str, int, str], Callable[[float], None]] = {}
        self._cells = own.cells
        self._durations = families.histogram(_SERVER_DURATION, _API_DURATION)
        self._fetches = families.histogram(_FETCH_DURATION)
        self._plans = families.histogram(_PLAN_DURATION)
        self._costs = families.histogram(_COST)
        self._requests = counter("api_requests_total", "Requests", "method", "route", "status_code", "consumer")
        self._errors = counter("api_errors_total", "Errors in answers, by code", "method", "route", "error_type")
        self._active = families.gauge("api_active_connections", "Requests in progress").first()
        self._remaining = families.lowest(
            "api_rate_limit_remaining", "Lowest remainder since the last scrape", "policy"
        )
        self._graphql_errors = counter(
            "graphql_errors_total", "Errors in GraphQL results", "code", "subgraph", "operation"
        )
        self._caches = counter("router_cache_requests_total", "Cache look-ups", "cache", "result")
        self._jwks = counter("router_jwks_refresh_total", "Fetches of key sets", "result")
        self._store_errors = counter("router_ratelimit_storage_errors_total", "Rate limits decided without their store")
        self._would_reject = counter(
            "router_policy_would_reject_total", "Requests that policies in measure mode let pass", *_WOULD_REJECT
        )
        self._reloads = counter("router_supergraph_reloads_total", "New supergraphs and configurations", "result")
        self._supergraph_age = families.since(
            "router_supergraph_age_seconds", "Time since the supergraph that is served was taken"
        )
        self._log_drops = counter(
            "router_access_log_dropped_total", "Access-log lines that could not be written in time"
        )
        self._worker_restarts = counter("router_worker_restarts_total", "Workers that ended and were started anew")

    def request_started(self) -> None:
        """A request has come in."""
        self._cells[self._active] += 1.0

    def request_finished(
        self, *, method: str, route: str, status: int, consumer: str, codes: Iterable[str], seconds: float
    ) -> None:
        """A request was answered."""
        self._cells[self._active] -= 1.0
        count = self._series.get((method, route, status, consumer))
        if count is None:
            count = self._bind(method, route, status, consumer)
        count(seconds)
        for code in codes:
            self._errors.inc(_known_method(method), route, self._codes.bounded(code))

    def _bind(self, method: str, route: str, status: int, consumer: str) -> Callable[[float], None]:
        """Count requests of this kind from now on: finding the series costs more than counting."""
        labels = (_known_method(method), route, str(status))
        first = self._durations.first(*labels)
        last = first + self._durations.size - 1
        known = self._consumers.bounded(consumer)
        requests = self._requests.first(*labels, known)
        cells = self._cells

        def count(seconds: float) -> None:
            cells[first + bisect_left(_FINE_BUCKETS, seconds)] += 1.0
            cells[last] += seconds
            cells[requests] += 1.0

        if labels[0] == method and known == consumer:  # else the client chose something, and there is no end to that
            self._series[method, route, status, consumer] = count
        return count

    def fetch_finished(self, subgraph: str, seconds: float, code: str | None) -> None:
        """A subgraph was asked; ``code`` says what went wrong, if anything."""
        error_type = self._codes.bounded(code) if code else ""
        self._fetches.observe(seconds, self._subgraphs.bounded(subgraph), error_type)

    def fetch_observer(self, subgraph: str) -> Callable[[float, str | None], None]:
        """``fetch_finished`` for one subgraph, whose series is found now and not each time."""
        cells, first = self._cells, self._fetches.first(self._subgraphs.bounded(subgraph), "")
        last = first + self._fetches.size - 1

        def observe(seconds: float, code: str | None) -> None:
            if code is None:
                cells[first + bisect_left(_FINE_BUCKETS, seconds)] += 1.0
                cells[last] += seconds
            else:
                self.fetch_finished(subgraph, seconds, code)

        return observe

    def graphql_error(self, code: str, *, subgraph: str = "", operation: str = "") -> None:
        """A GraphQL result has an error: of which subgraph, if of one, and in which operation, if it has a name."""
        self._graphql_errors.inc(
            self._codes.bounded(code), self._subgraphs.bounded(subgraph), self._operations.bounded(operation)
        )

    def plan_finished(self, seconds: float) -> None:
        """An operation was planned."""
        self._plans.observe(seconds)

    def cost_counted(self, kind: str, cost: float) -> None:
        """An operation was weighed; ``kind`` is ``estimated`` or ``actual``."""
        self._costs.observe(cost, kind)

    def cache_observer(self, cache: str, result: str) -> Callable[[], None]:
        """Is told each time that a cache was asked with this result, ``hit`` or ``miss``."""
        return self._caches.counting(cache, result)

    def jwks_refreshed(self, result: str) -> None:
        """A key set was fetched; ``result`` is ``success`` or ``failure``."""
        self._jwks.inc(result)

    def policy_would_reject(self, stage: str, route: str, consumer: str) -> None:
        """A policy that only measures let a request pass."""
        self._would_reject.inc(stage, route, self._consumers.bounded(consumer))

    def reloaded(self, result: str) -> None:
        """There was something new to serve; ``result`` is ``success``, or ``failure`` if the old is served on."""
        self._reloads.inc(result)

    def supergraph_taken(self, clock: Callable[[], float]) -> None:
        """Another supergraph is served from now on; ``clock`` tells its age."""
        self._supergraph_age.now(clock)

    def rate_limit_remaining(self, policy: str, remaining: int) -> None:
        """A rate limit was charged."""
        self._remaining.saw(remaining, policy)

    def rate_limit_store_failed(self) -> None:
        """The store of the rate limits did not answer."""
        self._store_errors.inc()

    def log_line_dropped(self) -> None:
        """The access log was behind."""
        self._log_drops.inc()

    def worker_restarted(self) -> None:
        """A worker had ended, and was started anew."""
        self._worker_restarts.inc()

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._families)


def bury(memory: MetricsMemory) -> None:
    """Say that the process that counted in ``memory`` is no more: its requests are not in progress any longer."""
    Metrics(memory=memory)  # as who takes the memory over would


def _known_method(method: str) -> str:
    return method if method in _METHODS else "_OTHER"
