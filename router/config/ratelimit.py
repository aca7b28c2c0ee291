"""The block ``ratelimit``: how often clients may call."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from router.config.section import Section
from router.config.units import Interval


class GlobalRateLimit(Section):
    """One token bucket for all requests; also the shape of ``traffic_shaping.router.global_rate_limit``."""

    capacity: int = Field(ge=1)
    """Requests that may come at once."""

    interval: Interval
    """How long an empty bucket takes to fill."""


class RedisStorage(Section):
    """Counters shared by several gateways."""

    urls: tuple[str, ...] = Field(min_length=1, max_length=1)
    """The server, as ``redis://host:port/db``."""

    namespace: str = "rl"
    """The first part of every key."""

    timeout: Interval = 0.05
    """How long one decision may wait for the server."""

    retry_interval: Interval = 1.0
    """How long the server is left alone after a failure."""


class InMemoryCounters(Section):
    """Counters in the memory of one process."""

    max_keys: int = Field(default=100_000, ge=1)
    """Keys that are remembered; the least recently used one is forgotten."""


class RateLimitStorage(Section):
    """Where counters are kept: in memory, unless ``redis`` is there."""

    redis: RedisStorage | None = None
    in_memory: InMemoryCounters = InMemoryCounters()


class PlanLimit(Section):
    """The limit of one usage plan."""

    capacity: int = Field(ge=1)
    """Requests in one interval."""

    interval: Interval
    """How long a window lasts, or an empty bucket takes to fill."""


class RateLimitPolicy(Section):
    """A limit for each value of a key."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    """Shown to clients, in metrics and in logs."""

    key: str = Field(pattern=r"^(consumer\.id|client\.ip|route|header\.[A-Za-z0-9-]+|claims\.[^\s]+)$")
    """What is counted apart: consumer.id, client.ip, route, header.NAME or claims.NAME; requests without it pass."""

    when: Literal["always", "anonymous", "authenticated"] = "always"
    """Which callers are counted."""

    algorithm: Literal["token_bucket", "sliding_window", "fixed_window"] = "token_bucket"
    """Token bucket: bursts, then a steady rate. Sliding window: never more in any interval. Fixed window: quotas."""

    capacity: int | None = Field(default=None, ge=1)
    """Requests in one interval."""

    interval: Interval | None = None
    """How long a window lasts, or an empty bucket takes to fill."""

    plans: Mapping[str, PlanLimit] = {}
    """Limits by usage plan instead; a caller of another plan gets the one called ``free``."""

    trusted_proxy_depth: int = Field(default=0, ge=0)
    """Proxies in front of the gateway: 1 takes the last address of ``X-Forwarded-For``, 0 that of the socket."""

    @model_validator(mode="after")
    def _has_limit(self) -> Self:
        if (self.capacity is None) != (self.interval is None):
            raise ValueError("capacity and interval belong together")
        if (self.capacity is None) == (not self.plans):
            raise ValueError("a policy has either capacity and interval, or plans")
        if self.plans and "free" not in self.plans:
            raise ValueError("plans need one called free, for callers whose plan is not listed")
        return self


class RateLimitSection(Section):
    """Rate limits of both doors. The name of ``global`` in Python is ``global_limit``."""

    storage: RateLimitStorage = RateLimitStorage()
    on_error: Literal["local", "allow", "deny"] = "local"
    """When Redis is away: count in this process, let all through, or refuse all with 503."""

    reject_status: Literal[429, 503] = 429
    """HTTP status of a refusal by the global limit."""

    global_limit: GlobalRateLimit | None = Field(default=None, alias="global")
    """One limit for all requests together."""

    policies: tuple[RateLimitPolicy, ...] = ()
    """Limits by key; all of them must let a request pass."""
