"""The block ``ratelimit``: how often clients may call."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from router.config.policies import Mode
from router.config.redis_urls import parse_redis_urls
from router.config.section import Section
from router.config.units import Interval

LARGEST_CAPACITY = 2**31 - 1
LARGEST_QUOTA = 2**53 - 1

_RATE = re.compile(r"(\d+(?:\.\d+)?(?:[eE]-?\d+)?) ?/ ?(s|m|h|d)")
_RATE_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def _rate(value: object) -> object:
    if isinstance(value, float):
        return value
    if isinstance(value, str) and (match := _RATE.fullmatch(value.strip())):
        return float(match[1]) / _RATE_SECONDS[match[2]]
    raise ValueError("a rate is a number for each s, m, h or d, such as 50/s")


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; names are such as UTC or Europe/Berlin") from error
    return name


Capacity = Annotated[int, Field(ge=1, le=LARGEST_CAPACITY)]

Rate = Annotated[
    float,
    BeforeValidator(_rate),
    PlainSerializer(lambda rate: f"{rate!r}/s", return_type=str, when_used="json"),
    Field(gt=0),
    WithJsonSchema({"type": "string", "examples": ["50/s", "300/m"]}),
]
"""Units per second; in a file ``50/s``, ``300/m``."""


class GlobalRateLimit(Section):
    """One token bucket for all requests; also the shape of ``traffic_shaping.router.global_rate_limit``."""

    capacity: Capacity
    """Requests that may come at once."""

    interval: Interval
    """How long an empty bucket takes to fill."""


class RedisStorage(Section):
    """Counters shared by several gateways."""

    urls: tuple[str, ...] = Field(min_length=1)
    """One server (``redis://host:port/db``), ``redis+sentinel://host1,host2/service``, or the nodes of a cluster."""

    namespace: str = Field(default="rl", pattern=r"^[^{}]*$")
    """The first part of every key."""

    timeout: Interval = 0.05
    """How long one decision may wait for the server."""

    retry_interval: Interval = 1.0
    """How long the server is left alone after a failure."""

    required_to_start: bool = False
    """Whether a gateway that cannot reach the server refuses to start, or to take a new configuration."""

    @model_validator(mode="after")
    def _has_servers(self) -> Self:
        parse_redis_urls(self.urls)
        return self


class InMemoryCounters(Section):
    """Counters in the memory of one process."""

    max_keys: int = Field(default=100_000, ge=1)
    """Keys that are remembered; the least recently used one is forgotten."""


class RateLimitStorage(Section):
    """Where counters are kept: in memory, unless ``redis`` is there."""

    redis: RedisStorage | None = None
    in_memory: InMemoryCounters = InMemoryCounters()


class Window(Section):
    """So many in so long."""

    capacity: Capacity
    """Requests, or units of cost, in one interval."""

    interval: Interval | None = None
    """How long a window lasts, or an empty bucket takes to fill."""

    refill: Rate | None = None
    """For a token bucket, instead of ``interval``: how fast it fills, as ``50/s``."""

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if (self.interval is None) == (self.refill is None):
            raise ValueError("a limit has a capacity, and either interval or refill")
        return self

    @property
    def interval_seconds(self) -> float:
        """The interval, also if it follows from the rate."""
        if self.interval is not None:
            return self.interval
        assert self.refill is not None
        return self.capacity / self.refill


class Quota(Section):
    """So many in a day or a month of the calendar."""

    limit: int = Field(ge=1, le=LARGEST_QUOTA)
    """Requests, or units of cost."""

    period: Literal["day", "month"]
    """When it starts anew."""

    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    """Whose days and months; a name such as ``Europe/Berlin``."""


class Limits(Section):
    """What may be spent: in an interval, or several, and in a day or month."""

    capacity: Capacity | None = None
    """Requests, or units of cost, in one interval."""

    interval: Interval | None = None
    """How long a window lasts, or an empty bucket takes to fill."""

    refill: Rate | None = None
    """For a token bucket, instead of ``interval``: how fast it fills, as ``50/s``."""

    windows: tuple[Window, ...] = ()
    """Several limits at once, instead; all of them must let a request pass."""

    quota: Quota | None = None
    """Beside that, or alone, a limit for each day or month."""

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.capacity is None and (self.interval is not None or self.refill is not None):
            raise ValueError("capacity and interval belong together")
        if self.capacity is not None and self.windows:
            raise ValueError("a limit has either capacity and interval, or windows")
        lengths = [window.interval_seconds for window in self.all_windows]
        if len(set(lengths)) < len(lengths):
            raise ValueError("two windows have the same interval; keep the tighter one")
        return self

    @property
    def all_windows(self) -> tuple[Window, ...]:
        """The windows, however they are written."""
        if self.capacity is None:
            return self.windows
        return (Window(capacity=self.capacity, interval=self.interval, refill=self.refill),)

    @property
    def is_limited(self) -> bool:
        """Whether there is any limit."""
        return bool(self.all_windows) or self.quota is not None


class PlanLimit(Limits):
    """The limits of one usage plan."""

    @model_validator(mode="after")
    def _has_limit(self) -> Self:
        if not self.is_limited:
            raise ValueError("a plan has capacity and interval, windows, or a quota")
        return self


class RateLimitPolicy(Limits):
    """A limit for each value of a key."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    """Shown to clients, in metrics and in logs."""

    key: str = Field(
        pattern=r"^(consumer\.id|client\.ip|route|operation\.(name|hash)|header\.[A-Za-z0-9-]+|claims\.[^\s]+)$"
    )
    """What is counted apart: consumer.id, client.ip, route, operation.name, operation.hash, header.NAME or claims.NAME;
    requests without it pass."""

    mode: Mode = "enforce"
    """``measure`` counts and logs what it would refuse, ``off`` does not look."""

    when: Literal["always", "anonymous", "authenticated"] = "always"
    """Which callers are counted."""

    algorithm: Literal["token_bucket", "sliding_window", "sliding_window_counter", "fixed_window"] = "token_bucket"
    """Token bucket: bursts, then a steady rate. Sliding window: never more in any interval; it remembers each unit.
    Sliding window counter: nearly so, with two numbers. Fixed window: starts anew at each multiple of the interval."""

    cost: Literal[1, "operation_cost"] = 1
    """What a request costs: 1, or what its operation is expected to cost. A REST call costs its route's ``cost``."""

    plans: Mapping[str, PlanLimit] = {}
    """Limits by usage plan instead; a caller of another plan gets the one called ``free``."""

    trusted_proxy_depth: int = Field(default=0, ge=0)
    """Proxies in front of the gateway: 1 takes the last address of ``X-Forwarded-For``, 0 that of the socket."""

    @model_validator(mode="after")
    def _has_limit(self) -> Self:
        if self.is_limited == bool(self.plans):
            raise ValueError("a policy has either limits (capacity and interval, windows, quota), or plans")
        if self.plans and "free" not in self.plans:
            raise ValueError("plans need one called free, for callers whose plan is not listed")
        all_limits: tuple[Limits, ...] = (self, *self.plans.values())
        windows = [window for limits in all_limits for window in limits.all_windows]
        if self.algorithm != "token_bucket" and any(window.refill is not None for window in windows):
            raise ValueError("refill is for a token_bucket; a window has an interval")
        if self.algorithm == "sliding_window" and self.cost == "operation_cost":
            raise ValueError("a sliding_window remembers each unit; count costs with sliding_window_counter")
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

    @model_validator(mode="after")
    def _has_names(self) -> Self:
        names = [policy.name for policy in self.policies]
        if len(set(names)) < len(names) or "global" in names:
            raise ValueError("each policy has a name of its own; that of ratelimit.global is global")
        return self
