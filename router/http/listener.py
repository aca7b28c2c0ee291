"""Sockets: listening, draining, and answers to what is not HTTP.

    client ──▶ listener ──▶ dispatch
               ▲ you are here

aiohttp speaks HTTP here; what it refuses by itself is told in JSON, as everything else is.
"""

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler

from router.config.listen import Address

logger = logging.getLogger(__name__)

# A GraphQL request by GET carries the whole operation in its target.
_LIMIT_LINE_BYTES = 65_536
_LIMIT_FIELD_BYTES = 32_768

FIRST_REQUEST_SECONDS = 30.0
"""How long a new connection may take to send the head of a request."""

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class ListenError(Exception):
    """An address cannot be listened on; the message says why and what to do."""


class _Protocol(RequestHandler):
    """aiohttp's protocol, whose own refusals are JSON, and which does not wait for ever for a first request."""

    first_request_seconds = FIRST_REQUEST_SECONDS
    _first_request: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the head of a request, but not for ever."""
        super().connection_made(transport)
        self._first_request = self._loop.call_later(self.first_request_seconds, self._close_unused)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Nothing more to wait for."""
        if self._first_request is not None:
            self._first_request.cancel()
        super().connection_lost(exc)

    def _close_unused(self) -> None:
        if self._request_count == 0:
            self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002 - aiohttp's signature
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's signature
    ) -> web.StreamResponse:
        """What is not HTTP never reaches the policies; it is refused here."""
        if isinstance(exc, LineTooLong):
            status = 414 if exc.args[1] == _LIMIT_LINE_BYTES else 431  # aiohttp tells the limit, and not of what
        if status >= 500:
            logger.error("request failed", exc_info=exc)
        code, text = _REFUSALS.get(status, _REFUSALS[400] if status < 500 else _REFUSALS[500])
        body = orjson.dumps({"errors": [{"message": text, "extensions": {"code": code}}]})
        headers = {"content-type": "application/json", "server": "supergate"}  # else aiohttp names itself and Python
        response = web.Response(status=status, body=body, headers=headers)
        response.force_close()
        return response


_REFUSALS = {
    400: ("BAD_REQUEST", "The request is not valid HTTP."),
    414: ("URI_TOO_LONG", "The request line is too long; send the operation by POST."),
    431: ("HEADERS_TOO_LARGE", "The headers are too large."),
    500: ("INTERNAL_SERVER_ERROR", "The gateway failed."),
}


class _Server(web.Server):
    first_request_seconds = FIRST_REQUEST_SECONDS

    def __call__(self) -> RequestHandler:
        protocol = _Protocol(self, loop=self._loop, **self._kwargs)
        protocol.first_request_seconds = self.first_request_seconds
        return protocol


class Listener:
    """One listening address.

    Attributes:
        address: Where it listens, once it does; port 0 is replaced by the port that was given.
    """

    def __init__(
        self,
        address: Address,
        answer: Answer,
        *,
        reuse_port: bool = False,
        first_request_seconds: float = FIRST_REQUEST_SECONDS,
    ) -> None:
        self.address = address
        self._first_request_seconds = first_request_seconds
        self._answer = answer
        self._reuse_port = reuse_port
        self._server: _Server | None = None
        self._sockets: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; raises ``ListenError``."""
        loop = asyncio.get_running_loop()
        self._server = _Server(
            self._answer,
            handler_cancellation=True,  # a client that goes away takes its requests to subgraphs with it
            access_log=None,
            auto_decompress=False,
            max_line_size=_LIMIT_LINE_BYTES,
            max_field_size=_LIMIT_FIELD_BYTES,
            keepalive_timeout=75.0,
        )
        self._server.first_request_seconds = self._first_request_seconds
        try:
            self._sockets = await loop.create_server(
                self._server,
                self.address.host,
                self.address.port,
                reuse_port=self._reuse_port or None,
                backlog=1024,
            )
        except OSError as error:
            raise ListenError(describe_refusal(self.address, error)) from error
        host, port = self._sockets.sockets[0].getsockname()[:2]
        self.address = Address(host, port)

    async def stop(self, *, grace_seconds: float) -> None:
        """Take no new connections, let running requests end within the grace period, then close."""
        if self._sockets is not None:
            self._sockets.close()
        if self._server is not None:
            await asyncio.sleep(0)  # requests that have arrived get their handler
            self._server.pre_shutdown()
            await self._server.shutdown(grace_seconds)


def describe_refusal(address: Address, error: OSError) -> str:
    """Why an address cannot be listened on, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"{address} is taken by another program; choose another port with --port"
    if error.errno == errno.EACCES:
        return f"{address} may not be used by this user; ports below 1024 need a privilege"
    if isinstance(error, socket.gaierror):
        return f"{address}: the host name is not known"
    return f"{address} cannot be listened on: {error.strerror or error}"
