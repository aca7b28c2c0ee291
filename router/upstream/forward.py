"""Plain HTTP requests to services behind proxy routes, over aiohttp's client.

    proxy route ──▶ Forwarder ──▶ service
                    ▲ you are here

Headers arrive here as they shall be sent; ``hop_by_hop`` says which must not. The body goes out with a length of our
own making and comes back whole, so no framing of one side ever reaches the other. Redirects are not followed, cookies
not kept, compressed bodies not touched.
"""

import asyncio
from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from router.redaction import REDACTED, mask
from router.upstream.failures import ConnectError, MalformedResponseError, ResponseTooLargeError, UpstreamTimeoutError

LIMIT_RESPONSE_BYTES = 100_000_000

# https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
_HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization",
    "proxy-authentication-info", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings", "content-length",
})  # fmt: skip

_OWN = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


def hop_by_hop(headers: CIMultiDictProxy[str]) -> frozenset[str]:
    """The names, in lower case, of headers that must not be passed on: by rule, or because the sender says so."""
    lines = headers.getall("connection", [])
    return _HOP_BY_HOP | {option.strip().lower() for line in lines for option in line.split(",")}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardRequest:
    """A request to a service.

    Attributes:
        url: Absolute and encoded; sent as it is.
        headers: Without hop-by-hop headers, ``Host`` and ``Content-Length``.
    """

    method: str
    url: str
    headers: CIMultiDict[str]
    body: bytes
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class ForwardResponse:
    """The answer of a service; headers with everything that it sent."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


class Forwarder:
    """A client for the services of one snapshot."""

    def __init__(self, *, connect_timeout_seconds: float = 5.0, limit_bytes: int = LIMIT_RESPONSE_BYTES) -> None:
        self._connect_timeout_seconds = connect_timeout_seconds
        self._limit_bytes = limit_bytes
        self._session: aiohttp.ClientSession | None = None

    async def forward(self, request: ForwardRequest) -> ForwardResponse:
        """Send a request and read the whole answer; raises ``UpstreamError``."""
        timeout = aiohttp.ClientTimeout(total=request.timeout_seconds, connect=self._connect_timeout_seconds)
        try:
            async with self._open_session().request(
                request.method,
                URL(request.url, encoded=True),
                headers=_as_text(request.headers),
                data=request.body or None,
                allow_redirects=False,
                skip_auto_headers=_OWN,
                timeout=timeout,
            ) as response:
                # 1xx are not answers, and above 599 there is nothing. Nobody asked to switch protocols.
                if not 200 <= response.status <= 599:
                    raise MalformedResponseError(f"status {response.status:03} was not asked for")
                headers = CIMultiDictProxy(_as_text(response.headers))
                return ForwardResponse(response.status, headers, await self._read(response))
        except TimeoutError as error:
            raise UpstreamTimeoutError(str(error) or "no complete response in time") from error
        except aiohttp.ClientConnectionError as error:
            raise ConnectError(_reason(error, request)) from error
        except (aiohttp.ClientError, ValueError) as error:
            raise MalformedResponseError(_reason(error, request)) from error

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _open_session(self) -> aiohttp.ClientSession:
        # Not before the first request: a session belongs to the event loop that runs when it is made.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, limit_per_host=1024),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                loop=asyncio.get_running_loop(),
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        chunks: list[bytes] = []
        room = self._limit_bytes
        async for chunk in response.content.iter_any():
            room -= len(chunk)
            if room < 0:
                raise ResponseTooLargeError(f"the body has more than {self._limit_bytes} bytes")
            chunks.append(chunk)
        return b"".join(chunks)


def _reason(error: Exception, request: ForwardRequest) -> str:
    """What aiohttp says went wrong, without the query string of its request: that may hold a credential."""
    query = request.url.partition("?")[2]
    return mask(str(error).replace(query, REDACTED) if query else str(error))


def _as_text(headers: CIMultiDict[str] | CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Headers that aiohttp can write, which is UTF-8 only. What it could not read as that is taken for Latin-1."""
    return CIMultiDict([(name, value if value.isascii() else _recode(value)) for name, value in headers.items()])


def _recode(value: str) -> str:
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
