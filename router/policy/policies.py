"""The list of policies, in the one order that both doors follow."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network

from router.config.model import Config
from router.config.ratelimit import GlobalRateLimit
from router.config.security import IpSection, SecuritySection
from router.identity.build import AuthenticatorTools, build_authenticators
from router.identity.forward_auth import Ask, cannot_ask
from router.identity.jwks import Fetch
from router.plugins.placed import placed_plugins
from router.policy.authenticate import Authenticate
from router.policy.authorize import Authorize, Requirement, authenticated, public
from router.policy.body_size import BodySize
from router.policy.bots import Bots
from router.policy.coprocessor import Coprocessor, PostJson, cannot_post
from router.policy.cors import Cors
from router.policy.csrf import Csrf
from router.policy.ip_filter import IpFilter
from router.policy.maintenance import Maintenance
from router.policy.modes import Modes
from router.policy.observe import Observe
from router.policy.pipeline import Pipeline, Policy
from router.policy.rate_limit import OperationRateLimit, RateLimit
from router.policy.rate_limit_rules import build_limits, tell_unknown_plans
from router.policy.request_id import RandomIds, RequestId
from router.policy.security_headers import AddHeaders, security_headers
from router.stores.build import build_limit_store
from router.stores.known_plans import known_plans
from router.stores.shared_memory import SharedCounters
from router.telemetry import Telemetry


async def cannot_fetch(url: str) -> bytes:
    """The ``Fetch`` of a gateway without network."""
    raise OSError(f"no network to fetch {url}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTools:
    """What policies need from the world.

    Attributes:
        fetch: For published key sets.
        ask: For a service that decides who calls.
        post: For a coprocessor.
        requirements: What routes ask of callers, by route name; others get the default.
        global_rate_limit: ``traffic_shaping.router.global_rate_limit``, if it is set.
        clock: Monotonic seconds.
        wall_clock: Seconds since 1970.
        shared_counters: What workers count rate limits in together; ``None`` if this is the only process.
        tls: Whether clients come over TLS.
    """

    telemetry: Telemetry
    fetch: Fetch = cannot_fetch
    ask: Ask = cannot_ask
    post: PostJson = cannot_post
    requirements: Mapping[str, Requirement] = field(default_factory=dict)
    global_rate_limit: GlobalRateLimit | None = None
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    shared_counters: SharedCounters | None = None
    tls: bool = False


def build_pipeline(config: Config, tools: PolicyTools) -> Pipeline:
    """Every policy that the configuration switches on, in the order in which requests meet them, each in its mode.

    Raises ``ValueError`` or ``OSError`` when a part of the configuration cannot be used, such as a key file.
    """
    placed = placed_plugins(config, taken=BUILT_IN)
    plugins = [each.plugin for each in placed]
    policies = sorted((*_built_in(config, tools), *plugins), key=lambda policy: -policy.priority)
    own = {each.plugin.name: each.mode for each in placed}
    modes = Modes.of(config.policies, own, on_would_reject=tools.telemetry.metrics.policy_would_reject)
    return Pipeline(tuple(policies), modes)


BUILT_IN = frozenset({
    "request_id", "observe", "security_headers", "body_size", "ip", "bots", "maintenance", "cors", "csrf",
    "coprocessor", "authenticate", "authorize", "rate_limit", "limits", "field_authorization", "cost",
})  # fmt: skip
"""Names that a plugin cannot have."""


def _built_in(config: Config, tools: PolicyTools) -> tuple[Policy, ...]:
    request_id = config.telemetry.request_id
    default = authenticated if config.authorization.require_authentication else public
    return tuple(
        policy
        for policy in (
            RequestId(header=request_id.header, echo=request_id.echo_downstream, make=RandomIds()),
            Observe(tools.telemetry),
            _security_headers(config, tools),
            BodySize(limit_bytes=config.limits.http_max_request_bytes),
            _ip_filter(config.security.ip),
            Bots(config.security.bots.deny_user_agents) if config.security.bots.deny_user_agents else None,
            _maintenance(config.security),
            Coprocessor(config.coprocessor, tools.post) if config.coprocessor is not None else None,
            Cors(config.cors.policies),
            Csrf(required_headers=config.csrf.required_headers) if config.csrf.enabled else None,
            _authenticate(config, tools),
            Authorize(default=default, routes=tools.requirements),
            _rate_limit(config, tools),
        )
        if policy is not None
    )


def _security_headers(config: Config, tools: PolicyTools) -> Policy | None:
    options = config.security.headers
    return AddHeaders(security_headers(options, tls=tools.tls)) if options.enabled else None


def _ip_filter(section: IpSection) -> Policy | None:
    if not section.allow and not section.deny:
        return None
    return IpFilter(
        allow=tuple(map(ip_network, section.allow)),
        deny=tuple(map(ip_network, section.deny)),
        trusted_proxy_depth=section.trusted_proxy_depth,
    )


def _maintenance(section: SecuritySection) -> Policy | None:
    return Maintenance(retry_after_seconds=section.maintenance_retry_after) if section.maintenance else None


def _authenticate(config: Config, tools: PolicyTools) -> Policy | None:
    authenticators = build_authenticators(
        config.authentication.router,
        AuthenticatorTools(
            fetch=tools.fetch,
            ask=tools.ask,
            clock=tools.clock,
            wall_clock=tools.wall_clock,
            on_key_set_refresh=tools.telemetry.metrics.jwks_refreshed,
        ),
    )
    tools.telemetry.keep_secret({header for each in authenticators for header in each.credential_headers})
    return Authenticate(authenticators) if authenticators else None


def _rate_limit(config: Config, tools: PolicyTools) -> Policy | None:
    costs = {route.name: route.cost for route in config.rest.routes}
    limits = build_limits(config.ratelimit, alias=tools.global_rate_limit, route_costs=costs)
    if not limits:
        return None
    tell_unknown_plans(config.ratelimit, known_plans(config.authentication.router))
    store = build_limit_store(
        config.ratelimit,
        clock=tools.clock,
        wall_clock=tools.wall_clock,
        on_failure=tools.telemetry.metrics.rate_limit_store_failed,
        shared=tools.shared_counters,
    )
    policy = OperationRateLimit if any(limit.needs_operations for limit in limits) else RateLimit
    return policy(
        limits,
        store,
        wall_clock=tools.wall_clock,
        on_remaining=tools.telemetry.metrics.rate_limit_remaining,
        on_would_reject=tools.telemetry.metrics.policy_would_reject,
    )
