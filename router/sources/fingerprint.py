"""Whether files have changed, told by time and size.

That works on every system and file system, network and container mounts included, and costs nothing with the few files
of a supergraph.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

_CLOCK_TICK_NS = 20_000_000
"""By how much the clock of a file system may be behind."""

Fingerprint = Mapping[Path, tuple[int, int] | None]


def fingerprint(files: Iterable[Path]) -> Fingerprint:
    """Time of change and size of each file; ``None`` for one that is not there."""
    return {path: _stamp(path) for path in files}


def fingerprint_since(started_ns: int, files: Iterable[Path]) -> Fingerprint:
    """As ``fingerprint``; files that changed after they may have been read have no stamp, so they count as changed.

    ``started_ns`` is when reading them began, by ``time.time_ns()``.
    """
    limit = started_ns - _CLOCK_TICK_NS
    return {path: None if stamp and stamp[0] >= limit else stamp for path, stamp in fingerprint(files).items()}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
