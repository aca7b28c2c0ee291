"""An address to listen on, from the first connection to the last.

    client ──▶ listener ──▶ server ──▶ dispatch
               ▲ you are here

HTTP is spoken by the server; what an address needs is here: a socket, an error that says what to do, an end.
"""

import asyncio
import errno
import socket
import ssl

from router.config.listen import Address
from router.http.server import Answer, HttpServer, Timeouts

FIRST_REQUEST_SECONDS = 30.0
"""How long a new connection may take to send the head of a request."""


class ListenError(Exception):
    """An address cannot be listened on; the message says why and what to do."""


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
        tls: ssl.SSLContext | None = None,
        first_request_seconds: float = FIRST_REQUEST_SECONDS,
    ) -> None:
        self.address = address
        self._server = HttpServer(answer, Timeouts(first_head_seconds=first_request_seconds))
        self._reuse_port = reuse_port
        self._tls = tls
        self._sockets: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; raises ``ListenError``."""
        loop = asyncio.get_running_loop()
        self._server.start()
        try:
            self._sockets = await loop.create_server(
                self._server,
                self.address.host,
                self.address.port,
                reuse_port=self._reuse_port or None,
                ssl=self._tls,
                backlog=1024,
            )
        except OSError as error:
            await self._server.stop(grace_seconds=0.0)
            raise ListenError(describe_refusal(self.address, error)) from error
        host, port = self._sockets.sockets[0].getsockname()[:2]
        self.address = Address(host, port)

    async def stop(self, *, grace_seconds: float) -> None:
        """Take no new connections, let running requests end within the grace period, then close."""
        if self._sockets is not None:
            self._sockets.close()
            await asyncio.sleep(0)  # connections that were just accepted are told to their server
        await self._server.stop(grace_seconds=grace_seconds)


def describe_refusal(address: Address, error: OSError) -> str:
    """Why an address cannot be listened on, and what to do."""
    if error.errno == errno.EADDRINUSE:
        return f"{address} is taken by another program; choose another port with --port"
    if error.errno == errno.EACCES:
        return f"{address} may not be used by this user; ports below 1024 need a privilege"
    if isinstance(error, socket.gaierror):
        return f"{address}: the host name is not known"
    return f"{address} cannot be listened on: {error.strerror or error}"
