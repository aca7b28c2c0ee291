"""A network in the process of the test: everything that the gateway asks ends at a fake.

Upstreams ──▶ Pipe ──┐
proxy routes ────────┼──▶ Network ──▶ FakeSubgraph | FakeService
key sets, … ─────────┘    ▲ you are here
"""

import asyncio
import ssl
from collections.abc import Mapping
from urllib.parse import quote, unquote, urlsplit

from multidict import CIMultiDict, CIMultiDictProxy

from router.testing.clock import Clock
from router.testing.pipe import Pipe
from router.testing.services import FakeService, ServiceAwayError, ServiceRequest, ServiceResponse
from router.testing.subgraphs import FakeSubgraph
from router.upstream.endpoint import Endpoint
from router.upstream.failures import ConnectError
from router.upstream.forward import ForwardRequest, ForwardResponse
from router.world import World

_HOST = "subgraphs.test"


def url_of(subgraph: str) -> str:
    """Where a fake subgraph is."""
    return f"http://{_HOST}/{quote(subgraph, safe='')}"


class Network:
    """The fakes of one test, by subgraph, and by what their URLs begin with.

    Attributes:
        bugs: What functions of the test have raised that is no ``ServiceAwayError``.
    """

    def __init__(self, subgraphs: Mapping[str, FakeSubgraph], services: Mapping[str, FakeService]) -> None:
        self._subgraphs = subgraphs
        self._services = services
        self.bugs: list[Exception] = []

    def world(self, clock: Clock) -> World:
        """This network as the world of a gateway."""
        return World(
            connect=self._connect,
            fetch=self._fetch,
            ask=self._ask,
            post=self._post,
            make_forwarder=lambda: _Forwarder(self),
            clock=clock,
            wall_clock=clock,
        )

    async def send(self, url: str, request: ServiceRequest) -> ServiceResponse:
        """Ask whoever is at ``url``; raises ``ServiceAwayError`` if nobody is."""
        known = [base for base in self._services if f"{url}/".startswith(f"{base.rstrip('/')}/") or url == base]
        if not known:
            raise ServiceAwayError(f"there is no service for {url} in this test; give RouterTester one in services=")
        return await self._told(self._services[max(known, key=len)], request)

    async def _connect(self, endpoint: Endpoint, protocol: asyncio.Protocol, _tls: ssl.SSLContext | None) -> None:
        protocol.connection_made(Pipe(protocol, self._ask_subgraph if endpoint.host == _HOST else self._nobody))

    async def _ask_subgraph(self, request: ServiceRequest) -> ServiceResponse:
        fake = self._subgraphs.get(unquote(urlsplit(request.target).path[1:]))
        return await self._nobody(request) if fake is None else await self._told(fake, request)

    async def _nobody(self, _request: ServiceRequest) -> ServiceResponse:
        raise ServiceAwayError("nobody is there")

    async def _told(self, fake: FakeSubgraph | FakeService, request: ServiceRequest) -> ServiceResponse:
        try:
            return await fake.handle(request)
        except ServiceAwayError:
            raise
        except Exception as error:
            self.bugs.append(error)
            raise

    async def _fetch(self, url: str) -> bytes:
        response = await self.send(url, _request("GET", url, {}))
        if response.status != 200:
            raise OSError(f"the answer has status {response.status}")
        return response.encode()[1]

    async def _ask(
        self, url: str, headers: Mapping[str, str], _timeout_seconds: float
    ) -> tuple[int, CIMultiDictProxy[str]]:
        response = await self.send(url, _request("GET", url, headers))
        return response.status, CIMultiDictProxy(response.encode()[0])

    async def _post(self, url: str, body: bytes, _timeout_seconds: float) -> bytes:
        response = await self.send(url, _request("POST", url, {"content-type": "application/json"}, body))
        if response.status != 200:
            raise OSError(f"the answer has status {response.status}")
        return response.encode()[1]


class _Forwarder:
    """What proxy routes send their requests with."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def forward(self, request: ForwardRequest) -> ForwardResponse:
        try:
            response = await self._network.send(
                request.url, _request(request.method, request.url, request.headers, request.body)
            )
        except ServiceAwayError as error:
            raise ConnectError(str(error)) from error
        headers, body = response.encode()
        return ForwardResponse(response.status, CIMultiDictProxy(headers), b"" if request.method == "HEAD" else body)

    async def aclose(self) -> None:
        """Nothing is held."""


def _request(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> ServiceRequest:
    parts = urlsplit(url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return ServiceRequest(method=method, target=target, headers=CIMultiDictProxy(CIMultiDict(headers)), body=body)
