"""API keys on a Redis server, shared by every gateway that uses it: one hash, a field for each key's digest."""

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.config.authentication import RedisKeyStore
from router.stores.api_keys import ApiKeyRecord, KeyStoreError


class RedisApiKeys:
    """An ``ApiKeyStore``."""

    def __init__(self, options: RedisKeyStore) -> None:
        self._name = f"{options.namespace}:api_keys"
        self._url = options.url
        self._client = Redis.from_url(
            options.url, socket_timeout=options.timeout, socket_connect_timeout=options.timeout
        )

    async def find(self, digest: str) -> ApiKeyRecord | None:
        """The record of one key."""
        try:
            written = await self._client.hget(self._name, digest)
        except (RedisError, OSError) as error:
            raise self._away(error) from error
        return None if written is None else _read(written)

    async def all(self) -> tuple[ApiKeyRecord, ...]:
        """Every record, the oldest first."""
        try:
            written = await self._client.hvals(self._name)
        except (RedisError, OSError) as error:
            raise self._away(error) from error
        return tuple(sorted(map(_read, written), key=lambda record: (record.created_at, record.prefix)))

    async def put(self, record: ApiKeyRecord) -> None:
        """Add a record, or replace the one with its digest."""
        try:
            await self._client.hset(self._name, record.digest, msgspec.json.encode(record))
        except (RedisError, OSError) as error:
            raise self._away(error) from error

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _away(self, error: Exception) -> KeyStoreError:
        return KeyStoreError(f"the Redis server of the API keys does not answer: {error}")


def _read(written: bytes | str) -> ApiKeyRecord:
    try:
        return msgspec.json.decode(written, type=ApiKeyRecord)
    except msgspec.MsgspecError as error:
        raise KeyStoreError(f"a record of an API key cannot be read: {error}") from error
