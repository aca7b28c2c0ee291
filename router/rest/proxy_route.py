"""A route behind which a service answers: headers are changed, everything else is passed on.

    Request ──▶ policies ──▶ ProxyRoute ──▶ Forwarder ──▶ service
                             ▲ you are here

The service sees a path that was decoded and encoded again in the one canonical way, so that it cannot find another
route in it than this gateway did. It learns who called from headers that only the gateway sets: what a client sends
under these names, or under names that some servers take for the same (``X_Consumer_Id``), is dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from multidict import CIMultiDict

from router.config.rest import ProxyRequest, ProxyResponse, RouteSection
from router.errors import BadGatewayError, GatewayTimeoutError, RequestTooLargeError
from router.policy.request import Request, Response
from router.rest.errors import BadPathError
from router.rest.path import is_ambiguous, join_path, split_path
from router.upstream.endpoint import parse_endpoint
from router.upstream.failures import UpstreamError, UpstreamTimeoutError
from router.upstream.forward import ForwardRequest, ForwardResponse, hop_by_hop
from router.upstream.header_rules import printable

# Told to the service by us, or of no use to it: bodies are whole and decompressed when they get here.
_NOT_PASSED_ON = frozenset({
    "host", "expect", "content-encoding", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
    "x-forwarded-prefix", "x-request-id", "x-consumer-id", "x-consumer-plan",
})  # fmt: skip

_QUERY_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '#"<>\\^`{|}')


class TraceHeaders(Protocol):
    """Where the current trace is known."""

    def inject(self, headers: CIMultiDict[str]) -> None:
        """Add the headers that continue the current trace."""


class Forwards(Protocol):
    """What requests are sent with."""

    async def forward(self, request: ForwardRequest) -> ForwardResponse:
        """Send a request and read the whole answer; raises ``UpstreamError``."""

    async def aclose(self) -> None:
        """Give back what is held."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ProxyRoute:
    """A proxy route, ready to answer.

    Attributes:
        origin: The service's URL without a slash at the end.
        prefix: Path segments that the service does not see.
    """

    section: RouteSection
    origin: str
    prefix: tuple[str, ...]
    timeout_seconds: float
    forwarder: Forwards
    trace: TraceHeaders

    async def answer(self, request: Request, _path_parameters: Mapping[str, str]) -> Response:
        """Ask the service; raises ``RequestError``."""
        changes = self.section.request or ProxyRequest()
        if changes.max_body is not None and len(request.body) > changes.max_body:
            raise RequestTooLargeError(f"This route takes bodies of at most {changes.max_body} bytes.")
        forward_request = ForwardRequest(
            method=request.method,
            url=self._url(request),
            headers=self._request_headers(request, changes),
            body=request.body,
            timeout_seconds=self.timeout_seconds,
        )
        try:
            answer = await self.forwarder.forward(forward_request)
        except UpstreamTimeoutError as error:
            raise GatewayTimeoutError(f"route {self.section.name}: {error}") from error
        except UpstreamError as error:
            raise BadGatewayError(f"route {self.section.name}: {error}") from error
        return self._response(request, answer)

    def _url(self, request: Request) -> str:
        segments = split_path(request.path)
        if any(map(is_ambiguous, segments)):
            raise BadPathError("The path has an encoded slash.")
        path = join_path(segments[len(self.prefix) :])
        query = quote(request.query_string.encode("utf-8", "surrogateescape"), safe=_QUERY_SAFE)
        return f"{self.origin}{path}?{query}" if query else f"{self.origin}{path}"

    def _request_headers(self, request: Request, changes: ProxyRequest) -> CIMultiDict[str]:
        own = self._own_headers(request, changes)
        dropped = (
            hop_by_hop(request.headers) | _NOT_PASSED_ON | {name.lower() for name in (*own, *changes.headers.remove)}
        )
        headers = CIMultiDict(
            (name, value)
            for name, value in request.headers.items()
            if name.lower() not in dropped and name.lower().replace("_", "-") not in dropped
        )
        headers.extend(own)
        return headers

    def _own_headers(self, request: Request, changes: ProxyRequest) -> CIMultiDict[str]:
        given = request.headers
        # A proxy before us that speaks TLS says so; we have no better knowledge of how the client came.
        scheme = given.get("x-forwarded-proto", "")
        own = CIMultiDict(
            {
                "X-Forwarded-For": ", ".join(filter(None, [*given.getall("x-forwarded-for", []), request.peer_ip])),
                "X-Forwarded-Proto": scheme if scheme in ("http", "https") else "http",
                "X-Forwarded-Host": given.get("host", ""),
                "X-Request-ID": request.id,
            }
        )
        if self.prefix:
            own["X-Forwarded-Prefix"] = join_path(self.prefix)
        if request.identity is not None:
            own["X-Consumer-ID"] = printable(request.identity.id)
            own["X-Consumer-Plan"] = printable(request.identity.plan or "")
        self.trace.inject(own)
        own.update(changes.headers.add)
        for name in [name for name, value in own.items() if not value]:
            del own[name]
        return own

    def _response(self, request: Request, answer: ForwardResponse) -> Response:
        changes = self.section.response or ProxyResponse()
        dropped = hop_by_hop(answer.headers) | {
            name.lower() for name in (*changes.headers.remove, *changes.headers.add)
        }
        headers = CIMultiDict((name, value) for name, value in answer.headers.items() if name.lower() not in dropped)
        headers.extend(changes.headers.add)
        if request.method == "HEAD" and "content-length" in answer.headers:
            headers["Content-Length"] = answer.headers["content-length"]
        return Response(status=answer.status, body=answer.body, headers=headers)


def load_proxy_route(
    section: RouteSection, *, default_timeout_seconds: float, forwarder: Forwards, trace: TraceHeaders, path: str
) -> ProxyRoute:
    """Make a proxy route ready; raises ``ValueError`` with what is wrong in its configuration.

    Args:
        section: A route with ``upstream``.
        default_timeout_seconds: Where the route has none of its own.
        forwarder: Sends the requests.
        trace: Knows the current trace.
        path: The whole path of the route.
    """
    upstream = section.upstream or ""
    endpoint = parse_endpoint(upstream)
    if endpoint.scheme == "unix" or "?" in endpoint.target:
        raise ValueError(f"{upstream!r} must be an http:// or https:// URL without a query")
    if section.strip_prefix and not f"{path}/".startswith(f"{section.strip_prefix}/"):
        raise ValueError(f"the path {path} does not begin with strip_prefix {section.strip_prefix}")
    return ProxyRoute(
        section=section,
        origin=f"{endpoint.scheme}://{endpoint.authority}{endpoint.target.rstrip('/')}",
        prefix=split_path(section.strip_prefix) if section.strip_prefix else (),
        timeout_seconds=section.timeout or default_timeout_seconds,
        forwarder=forwarder,
        trace=trace,
    )
