"""Records of API keys. A store knows no key, only the SHA-256 of each and its first characters.

A key is 160 random bits, so its hash needs no salt and no slow function: nobody can guess what to hash.
"""

from dataclasses import dataclass
from typing import Protocol


class KeyStoreError(Exception):
    """The store cannot be read or written; the message says what to do."""


REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRecord:
    """What is known of one key.

    Attributes:
        digest: SHA-256 of the key, in hex.
        prefix: Its first characters, which people know it by.
        consumer: Whose it is.
        plan: The usage plan of that consumer.
        created_at: Seconds since 1970.
        expires_at: The same; ``None`` for never.
        revoked_at: From when on it is refused; ``None`` if nobody revoked it.
    """

    digest: str
    prefix: str
    consumer: str
    plan: str
    scopes: tuple[str, ...] = ()
    created_at: float = 0.0
    expires_at: float | None = None
    revoked_at: float | None = None

    def refusal(self, now: float) -> str | None:
        """Why the key is not good at ``now``; ``None`` if it is."""
        if self.revoked_at is not None and now >= self.revoked_at:
            return REVOKED
        if self.expires_at is not None and now >= self.expires_at:
            return "expired"
        return None


class ApiKeyStore(Protocol):
    """Where records are kept. Every method raises ``KeyStoreError`` when that is out of reach."""

    async def find(self, digest: str) -> ApiKeyRecord | None:
        """The record of one key."""

    async def all(self) -> tuple[ApiKeyRecord, ...]:
        """Every record, the oldest first."""

    async def put(self, record: ApiKeyRecord) -> None:
        """Add a record, or replace the one with its digest."""

    async def close(self) -> None:
        """Close files and connections."""
