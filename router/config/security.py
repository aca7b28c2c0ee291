"""The blocks ``cors``, ``csrf``, ``limits`` and ``security``."""

import re
from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from router.config.section import Section
from router.config.units import Duration, Interval, Size


class CorsPolicy(Section):
    """What pages of some origins may do."""

    origins: tuple[str, ...]
    """Exact origins (``https://app.example.com``), or ``*`` for every one."""

    methods: tuple[str, ...] = ("GET", "POST", "OPTIONS")
    """Methods that a preflight allows."""

    allow_headers: tuple[str, ...] = ()
    """Request headers that a preflight allows; empty allows those that it asks for."""

    expose_headers: tuple[str, ...] = ()
    """Response headers that scripts may read."""

    allow_credentials: bool = False
    """Whether cookies are sent along."""

    max_age: Duration | None = None
    """How long a browser may remember the answer to a preflight."""

    @model_validator(mode="after")
    def _no_credentials_for_all(self) -> "CorsPolicy":
        if self.allow_credentials and "*" in self.origins:
            raise ValueError("allow_credentials needs named origins: browsers refuse it together with *")
        return self


class CorsSection(Section):
    """Cross-origin requests; the first policy that names the origin decides, and unknown origins get nothing."""

    policies: tuple[CorsPolicy, ...] = ()
    """In order."""


class CsrfSection(Section):
    """Protection from cross-site request forgery, on both doors."""

    enabled: bool = True
    """Whether a request must show that a browser asked before sending it, or that no browser sent it."""

    required_headers: tuple[str, ...] = ("x-apollo-operation-name", "apollo-require-preflight")
    """A request with any of these passes: no page can send them without a preflight."""


LimitName = Literal[
    "max_depth", "max_height", "max_aliases", "max_aliases_per_field", "max_root_fields", "max_directives",
    "max_introspection_lists",
]  # fmt: skip


class LimitsConfig(Section):
    """What one request may ask for; ``null`` switches a limit off."""

    max_depth: int | None = Field(default=15, ge=1)
    """How deep fields may be nested."""

    max_height: int | None = Field(default=200, ge=1)
    """How many different fields there may be."""

    max_aliases: int | None = Field(default=30, ge=0)
    """How many fields may have an alias."""

    max_aliases_per_field: int | None = Field(default=None, ge=0)
    """How many of them may be of one field name."""

    max_root_fields: int | None = Field(default=20, ge=1)
    """How many root fields there may be."""

    max_directives: int | None = Field(default=50, ge=0)
    """How many directives there may be."""

    max_introspection_lists: int | None = Field(default=2, ge=1)
    """How many lists of the schema (fields, interfaces, …) may be nested in one another when it is asked for."""

    parser_max_tokens: int = Field(default=15_000, ge=1)
    """Tokens of a document."""

    parser_max_recursion: int = Field(default=500, ge=1)
    """How deep braces, brackets and parentheses of a document may be nested."""

    http_max_request_bytes: Size = 2_000_000
    """Bytes of a request body after decompression."""

    warn_only: bool | tuple[LimitName, ...] = False
    """Whether an operation beyond a limit is logged, counted and let through; or the limits for which it is."""

    def only_warns(self, limit: str) -> bool:
        """Whether a limit of an operation is only told of."""
        return self.warn_only if isinstance(self.warn_only, bool) else limit in self.warn_only


class SecurityHeaders(Section):
    """Headers that every answer gets unless it has them already."""

    enabled: bool = True
    """Whether ``X-Content-Type-Options``, ``Referrer-Policy`` and, with TLS, HSTS are sent."""

    referrer_policy: str = "no-referrer"
    """Value of ``Referrer-Policy``."""

    hsts_max_age: Duration = 31_536_000.0
    """``max-age`` of ``Strict-Transport-Security``."""


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        try:
            ip_network(text)
        except ValueError as error:
            raise ValueError(
                f"{error}; write an address, or a network such as 203.0.113.0/24 or 2001:db8::/32"
            ) from None
    return texts


def _patterns(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        try:
            re.compile(text)
        except re.error as error:
            raise ValueError(f"{text!r} is not a regular expression: {error}") from None
    return texts


Networks = Annotated[tuple[str, ...], AfterValidator(_networks)]
Patterns = Annotated[tuple[str, ...], AfterValidator(_patterns)]


class IpSection(Section):
    """Who may call, by address; a denied address stays out even if it is allowed too."""

    allow: Networks = ()
    """Addresses and networks; if there are any, nobody else may call."""

    deny: Networks = ()
    """Addresses and networks that may not call."""

    trusted_proxy_depth: int = Field(default=0, ge=0)
    """Proxies in front of the gateway: 1 takes the last address of ``X-Forwarded-For``, 0 that of the socket."""


class BotsSection(Section):
    """User agents that are not wanted."""

    deny_user_agents: Patterns = ()
    """Regular expressions that are searched in ``User-Agent``."""


class SecuritySection(Section):
    """Protection of the gateway itself."""

    headers: SecurityHeaders = SecurityHeaders()
    ip: IpSection = IpSection()
    bots: BotsSection = BotsSection()
    maintenance: bool = False
    """Whether every request is answered with 503; health checks and metrics are not."""

    maintenance_retry_after: Interval = 60.0
    """``Retry-After`` of these answers."""
