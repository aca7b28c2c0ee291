"""When there may be something new to serve: a file changed, a poll is due, or someone asks.

Files are looked at twice a second, by time and size. That needs nothing of the operating system, so it works on network
and container mounts, too.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Set
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from pathlib import Path

from router.sources.fingerprint import Fingerprint, fingerprint, fingerprint_since

LOOK_SECONDS = 0.5


class Cause(Enum):
    """Why there may be something new."""

    ASKED = auto()
    FILES = auto()
    POLL = auto()


class Changes:
    """Waits for the next cause to read everything again.

    Args:
        look_seconds: How often files are looked at.

    Attributes:
        is_watching: Whether they are.
    """

    def __init__(self, *, watch: bool, look_seconds: float = LOOK_SECONDS) -> None:
        self.is_watching = watch
        self._look_seconds = look_seconds
        self._asked = asyncio.Event()
        self._seen: Fingerprint = {}

    def ask(self) -> None:
        """Be a cause."""
        self._asked.set()

    @asynccontextmanager
    async def reading(self, files: Callable[[], Set[Path]]) -> AsyncIterator[None]:
        """Around reading everything: take down the state of ``files``, which may be known only at the end.

        A change while they are being read counts as one. Files of an earlier time are watched on: they may be the
        broken ones.
        """
        before = await asyncio.to_thread(fingerprint, self._seen)
        started = time.time_ns()
        try:
            yield
        finally:
            self._seen = {**await asyncio.to_thread(fingerprint_since, started, files()), **before}

    async def next(self, *, poll_seconds: float | None) -> Cause:
        """Wait for something; a poll is due after ``poll_seconds``."""
        poll_at = math.inf if poll_seconds is None else time.monotonic() + poll_seconds
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(self._look_seconds, poll_at - time.monotonic())):
                    await self._asked.wait()
            if self._asked.is_set():
                self._asked.clear()
                return Cause.ASKED
            if self.is_watching and await self._files_changed():
                return Cause.FILES
            if time.monotonic() >= poll_at:
                return Cause.POLL

    async def _files_changed(self) -> bool:
        """Whether files have changed, and whoever changes them seems to be done."""
        state = await asyncio.to_thread(fingerprint, self._seen)
        if state == self._seen:
            return False
        while True:
            await asyncio.sleep(self._look_seconds)
            earlier, state = state, await asyncio.to_thread(fingerprint, self._seen)
            if state == earlier:
                return True
