"""Key sets: fixed ones, and published ones that are fetched again and again.

A published set is fetched by ``work`` every ``poll_interval``. Beside that a request may cause a fetch, when it names a
key that is not in the set (the issuer may have begun to use a new one). Anyone can make up such requests, so these
fetches are rationed, and callers who arrive during one wait for it instead of starting another. A fetch that fails
leaves the last good set in place.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

from router.errors import AuthenticationUnavailableError
from router.identity.keys import KeySetError, SigningKey, parse_key_set

_log = logging.getLogger(__name__)

Fetch = Callable[[str], Awaitable[bytes]]
"""The body of a 2xx answer from a URL; raises ``OSError`` (or a subclass) for everything else."""

_RETRY_SECONDS = 10.0
_MINUTE = 60.0


class KeySet(Protocol):
    """Where keys come from."""

    async def find(self, key_id: str | None) -> tuple[SigningKey, ...]:
        """Keys that may have signed a token with this ``kid``: those of that name, else those without any.

        A token without ``kid`` may be signed with any of them. Raises ``AuthenticationUnavailableError`` when there
        never were keys.
        """

    async def work(self) -> None:
        """Keep the keys up to date until cancelled; return if there is nothing to do."""


def select(keys: tuple[SigningKey, ...], key_id: str | None) -> tuple[SigningKey, ...]:
    """Keys with this id; without one, all."""
    return keys if key_id is None else tuple(key for key in keys if key.id == key_id)


def nameless(keys: tuple[SigningKey, ...]) -> tuple[SigningKey, ...]:
    """Keys without an id: any token may be signed with them."""
    return tuple(key for key in keys if key.id is None)


class FixedKeys:
    """Keys from the configuration or a file."""

    def __init__(self, keys: tuple[SigningKey, ...]) -> None:
        self._keys = keys

    async def find(self, key_id: str | None) -> tuple[SigningKey, ...]:
        """Those of that name, else those without any."""
        return select(self._keys, key_id) or nameless(self._keys)

    async def work(self) -> None:
        """Nothing to do."""


class PublishedKeys:
    """Keys that an issuer publishes at a URL."""

    def __init__(
        self,
        url: str,
        *,
        fetch: Fetch,
        clock: Callable[[], float],
        poll_interval_seconds: float = 600.0,
        fetch_timeout_seconds: float = 5.0,
        max_refreshes_per_minute: int = 2,
        on_refresh: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._url = url
        self._fetch = fetch
        self._clock = clock
        self._poll_interval_seconds = poll_interval_seconds
        self._fetch_timeout_seconds = fetch_timeout_seconds
        self._max_refreshes_per_minute = max_refreshes_per_minute
        self._on_refresh = on_refresh
        self._sleep = sleep
        self._keys: tuple[SigningKey, ...] = ()
        self._started = 0
        self._finished = 0
        self._refreshes: deque[float] = deque()
        self._fetching = asyncio.Lock()

    async def find(self, key_id: str | None) -> tuple[SigningKey, ...]:
        """Those of that name, else those without any; fetches the set if the name is new and the ration allows."""
        found = select(self._keys, key_id)
        if not found:
            await self._refresh_for_request()
            found = select(self._keys, key_id) or nameless(self._keys)
        if not self._keys:
            raise AuthenticationUnavailableError("no key set could be fetched yet")
        return found

    async def work(self) -> None:
        """Fetch the set every ``poll_interval``, and sooner after a failure."""
        while True:
            succeeded = await self._refresh()
            pause = self._poll_interval_seconds
            await self._sleep(pause if succeeded else min(pause, _RETRY_SECONDS))

    async def _refresh_for_request(self) -> None:
        seen = self._finished
        async with self._fetching:
            # Whoever waited for another caller's fetch has its result now.
            if self._finished == seen and self._may_refresh():
                await self._load()

    def _may_refresh(self) -> bool:
        """Whether the ration allows a fetch; if so, takes it. The very first fetch is free."""
        if self._started == 0:
            return True
        now = self._clock()
        while self._refreshes and self._refreshes[0] <= now - _MINUTE:
            self._refreshes.popleft()
        if len(self._refreshes) >= self._max_refreshes_per_minute:
            return False
        self._refreshes.append(now)
        return True

    async def _refresh(self) -> bool:
        async with self._fetching:
            return await self._load()

    async def _load(self) -> bool:
        self._started += 1
        try:
            async with asyncio.timeout(self._fetch_timeout_seconds):
                document = await self._fetch(self._url)
            self._keys = parse_key_set(document)
            result = "success"
        except (OSError, KeySetError) as error:  # TimeoutError is an OSError
            _log.warning("key set could not be fetched", extra={"url": self._url, "reason": repr(error)})
            result = "failure"
        self._finished += 1
        self._on_refresh(result)
        return result == "success"
