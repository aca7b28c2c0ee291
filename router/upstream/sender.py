"""The fetches of one client request: requests to subgraphs go out, outcomes come back.

    executor ──FetchRequest──▶ Sender ──▶ InFlight ──▶ Pool ──▶ subgraph
             ◀──FetchOutcome──  ▲ you are here

No task runs for a fetch: the connection calls back, and the future that the executor waits for gets its result. What
goes wrong is an outcome with a text that clients may see; what really happened is logged.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct
from multidict import CIMultiDict

from router.executor.outcome import FetchFailure, FetchOutcome, FetchRequest, PromptAnswer
from router.policy.request import Request
from router.upstream.connection import Exchange
from router.upstream.dedupe import InFlight
from router.upstream.failures import (
    ConnectError,
    ConnectionLostError,
    MalformedResponseError,
    OverloadedError,
    ResponseTooLargeError,
    UpstreamError,
    UpstreamTimeoutError,
)
from router.upstream.header_rules import NAMING, HeaderRuleSet, encode_header_lines, encode_value
from router.upstream.pool import Pool
from router.upstream.response import HttpResponse
from router.upstream.response_header_rules import ResponseHeaderRuleSet

_log = logging.getLogger(__name__)

TRACE_NAMES = NAMING - {"x-request-id"}
"""With ``x-request-id`` the headers that name a request. Each request has its own, so those that we write ourselves are
not in the key of requests that are the same, and the first one's are sent. What a rule makes is in the key whatever its
name is, and so is ``baggage``: it may say who asks."""

_TEXTS: Mapping[type[UpstreamError], tuple[str, str]] = {
    ConnectError: ("SUBREQUEST_HTTP_ERROR", "Subgraph {subgraph} cannot be reached."),
    ConnectionLostError: ("SUBREQUEST_HTTP_ERROR", "Subgraph {subgraph} closed the connection without an answer."),
    MalformedResponseError: ("SUBREQUEST_HTTP_ERROR", "Subgraph {subgraph} sent an answer that is not valid HTTP."),
    ResponseTooLargeError: ("SUBREQUEST_HTTP_ERROR", "Subgraph {subgraph} sent an answer that is too large."),
    UpstreamTimeoutError: ("GATEWAY_TIMEOUT", "Subgraph {subgraph} did not answer in time."),
    OverloadedError: ("SUBGRAPH_OVERLOADED", "Subgraph {subgraph} has too many requests waiting."),
}


class FetchTrace(Protocol):
    """The part of a trace that one fetch is."""

    @property
    def is_told(self) -> bool:
        """Whether anything is told of it; else one serves all fetches of a request, and need not be finished."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What the subgraph is sent, in lower case: ``traceparent`` and its like."""

    def finish(self, code: str | None = None) -> None:
        """The fetch is over; ``code`` is that of a failure."""


class FetchTelemetry(Protocol):
    """Where fetches are told about."""

    def begin_fetch(self, subgraph: str, operation_type: str) -> FetchTrace:
        """A fetch begins, within what is current now."""

    def fetch_observer(self, subgraph: str) -> Callable[[float, str | None], None]:
        """Is told how long each request took, and the code of its failure."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class KnownSubgraph:
    """What is known of one subgraph.

    Attributes:
        prefix: The request line and the headers that are always the same.
        observe: Is told how long a request took, and the code of its failure.
        in_flight: The queries that are out; ``None`` if each is sent by itself.
    """

    name: str
    pool: Pool
    prefix: bytes
    rules: HeaderRuleSet
    response_rules: ResponseHeaderRuleSet | None
    timeout_seconds: float
    observe: Callable[[float, str | None], None]
    in_flight: InFlight | None


class Sender:
    """Sends the fetches of one client request; the headers for subgraphs with the same rules are made once."""

    __slots__ = ("_lines", "_loop", "_quiet", "_request", "_subgraphs", "_telemetry")

    def __init__(
        self,
        subgraphs: Mapping[str, KnownSubgraph],
        telemetry: FetchTelemetry,
        request: Request,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._subgraphs = subgraphs
        self._telemetry = telemetry
        self._request = request
        self._loop = loop
        self._lines: dict[HeaderRuleSet, _HeaderLines] = {}
        self._quiet: FetchTrace | None = None

    def send(
        self, fetch_request: FetchRequest, headers: Collection[tuple[str, str]] = ()
    ) -> asyncio.Future[FetchOutcome]:
        """Start one fetch, with ``headers`` besides those of the rules, and instead of those of the same name."""
        name, kind = fetch_request.fetch.subgraph, fetch_request.fetch.kind
        subgraph = self._subgraphs.get(name)
        if subgraph is None:
            return _nowhere(name)
        trace = self._quiet
        if trace is None:
            trace = self._telemetry.begin_fetch(name, kind)
            if not trace.is_told:
                self._quiet = trace
        lines = None if headers else self._lines.get(subgraph.rules)
        if lines is None:
            lines = self._header_lines(subgraph.rules, trace.headers, headers)
        body, naming = fetch_request.body, lines.naming
        if trace.headers:
            naming += encode_header_lines(pair for pair in trace.headers.items() if pair[0] in TRACE_NAMES)
        message = b"%b%b%bcontent-length: %d\r\n\r\n%b" % (subgraph.prefix, lines.shared, naming, len(body), body)
        # Not __init__: to call the one of C from one of ours takes as long as all the rest.
        fetch = _Fetch(loop=self._loop)
        fetch.subgraph, fetch.trace, fetch.request = subgraph, trace, self._request
        fetch.receiver = fetch.forget = None
        fetch.sends = True
        fetch.began = time.perf_counter()
        if kind == "query" and subgraph.in_flight is not None:
            timeout_seconds = subgraph.timeout_seconds
            fetch.exchange = subgraph.in_flight.carry(
                message, lines.shared, body, fetch, timeout_seconds=timeout_seconds
            )
            fetch.sends = fetch.exchange.message is message
            return fetch
        fetch.exchange = Exchange(subgraph.pool, message, fetch, may_retry=kind == "query")
        subgraph.pool.carry(fetch.exchange, subgraph.timeout_seconds)
        if kind == "mutation":
            fetch.forget = self._forget_in_flight
        return fetch

    def _forget_in_flight(self) -> None:
        """A mutation has ended: what was asked before may be answered with what was true before."""
        for subgraph in self._subgraphs.values():
            if subgraph.in_flight is not None:
                subgraph.in_flight.forget()

    def _header_lines(
        self, rules: HeaderRuleSet, trace: Mapping[str, str], added: Collection[tuple[str, str]]
    ) -> "_HeaderLines":
        request_id = self._request.id
        naming = b"x-request-id: %b\r\n" % encode_value(request_id) if request_id else b""
        shared = None
        if not added and (not trace or trace.keys() <= TRACE_NAMES):
            shared = rules.simple_lines(self._request)
        if shared is None:
            shared = encode_header_lines(self._headers(rules, trace, added).items())
        lines = _HeaderLines(shared, naming)
        if not added:
            self._lines[rules] = lines
        return lines

    def _headers(
        self, rules: HeaderRuleSet, trace: Mapping[str, str], added: Collection[tuple[str, str]]
    ) -> CIMultiDict[str]:
        """What is sent besides the headers that name the request."""
        headers = rules.apply(self._request)
        for name, _ in added:
            headers.popall(name, None)
        headers.extend(added)
        if self._request.id:
            headers.popall("x-request-id", None)
        for name, value in trace.items():
            # Our own span is the parent of what the subgraph does, whatever a rule says.
            headers.popall(name, None)
            if name not in TRACE_NAMES:
                headers[name] = value  # the baggage, the same for all fetches of a request
        return headers


class _HeaderLines(Struct, frozen=True, gc=False):
    """The headers that subgraphs get on behalf of one client request.

    Attributes:
        shared: The lines that belong to the key of requests that are the same.
        naming: Those that name this request, but for the trace.
    """

    shared: bytes
    naming: bytes


class _Fetch(PromptAnswer):
    """A fetch that is out, and what the executor waits for. Cancelled, it gives the fetch up.

    It is the future itself, because each object and each callback of a fetch is paid for by every fetch.

    Attributes:
        trace: Where the fetch stands in the trace of its request.
        exchange: What brings the answer, to this fetch and perhaps to others.
        sends: It sends a request, and does not wait for the answer to another fetch's.
        began: When that was, to measure with.
        forget: Of a mutation: what is to be done when it has ended, before anyone knows.
    """

    __slots__ = ("began", "exchange", "forget", "request", "sends", "subgraph", "trace")

    subgraph: KnownSubgraph
    request: Request
    trace: FetchTrace
    exchange: Exchange
    sends: bool
    began: float
    forget: Callable[[], None] | None

    def end(self, result: HttpResponse | UpstreamError) -> None:
        """Take what came of it."""
        if self.done():
            return  # cancelled a moment ago
        code = None
        outcome: FetchOutcome
        if not isinstance(result, HttpResponse):
            outcome = self._failure(result)
            code = outcome.code
        else:
            outcome = result
            if self.subgraph.response_rules is not None:
                self.subgraph.response_rules.apply(self.request, result.headers)
        try:
            if self.trace.is_told:
                self.trace.finish(code)
            if self.sends:
                self.subgraph.observe(time.perf_counter() - self.began, code)
            if self.forget is not None:
                self.forget()
        finally:
            self.deliver(outcome)

    def cancel(self, msg: object = None) -> bool:
        """Do not wait any longer."""
        if not super().cancel(msg):
            return False
        self.exchange.leave(self)
        self.trace.finish()
        if self.forget is not None:
            self.forget()
        return True

    def _failure(self, error: UpstreamError) -> FetchFailure:
        code, text = _TEXTS[type(error)]
        name = self.subgraph.name
        fields = {"subgraph": name, "request_id": self.request.id, "code": code, "detail": str(error)}
        _log.warning("subgraph request failed", extra=fields)
        return FetchFailure(code, text.format(subgraph=name))


def _nowhere(name: str) -> asyncio.Future[FetchOutcome]:
    future: asyncio.Future[FetchOutcome] = asyncio.get_running_loop().create_future()
    future.set_result(FetchFailure("SUBREQUEST_HTTP_ERROR", f"Subgraph {name} has no URL."))
    return future
