"""The block ``rest``: REST routes in front of operations and services."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from router.config.authorization import Scopes
from router.config.headers import FreeHeaderName, HeaderName, HeaderValue
from router.config.plugins import PluginSection
from router.config.section import Section
from router.config.units import Interval, Size

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()+,;=:@-]+|\{[A-Za-z_]\w*\})", re.ASCII)
_REST = re.compile(r"\{[A-Za-z_]\w*\*\}", re.ASCII)


def _path_template(path: str) -> str:
    if path == "/":
        return path
    if not path.startswith("/"):
        raise ValueError("a path begins with a slash")
    *segments, last = path[1:].split("/")
    for segment in segments:
        if not _SEGMENT.fullmatch(segment):
            raise ValueError(f"{segment!r} is neither plain text nor {{name}}; {{name*}} may only come last")
    if not _SEGMENT.fullmatch(last) and not _REST.fullmatch(last):
        raise ValueError(f"{last!r} is neither plain text nor {{name}} nor {{name*}}")
    names = re.findall(r"\{(\w+)\*?\}", path)
    if len(names) != len(set(names)):
        raise ValueError("two parameters have the same name")
    if any(segment in (".", "..") for segment in path.split("/")):
        raise ValueError("a path must not have . or .. as a segment")
    return path


def _path_prefix(prefix: str) -> str:
    prefix = prefix.rstrip("/")
    if prefix and ("{" in prefix or not prefix.startswith("/")):
        raise ValueError("a prefix is plain text that begins with a slash")
    return _path_template(prefix) if prefix else ""


PathTemplate = Annotated[str, AfterValidator(_path_template)]
PathPrefix = Annotated[str, AfterValidator(_path_prefix)]


class RequireSection(Section):
    """What a caller must show; all that is said here."""

    scopes: Scopes = ()
    """One of these lists must be held completely: ``[["orders:read", "orders:list"], ["admin"]]``."""

    groups: tuple[str, ...] = ()
    """The caller is in one of these groups."""

    groups_claim: str = "groups"
    """The claim that lists the caller's groups."""

    policies: tuple[str, ...] = ()
    """Each of these rules of ``authorization.policies`` holds."""

    api_key: bool = False
    """Whether the caller must have an API key."""

    @model_validator(mode="after")
    def _asks_something(self) -> "RequireSection":
        if not (self.scopes or self.groups or self.policies or self.api_key):
            raise ValueError("say what is required: scopes, groups, policies or api_key")
        return self


class RequestHeaders(Section):
    """Headers of the request to the service."""

    add: Mapping[FreeHeaderName, HeaderValue] = {}
    """Sent; a client's header of that name is not."""

    remove: tuple[HeaderName, ...] = ()
    """Not sent."""


class ResponseHeaders(Section):
    """Headers of the response to the client."""

    add: Mapping[FreeHeaderName, HeaderValue] = {}
    """Sent; the service's header of that name is not."""

    remove: tuple[HeaderName, ...] = ()
    """Not sent."""


class ProxyRequest(Section):
    """What happens to the request on its way to the service."""

    headers: RequestHeaders = RequestHeaders()
    max_body: Size | None = None
    """A larger body is refused, in addition to ``limits.http_max_request_bytes``."""


class ProxyResponse(Section):
    """What happens to the response on its way to the client."""

    headers: ResponseHeaders = ResponseHeaders()


class Terminate(Section):
    """An answer that needs nobody behind the gateway."""

    status: int = Field(default=503, ge=200, le=599)
    """HTTP status."""

    message: str = ""
    """What the caller is told; from status 400 on in a problem document."""

    headers: Mapping[FreeHeaderName, HeaderValue] = {}
    """Sent with the answer, such as ``Sunset``, ``Location`` or ``Retry-After``."""


class RouteSection(Section):
    """One route: an ``operation`` that runs here, an ``upstream`` that is asked, or neither, by ``terminate``."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    """What metrics, logs and traces call it."""

    path: PathTemplate
    """Below ``base_path``; ``{id}`` is one segment, ``{rest*}`` at the end any number of them."""

    method: Method | None = None
    """GET if neither this nor ``methods`` is given; every method for a route with ``terminate``."""

    methods: Annotated[tuple[Method, ...], Field(min_length=1)] | None = None
    """Several methods. GET includes HEAD."""

    require: Literal["public", "authenticated"] | RequireSection | None = None
    """Who may call; left out, ``authorization.require_authentication`` decides."""

    timeout: Interval | None = None
    """Time for one request, if it is less than ``traffic_shaping.router.timeout``."""

    cost: int = Field(default=1, ge=0)
    """What one call costs where a rate limit counts costs."""

    operation: str | None = None
    """File with the operation that answers; relative to the configuration file."""

    body: str | None = None
    """The operation's variable that the JSON body becomes."""

    success_status: int = Field(default=200, ge=200, le=299)
    """HTTP status if nothing failed."""

    not_found_when: str | None = Field(default=None, pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")
    """Answer 404 if this member of the result is null: ``order``, ``user.cart``."""

    on_partial: Literal["allow", "fail"] = "allow"
    """If a part of the answer failed: ``allow`` sends the rest with ``errors`` beside it, ``fail`` answers 502."""

    upstream: str | None = None
    """URL of the service that answers."""

    strip_prefix: PathPrefix = ""
    """Taken off the path before the service sees it."""

    request: ProxyRequest | None = None
    response: ProxyResponse | None = None

    terminate: Terminate | None = None
    """The gateway answers by itself: for what is closed, has moved or was retired."""

    plugins: tuple[PluginSection, ...] = ()
    """Policies of your own on this route alone; one of a name that stands at the top, too, replaces it here."""

    @property
    def allowed_methods(self) -> tuple[Method, ...]:
        """The methods of this route as they are configured."""
        if self.methods is None and self.method is None and self.terminate is not None:
            return _ALL_METHODS
        return self.methods or (self.method or "GET",)

    @model_validator(mode="after")
    def _check(self) -> "RouteSection":
        if self.method is not None and self.methods is not None:
            raise ValueError("a route has method or methods, not both")
        kinds = [kind for kind in _ONLY_WITH if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise ValueError("a route has exactly one of operation, upstream and terminate")
        others = frozenset[str]().union(*(keys for kind, keys in _ONLY_WITH.items() if kind != kinds[0]))
        wrong = sorted(others & self.model_fields_set)
        if wrong:
            raise ValueError(f"{', '.join(wrong)} cannot stand in a route with {kinds[0]}")
        return self


_ALL_METHODS: tuple[Method, ...] = get_args(Method)
_ONLY_WITH = {
    "operation": frozenset({"body", "success_status", "not_found_when", "on_partial"}),
    "upstream": frozenset({"strip_prefix", "request", "response"}),
    "terminate": frozenset[str](),
}
"""The kinds of routes, and which keys stand in no other kind."""


class RestSection(Section):
    """REST routes; they pass the same policies as GraphQL requests."""

    base_path: PathPrefix = ""
    """Stands before the path of every route."""

    routes: tuple[RouteSection, ...] = ()
    """The first route that fits a request answers it."""
