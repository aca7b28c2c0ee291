"""Upstream tests: subgraphs on loopback, and the requests of clients on whose behalf they are asked."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from multidict import CIMultiDict, CIMultiDictProxy

from router.config.headers import HeadersSection
from router.config.traffic import TrafficShapingSection
from router.identity.identity import Identity
from router.policy.request import Request
from router.upstream import Upstreams
from router.upstream.failures import UpstreamError
from router.upstream.response import HttpResponse
from tests.hostile_server import Answer, HostileServer, hostile_server


@dataclass(eq=False)
class FakeSpan:
    """One fetch in a trace; remembers its ends."""

    subgraph: str
    operation_type: str
    headers: Mapping[str, str]
    ends: list[str | None] = field(default_factory=list)
    is_told: bool = True

    def finish(self, code: str | None = None) -> None:
        self.ends.append(code)


class FakeTelemetry:
    """Remembers what it is told; the n-th fetch is in the n-th trace, or in the last."""

    def __init__(self, *traces: Mapping[str, str]) -> None:
        self._traces = list(traces)
        self.spans: list[FakeSpan] = []
        self.finished: list[tuple[str, str | None]] = []

    def begin_fetch(self, subgraph: str, operation_type: str) -> FakeSpan:
        trace = self._traces[min(len(self.spans), len(self._traces) - 1)] if self._traces else {}
        self.spans.append(FakeSpan(subgraph, operation_type, trace))
        return self.spans[-1]

    def fetch_observer(self, subgraph: str) -> Callable[[float, str | None], None]:
        def observe(seconds: float, code: str | None) -> None:
            assert seconds >= 0
            self.finished.append((subgraph, code))

        return observe


class FakeWaiter:
    """Waits for an exchange; its future is what it was told."""

    def __init__(self) -> None:
        self.told: asyncio.Future[HttpResponse | UpstreamError] = asyncio.get_running_loop().create_future()

    def end(self, result: HttpResponse | UpstreamError) -> None:
        self.told.set_result(result)


def client_request(
    *headers: tuple[str, str], identity: Identity | None = None, request_id: str = "request-1"
) -> Request:
    return Request(
        door="graphql",
        method="POST",
        path="/graphql",
        route="/graphql",
        route_name="graphql",
        headers=CIMultiDictProxy(CIMultiDict(headers)),
        peer_ip="203.0.113.9",
        id=request_id,
        identity=identity,
    )


@asynccontextmanager
async def upstreams_to(
    url: str,
    *,
    shaping: object = None,
    headers: object = None,
    telemetry: FakeTelemetry | None = None,
) -> AsyncIterator[Upstreams]:
    upstreams = Upstreams(
        {"users": url},
        overrides={},
        shaping=TrafficShapingSection.model_validate(shaping or {}),
        headers=HeadersSection.model_validate(headers or {}),
        telemetry=telemetry or FakeTelemetry(),
    )
    try:
        yield upstreams
    finally:
        await upstreams.aclose()


@asynccontextmanager
async def subgraph(
    *answers: Answer,
    path: str = "/",
    shaping: object = None,
    headers: object = None,
    telemetry: FakeTelemetry | None = None,
) -> AsyncIterator[tuple[HostileServer, Upstreams]]:
    async with hostile_server(*answers) as server:
        url = f"http://127.0.0.1:{server.port}{path}"
        async with upstreams_to(url, shaping=shaping, headers=headers, telemetry=telemetry) as upstreams:
            yield server, upstreams
