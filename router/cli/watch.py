"""Doing something again whenever a file changes. Files are looked at twice a second."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from router.cli.console import say
from router.sources.fingerprint import Fingerprint, fingerprint, fingerprint_since

INTERVAL_SECONDS = 0.5


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
            started = time.time_ns()
            result = run()
            seen = {**fingerprint_since(started, result.files), **before}
            say(f"[{datetime.now().astimezone():%H:%M:%S}] {result.words}")
            while fingerprint(seen) == seen:
                wait()
    except KeyboardInterrupt:
        say("Stopped.")
