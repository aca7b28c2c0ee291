"""The block ``traffic_shaping``: how long and how much."""

from collections.abc import Mapping

from pydantic import Field

from router.config.ratelimit import GlobalRateLimit
from router.config.section import Section
from router.config.units import Interval


class RouterShaping(Section):
    """What holds for client requests."""

    timeout: Interval = 60.0
    """How long one request may take, everything included."""

    global_rate_limit: GlobalRateLimit | None = None
    """Another name for ``ratelimit.global``."""


class Bulkhead(Section):
    """How much one subgraph gets at the same time."""

    max_connections: int = Field(default=1024, ge=1)
    """Connections, idle ones included."""

    max_requests: int = Field(default=1024, ge=1)
    """Requests that run at the same time. A connection carries one, so the lower of the two numbers counts."""

    max_pending_requests: int = Field(default=512, ge=0)
    """Requests that wait for a connection; one more fails at once."""


class AllSubgraphsShaping(Section):
    """What holds for every subgraph."""

    timeout: Interval = 30.0
    """From sending a request to the last byte of the response."""

    connect_timeout: Interval = 5.0
    """How long opening a connection may take, TLS included."""

    bulkhead: Bulkhead = Bulkhead()

    deduplicate_query: bool = True
    """Whether a query that is under way with the same headers and the same body is not sent a second time. The headers
    by which the gateway names a request (``x-request-id``, ``traceparent``, ``tracestate``) may differ. Where
    ``headers`` passes on the subgraph's cookies, each query is sent."""


class SubgraphShaping(Section):
    """What differs for one subgraph; what is left out is as for all."""

    timeout: Interval | None = None
    """From sending a request to the last byte of the response."""

    connect_timeout: Interval | None = None
    """How long opening a connection may take, TLS included."""

    bulkhead: Bulkhead | None = None
    """Replaces the whole block."""

    deduplicate_query: bool | None = None
    """Whether a query that is under way is not sent a second time."""


class TrafficShapingSection(Section):
    """How long and how much; the timeout that ends first counts."""

    router: RouterShaping = RouterShaping()
    all: AllSubgraphsShaping = AllSubgraphsShaping()
    subgraphs: Mapping[str, SubgraphShaping] = {}
    """By subgraph."""

    def subgraph(self, name: str) -> AllSubgraphsShaping:
        """What holds for one subgraph."""
        own = self.subgraphs.get(name, SubgraphShaping())
        return AllSubgraphsShaping(
            timeout=self.all.timeout if own.timeout is None else own.timeout,
            connect_timeout=self.all.connect_timeout if own.connect_timeout is None else own.connect_timeout,
            bulkhead=self.all.bulkhead if own.bulkhead is None else own.bulkhead,
            deduplicate_query=(self.all.deduplicate_query if own.deduplicate_query is None else own.deduplicate_query),
        )
