"""The subgraphs of one snapshot: a fetch goes out, an outcome comes back.

    executor ──FetchRequest──▶ sender ──▶ Pool ──▶ subgraph
             ◀──FetchOutcome──  ▲ you are here

``Upstreams`` is built with the snapshot: connection pools, limits and compiled header rules by subgraph. A client's
request gets a ``sender`` of its own, which knows the headers that are sent on its behalf. Whatever goes wrong is an
outcome with a text that clients may see; what really happened is logged.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from multidict import CIMultiDict

from router.config.headers import HeadersSection
from router.config.traffic import AllSubgraphsShaping, TrafficShapingSection
from router.executor.outcome import FetchAnswer, FetchFailure, FetchOutcome, FetchRequest, Send
from router.policy.request import Request
from router.upstream.endpoint import Endpoint, parse_endpoint
from router.upstream.failures import (
    ConnectError,
    ConnectionLostError,
    MalformedResponseError,
    OverloadedError,
    ResponseTooLargeError,
    UpstreamError,
    UpstreamTimeoutError,
)
from router.upstream.header_rules import HeaderRuleSet, encode_header_lines
from router.upstream.pool import Pool, PoolOptions
from router.upstream.reading import HttpResponse

_log = logging.getLogger(__name__)

_PREFIX = (
    "POST {target} HTTP/1.1\r\n"
    "host: {authority}\r\n"
    "content-type: application/json\r\n"
    "accept: application/graphql-response+json, application/json;q=0.9\r\n"
)

_TEXTS: Mapping[type[UpstreamError], tuple[str, str]] = {
    ConnectError: ("SUBREQUEST_HTTP_ERROR", "Subgraph {subgraph} cannot be reached."),
    ConnectionLostError: ("SUBREQUEST_HTTP_ERROR", "Subgraph {subgraph} closed the connection without an answer."),
    MalformedResponseError: ("SUBREQUEST_HTTP_ERROR", "Subgraph {subgraph} sent an answer that is not valid HTTP."),
    ResponseTooLargeError: ("SUBREQUEST_HTTP_ERROR", "Subgraph {subgraph} sent an answer that is too large."),
    UpstreamTimeoutError: ("GATEWAY_TIMEOUT", "Subgraph {subgraph} did not answer in time."),
    OverloadedError: ("SUBGRAPH_OVERLOADED", "Subgraph {subgraph} has too many requests waiting."),
}


class FetchTelemetry(Protocol):
    """Where fetches are told about."""

    def fetch_span(self, subgraph: str, **attributes: str) -> AbstractContextManager[object]:
        """A span around one fetch."""

    def inject(self, headers: MutableMapping[str, str]) -> None:
        """Add the headers that continue the current trace: ``traceparent`` and its like."""

    def fetch_finished(self, subgraph: str, seconds: float, code: str | None) -> None:
        """A fetch is over; ``code`` is that of a failure, ``None`` if an HTTP response came."""


@dataclass(frozen=True, slots=True, eq=False)
class _Subgraph:
    """What is known of one subgraph.

    Attributes:
        prefix: The request line and the headers that are always the same.
    """

    name: str
    pool: Pool
    prefix: bytes
    rules: HeaderRuleSet
    timeout_seconds: float


class Upstreams:
    """The subgraphs of one snapshot, by name.

    Args:
        urls: Where each subgraph is, according to the supergraph.
        overrides: URLs that count instead.
        tls: For ``https`` URLs; the system's certificate authorities if left out.

    Raises:
        ValueError: An override is not a URL.
    """

    def __init__(
        self,
        urls: Mapping[str, str],
        *,
        overrides: Mapping[str, str],
        shaping: TrafficShapingSection,
        headers: HeadersSection,
        telemetry: FetchTelemetry,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._telemetry = telemetry
        self._subgraphs: dict[str, _Subgraph] = {}
        for name, endpoint in _endpoints(urls, overrides).items():
            if endpoint.scheme == "https" and tls is None:
                tls = ssl.create_default_context()
            shape = shaping.subgraph(name)
            self._subgraphs[name] = _Subgraph(
                name=name,
                pool=Pool(endpoint, _pool_options(shape, tls)),
                prefix=_PREFIX.format(target=endpoint.target, authority=endpoint.authority).encode(),
                rules=HeaderRuleSet(headers.request_rules(name)),
                timeout_seconds=shape.timeout,
            )
        for name in {*overrides, *shaping.subgraphs, *headers.subgraphs} - set(urls):
            _log.warning("configured subgraph is not in the supergraph", extra={"subgraph": name})

    def sender(self, request: Request) -> Send:
        """How fetches are sent on behalf of a client's request."""
        return _Sender(self._subgraphs, self._telemetry, request).send

    async def aclose(self) -> None:
        """Let running fetches finish, then close all connections."""
        async with asyncio.TaskGroup() as tasks:
            for subgraph in self._subgraphs.values():
                tasks.create_task(subgraph.pool.aclose())


class _Sender:
    """Sends the fetches of one client request; the headers for each subgraph are made once."""

    __slots__ = ("_headers", "_request", "_subgraphs", "_telemetry")

    def __init__(self, subgraphs: Mapping[str, _Subgraph], telemetry: FetchTelemetry, request: Request) -> None:
        self._subgraphs = subgraphs
        self._telemetry = telemetry
        self._request = request
        self._headers: dict[str, tuple[CIMultiDict[str], bytes]] = {}

    async def send(self, fetch_request: FetchRequest) -> FetchOutcome:
        """One fetch: never raises but for cancellation."""
        name = fetch_request.fetch.subgraph
        subgraph = self._subgraphs.get(name)
        if subgraph is None:
            return FetchFailure("SUBREQUEST_HTTP_ERROR", f"Subgraph {name} has no URL.")
        began = time.perf_counter()
        with self._telemetry.fetch_span(name, graphql_operation_type=fetch_request.fetch.kind):
            outcome = await self._exchange(subgraph, fetch_request)
        code = outcome.code if isinstance(outcome, FetchFailure) else None
        self._telemetry.fetch_finished(name, time.perf_counter() - began, code)
        return outcome

    async def _exchange(self, subgraph: _Subgraph, fetch_request: FetchRequest) -> FetchOutcome:
        try:
            response = await subgraph.pool.call(
                self._message(subgraph, fetch_request.body),
                timeout_seconds=subgraph.timeout_seconds,
                may_retry=fetch_request.fetch.kind == "query",
            )
        except UpstreamError as error:
            return self._failure(subgraph, error)
        return _answer(response)

    def _message(self, subgraph: _Subgraph, body: bytes) -> bytes:
        headers, lines = self._client_headers(subgraph)
        trace: dict[str, str] = {}
        self._telemetry.inject(trace)
        if trace:
            # Our own span is the parent of what the subgraph does, whatever a rule says.
            others = [(name, value) for name, value in headers.items() if name not in trace]
            lines = encode_header_lines([*others, *trace.items()])
        return b"%b%bcontent-length: %d\r\n\r\n%b" % (subgraph.prefix, lines, len(body), body)

    def _client_headers(self, subgraph: _Subgraph) -> tuple[CIMultiDict[str], bytes]:
        known = self._headers.get(subgraph.name)
        if known is None:
            headers = subgraph.rules.apply(self._request)
            if self._request.id:
                headers["x-request-id"] = self._request.id
            known = self._headers[subgraph.name] = (headers, encode_header_lines(headers.items()))
        return known

    def _failure(self, subgraph: _Subgraph, error: UpstreamError) -> FetchFailure:
        code, text = _TEXTS[type(error)]
        fields = {"subgraph": subgraph.name, "request_id": self._request.id, "code": code, "detail": str(error)}
        _log.warning("subgraph request failed", extra=fields)
        return FetchFailure(code, text.format(subgraph=subgraph.name))


def _answer(response: HttpResponse) -> FetchAnswer:
    content_type = response.header(b"content-type").decode("latin-1")
    return FetchAnswer(response.status, content_type, response.body)


def _endpoints(urls: Mapping[str, str], overrides: Mapping[str, str]) -> dict[str, Endpoint]:
    endpoints: dict[str, Endpoint] = {}
    for name, url in urls.items():
        try:
            endpoints[name] = parse_endpoint(overrides.get(name, url))
        except ValueError as error:
            if name in overrides:
                raise ValueError(f"override_subgraph_url.{name}: {error}") from None
            # A supergraph is often composed before anyone knows where its subgraphs will run: the others still work.
            _log.warning("subgraph has no URL", extra={"subgraph": name, "detail": str(error)})
    return endpoints


def _pool_options(shape: AllSubgraphsShaping, tls: ssl.SSLContext | None) -> PoolOptions:
    return PoolOptions(
        max_connections=min(shape.bulkhead.max_connections, shape.bulkhead.max_requests),
        max_pending=shape.bulkhead.max_pending_requests,
        connect_timeout_seconds=shape.connect_timeout,
        tls=tls,
    )
