"""API keys: making them, and the authenticator ``api_key``.

    request ──▶ header ──▶ digest ──▶ ApiKeyStore ──▶ Identity
                           ▲ a few seconds of memory, so that a revoked key is soon refused everywhere

A key that is unknown, revoked or expired is refused with one code; the log tells which it was.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable

from router.errors import AuthenticationUnavailableError, InvalidApiKeyError
from router.identity.authenticator import Presented
from router.identity.identity import Identity
from router.identity.remembered import Remembered
from router.stores.api_keys import ApiKeyRecord, ApiKeyStore, KeyStoreError

_log = logging.getLogger(__name__)

PREFIX_LENGTH = 12
_MARK = "sgk_"
"""What keys begin with, so that scanners for leaked secrets know them."""

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_CHARACTERS = 32
_LONGEST_KEY = 256
_REMEMBERED = 10_000


def new_key() -> str:
    """A key that nobody can guess: 190 random bits."""
    return _MARK + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_CHARACTERS))


def digest_of(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class ApiKeys:
    """An ``Authenticator``.

    Args:
        header: Where the key stands.
        remember_seconds: How long the answer of the store is used again: the longest that a revoked key still works.
        clock: Monotonic seconds.
        wall_clock: Seconds since 1970.
    """

    name = "api_key"
    challenge = "ApiKey"

    def __init__(
        self,
        store: ApiKeyStore,
        *,
        header: str,
        remember_seconds: float,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._header = header
        self._wall_clock = wall_clock
        # In a tuple, for that there is no such key is remembered, too.
        self._known: Remembered[str, tuple[ApiKeyRecord | None]] = Remembered(
            seconds=remember_seconds, limit=_REMEMBERED, clock=clock
        )
        self.credential_headers = frozenset({header.lower()})

    async def authenticate(self, presented: Presented) -> Identity | None:
        """Whose key it is; raises ``InvalidApiKeyError``, or ``AuthenticationUnavailableError`` without a store."""
        keys = presented.headers.getall(self._header, [])
        if not keys:
            return None
        if len(keys) > 1 or not keys[0] or len(keys[0]) > _LONGEST_KEY:
            raise _refusal("malformed")
        record = await self._record(digest_of(keys[0]))
        if record is None:
            raise _refusal("unknown")
        reason = record.refusal(self._wall_clock())
        if reason is not None:
            raise _refusal(reason, record.prefix)
        return Identity(
            id=record.consumer,
            method=self.name,
            plan=record.plan,
            scopes=frozenset(record.scopes),
            claims={"key": record.prefix},
        )

    async def work(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Close the store."""
        await self._store.close()

    async def _record(self, digest: str) -> ApiKeyRecord | None:
        known = self._known.get(digest)
        if known is not None:
            return known[0]
        try:
            record = await self._store.find(digest)
        except KeyStoreError as error:
            _log.error("API keys cannot be looked up", extra={"detail": str(error)})
            raise AuthenticationUnavailableError from error
        self._known.put(digest, (record,))
        return record


def _refusal(reason: str, prefix: str = "") -> InvalidApiKeyError:
    _log.info("API key refused", extra={"reason": reason, "key": prefix, "code": InvalidApiKeyError.code})
    return InvalidApiKeyError()
