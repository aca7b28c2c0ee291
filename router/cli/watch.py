"""Doing something again whenever a file changes.

Files are asked for time and size twice a second: that works on every system and file system, network and container
mounts included, and costs nothing with the few files of a supergraph.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from router.cli.console import say

INTERVAL_SECONDS = 0.5
_CLOCK_TICK_NS = 20_000_000
"""By how much the clock of a file system may be behind."""

Fingerprint = Mapping[Path, tuple[int, int] | None]


class Result(Protocol):
    """What a run tells of itself."""

    @property
    def words(self) -> str:
        """How it ended."""

    @property
    def files(self) -> frozenset[Path]:
        """What it depends on."""


def watch(run: Callable[[], Result], *, wait: Callable[[], None] = lambda: time.sleep(INTERVAL_SECONDS)) -> None:
    """Call ``run`` now and after each change of its files, until Ctrl-C."""
    try:
        seen: Fingerprint = {}
        while True:
            # Files that were read before may be the broken ones, and are watched on. Their state is that from before
            # the run, so that a change while it ran counts.
            before = fingerprint(seen)
            started = time.time_ns() - _CLOCK_TICK_NS
            result = run()
            seen = {**_since(started, fingerprint(result.files)), **before}
            say(f"[{datetime.now().astimezone():%H:%M:%S}] {result.words}")
            while fingerprint(seen) == seen:
                wait()
    except KeyboardInterrupt:
        say("Stopped.")


def fingerprint(files: Iterable[Path]) -> Fingerprint:
    """Time of change and size of each file; ``None`` for one that is not there."""
    return {path: _stamp(path) for path in files}


def _since(started_ns: int, found: Fingerprint) -> Fingerprint:
    """``found``, with no stamp for files that changed after they may have been read: they count as changed."""
    return {path: None if stamp and stamp[0] >= started_ns else stamp for path, stamp in found.items()}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
