"""Authenticators of the user's own, in Python.

A class with ``async def authenticate(self, presented) -> Identity | None``, made with the ``config`` of its entry. It
returns ``None`` when its credential is not there, and raises ``router.errors.DeniedError`` when it is no good.
"""

import hashlib
import inspect
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from router.errors import AuthenticationUnavailableError, RequestError
from router.identity.authenticator import Presented
from router.identity.identity import Identity
from router.identity.remembered import Remembered
from router.importing import ImportProblemError, import_object

_log = logging.getLogger(__name__)

_REMEMBERED = 10_000


class CustomCheck(Protocol):
    """What such a class has to have."""

    async def authenticate(self, presented: Presented) -> Identity | None:
        """Who presents a credential; ``None`` if there is none; raises ``DeniedError``."""


class CustomAuthenticatorError(ValueError):
    """The class cannot be used; the message says why."""


class Custom:
    """An ``Authenticator`` around such a class.

    Args:
        ttl_seconds: How long an identity is used again for requests with the same credential headers. The class names
            them in an attribute ``credential_headers``; without it nothing is remembered.
    """

    challenge = ""

    def __init__(self, name: str, check: CustomCheck, *, ttl_seconds: float, clock: Callable[[], float]) -> None:
        self.name = name
        self._check = check
        headers = getattr(check, "credential_headers", ())
        self.credential_headers = frozenset(str(header).lower() for header in headers)
        self._remembers = ttl_seconds > 0 and bool(self.credential_headers)
        self._known: Remembered[bytes, Identity] = Remembered(seconds=ttl_seconds, limit=_REMEMBERED, clock=clock)

    async def authenticate(self, presented: Presented) -> Identity | None:
        """What the class says; an exception of its own is 503, and logged."""
        key = self._key(presented) if self._remembers else None
        if key is not None and (known := self._known.get(key)) is not None:
            return known
        try:
            identity = await self._check.authenticate(presented)
        except RequestError:
            raise
        except Exception as error:
            _log.exception("authenticator failed", extra={"authenticator": self.name})
            raise AuthenticationUnavailableError from error
        if key is not None and identity is not None:
            self._known.put(key, identity)
        return identity

    async def work(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing is held."""

    def _key(self, presented: Presented) -> bytes:
        parts = [
            f"{name}\0{value}\0"
            for name in sorted(self.credential_headers)
            for value in presented.headers.getall(name, [])
        ]
        return hashlib.sha256("".join(parts).encode("utf-8", "surrogateescape")).digest()


def load_check(use: str, config: Mapping[str, object]) -> CustomCheck:
    """Make the object that ``package.module:Class`` names; raises ``CustomAuthenticatorError``."""
    try:
        found = import_object(use)
    except ImportProblemError as error:
        raise CustomAuthenticatorError(str(error)) from error
    if not callable(found):
        raise CustomAuthenticatorError(f"{use} is not a class")
    try:
        check = found(**config)
    except Exception as error:
        raise CustomAuthenticatorError(f"{use} does not take its config: {error}") from error
    if not inspect.iscoroutinefunction(getattr(check, "authenticate", None)):
        raise CustomAuthenticatorError(f"{use} has no method: async def authenticate(self, presented)")
    made: CustomCheck = check
    return made
