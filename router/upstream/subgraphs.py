"""The subgraphs of one snapshot: a fetch goes out, an outcome comes back.

    Snapshot ──▶ Upstreams ──▶ Sender ──▶ Pool ──▶ subgraph
                 ▲ you are here

``Upstreams`` is built with the snapshot: connection pools, limits and compiled header rules by subgraph. A client's
request gets a ``sender`` of its own, which knows the headers that are sent on its behalf.
"""

import asyncio
import logging
import re
import ssl
from collections.abc import Iterable, Mapping

from router.config.headers import HeaderRule, HeadersSection, ResponseHeaderRule
from router.config.tls import SubgraphsTls, SubgraphTls
from router.config.traffic import AllSubgraphsShaping, TrafficShapingSection
from router.executor.outcome import Send
from router.policy.hooks import Hooks
from router.policy.request import Request
from router.tls import subgraph_context
from router.upstream.dedupe import InFlight
from router.upstream.endpoint import Connect, Endpoint, parse_endpoint
from router.upstream.header_rules import HeaderRuleSet
from router.upstream.hooked import hooked
from router.upstream.pool import Pool, PoolOptions
from router.upstream.response_header_rules import ResponseHeaderRuleSet
from router.upstream.sender import FetchTelemetry, KnownSubgraph, Sender

_log = logging.getLogger(__name__)

_PREFIX = (
    "POST {target} HTTP/1.1\r\n"
    "host: {authority}\r\n"
    "content-type: application/json\r\n"
    "accept: application/graphql-response+json, application/json;q=0.9\r\n"
)


_SYSTEM_TLS = SubgraphsTls()


class Upstreams:
    """The subgraphs of one snapshot, by name.

    Args:
        urls: Where each subgraph is, according to the supergraph.
        overrides: URLs that count instead.
        hooks: What policies do with requests to subgraphs.
        tls: For ``https`` URLs; without a word on it the system's certificate authorities count.
        connect: How connections are opened.

    Raises:
        ValueError: An override is not a URL, or certificates cannot be used.
    """

    def __init__(
        self,
        urls: Mapping[str, str],
        *,
        overrides: Mapping[str, str],
        shaping: TrafficShapingSection,
        headers: HeadersSection,
        telemetry: FetchTelemetry,
        hooks: Hooks | None = None,
        tls: SubgraphsTls = _SYSTEM_TLS,
        connect: Connect = Endpoint.connect,
    ) -> None:
        self._telemetry = telemetry
        self._hooks = hooks
        self._loop: asyncio.AbstractEventLoop | None = None  # known with the first request, as in a pool
        self._subgraphs: dict[str, KnownSubgraph] = {}
        rule_sets: dict[tuple[HeaderRule, ...], HeaderRuleSet] = {}
        contexts: dict[SubgraphTls, ssl.SSLContext] = {}
        for name, endpoint in _endpoints(urls, overrides).items():
            context = None
            if endpoint.scheme == "https":
                section = tls.subgraphs.get(name, tls.all)
                context = contexts.get(section) or contexts.setdefault(section, subgraph_context(section, name))
            shape = shaping.subgraph(name)
            rules, answer_rules = headers.request_rules(name), headers.response_rules(name)
            pool = Pool(endpoint, _pool_options(shape, context, connect))
            self._subgraphs[name] = KnownSubgraph(
                name=name,
                pool=pool,
                prefix=_PREFIX.format(target=endpoint.target, authority=endpoint.authority).encode(),
                rules=rule_sets.setdefault(rules, HeaderRuleSet(rules)),
                timeout_seconds=shape.timeout,
                observe=telemetry.fetch_observer(name),
                response_rules=ResponseHeaderRuleSet(answer_rules) if answer_rules else None,
                in_flight=InFlight(pool) if shape.deduplicate_query and not _passes_cookies(answer_rules) else None,
            )
        named = hooks.named_subgraphs if hooks is not None else ()
        for name in {*overrides, *shaping.subgraphs, *headers.subgraphs, *named} - set(urls):
            _log.warning("configured subgraph is not in the supergraph", extra={"subgraph": name})

    def sender(self, request: Request) -> Send:
        """How fetches are sent on behalf of a client's request."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        sender = Sender(self._subgraphs, self._telemetry, request, self._loop)
        if self._hooks is None or not self._hooks.see_subgraphs:
            return sender.send
        return hooked(request, self._hooks, sender.send)

    async def aclose(self) -> None:
        """Let running fetches finish, then close all connections."""
        async with asyncio.TaskGroup() as tasks:
            for subgraph in self._subgraphs.values():
                tasks.create_task(subgraph.pool.aclose())


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


def _passes_cookies(rules: Iterable[ResponseHeaderRule]) -> bool:
    """Whether clients may get a subgraph's cookies: then each gets an answer of its own, for it may begin a session."""
    propagated = [rule.propagate for rule in rules if rule.propagate is not None]
    return any(
        re.search(rule.matching or "", "set-cookie") if rule.named is None else rule.named.lower() == "set-cookie"
        for rule in propagated
    )


def _pool_options(shape: AllSubgraphsShaping, tls: ssl.SSLContext | None, connect: Connect) -> PoolOptions:
    return PoolOptions(
        max_connections=min(shape.bulkhead.max_connections, shape.bulkhead.max_requests),
        max_pending=shape.bulkhead.max_pending_requests,
        connect_timeout_seconds=shape.connect_timeout,
        tls=tls,
        connect=connect,
    )
