"""What every way to prove who one is has in common."""

from collections.abc import Mapping
from typing import Protocol

from multidict import CIMultiDictProxy

from router.identity.certificate import ClientCertificate
from router.identity.identity import Identity


class Presented(Protocol):
    """The part of a request that a credential can be found in, or signed over."""

    @property
    def method(self) -> str:
        """Upper case."""

    @property
    def path(self) -> str:
        """Raw, without the query string."""

    @property
    def query_string(self) -> str:
        """Not decoded."""

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """As received."""

    @property
    def body(self) -> bytes:
        """Whole and decompressed."""

    @property
    def peer_ip(self) -> str:
        """Address of the socket's other end."""

    @property
    def peer_certificate(self) -> ClientCertificate | None:
        """The client's certificate, verified."""


class Authenticator(Protocol):
    """One way to prove who one is.

    Attributes:
        name: The ``method`` of the identities that it gives, and its name in ``authentication.router.order``.
        challenge: Its part of ``WWW-Authenticate`` on a 401; empty if HTTP has no name for it.
        credential_headers: Headers that hold its credential, in lower case: never logged, and not sent on by default.
    """

    name: str
    challenge: str
    credential_headers: frozenset[str]

    async def authenticate(self, presented: Presented) -> Identity | None:
        """Who presents a credential of this kind; ``None`` if there is none.

        Raises a ``RequestError`` for a credential that is no good, and when nobody can be asked whether it is.
        """

    async def work(self) -> None:
        """What it does beside requests, such as fetching keys; returns when there is nothing (more) to do."""

    async def close(self) -> None:
        """Give back what it holds."""


def claim(claims: Mapping[str, object], path: str) -> object:
    """A claim by its name, or by a path of names with dots; ``None`` if there is none."""
    if path in claims:
        return claims[path]
    value: object = claims
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value
