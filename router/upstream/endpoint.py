"""Where a URL points: what to connect to, and what to ask for there."""

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An ``http``, ``https`` or ``unix`` URL, taken apart.

    ``unix:///run/users.sock?path=/graphql`` is the path ``/graphql`` over the socket ``/run/users.sock``.

    Attributes:
        target: Path and query as they stand in the request line.
        authority: The ``Host`` header.
        unix_path: The socket's path; empty for TCP.
    """

    scheme: str
    host: str
    port: int
    target: str
    authority: str
    unix_path: str = ""

    async def connect(self, protocol: asyncio.Protocol, tls: ssl.SSLContext | None) -> None:
        """Open a connection for ``protocol``; raises ``OSError``."""
        loop = asyncio.get_running_loop()
        if self.unix_path:
            await loop.create_unix_connection(lambda: protocol, self.unix_path)
        else:
            await loop.create_connection(lambda: protocol, self.host, self.port, ssl=tls)


Connect = Callable[[Endpoint, asyncio.Protocol, ssl.SSLContext | None], Coroutine[None, None, None]]
"""Opens a connection to an endpoint for a protocol; raises ``OSError``."""


def parse_endpoint(url: str) -> Endpoint:
    """Take a URL apart; raises ``ValueError`` with a text for whoever wrote it."""
    if any(character <= " " or character == "\x7f" for character in url):
        raise ValueError(f"{url!r} has a space or a control character")
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        raise ValueError("a URL must not hold a user or a password; insert an authorization header instead")
    if parts.fragment:
        raise ValueError(f"{url!r} has a fragment, which cannot be sent")
    match parts.scheme:
        case "unix":
            return _unix_endpoint(url)
        case "http" | "https":
            pass
        case _:
            raise ValueError(f"{url!r} is not an http://, https:// or unix:// URL")
    if not parts.hostname:
        raise ValueError(f"{url!r} names no host")
    target = parts.path or "/"
    return Endpoint(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or (443 if parts.scheme == "https" else 80),
        target=f"{target}?{parts.query}" if parts.query else target,
        authority=parts.netloc,
    )


def _unix_endpoint(url: str) -> Endpoint:
    parts = urlsplit(url)
    if parts.netloc or not parts.path.startswith("/"):
        raise ValueError(f"{url!r} names no absolute path; write unix:///run/users.sock?path=/graphql")
    target = parse_qs(parts.query).get("path", ["/"])[0]
    if not target.startswith("/"):
        raise ValueError(f"the path in {url!r} must begin with a slash")
    return Endpoint(scheme="unix", host="", port=0, target=target, authority="localhost", unix_path=unquote(parts.path))
