"""Numbers with labels in one piece of memory: one process writes them, every process that shares the memory reads them.

    Metrics ──▶ Counter | Gauge | Histogram ──▶ Numbers
                                                ▲ you are here

The memory holds a log of series and, behind it, their cells. A series is a name with label values and a number of
cells; it is never moved or taken away. So the writer finds a series once and from then on adds to a cell, without a
lock, and a reader that follows the log sees all of it at any moment. A process that takes over the memory of one that
died goes on where that one stopped: a sum never goes down, however a process ended.

    0        8        16                     a quarter                              the end
    | used   | spare  | length, cells, key …  | lost cells | cells of series 1 | … 2 |
"""

import json
import logging
import mmap
import struct
from collections.abc import Mapping

_log = logging.getLogger(__name__)

MEMORY_BYTES = 16 * 1024 * 1024
"""Address space for one process. The system gives memory only for what is in use."""

LARGEST_SERIES = 32
"""The most cells that a series may have."""

Labels = tuple[str, ...]
"""Label values, in the order of the metric's labels."""

_HEADER_BYTES = 16
_ENTRY = struct.Struct("<II")


def new_memory(size_bytes: int = MEMORY_BYTES) -> memoryview:
    """Memory that is empty, and that a fork shares with the process it makes."""
    return memoryview(mmap.mmap(-1, size_bytes))


class Numbers:
    """Series of one process.

    Attributes:
        cells: What is counted. Only the process that owns the memory may write.
    """

    def __init__(self, memory: memoryview) -> None:
        log_end = len(memory) // 4 // 8 * 8
        self._used = memory[:8].cast("Q")
        self._log = memory[_HEADER_BYTES:log_end]
        self.cells: memoryview[float] = memory[log_end:].cast("d")
        self._series: dict[str, dict[Labels, int]] = {}
        self._read_bytes = 0
        # The first cells belong to no series: whatever does not fit is counted there, and shown by nobody.
        self._next_cell = LARGEST_SERIES
        self._is_full = False

    def locate(self, name: str, labels: Labels, size: int) -> int:
        """The first of the ``size`` cells of a series, which is made if there is none yet. For the owner only."""
        found = self.series(name).get(labels)
        return self._append(name, labels, size) if found is None else found

    def series(self, name: str) -> Mapping[Labels, int]:
        """The first cell of every series of a metric."""
        used = self._used[0]
        while self._read_bytes < used:
            start = self._read_bytes + _ENTRY.size
            length, size = _ENTRY.unpack_from(self._log, self._read_bytes)
            known, *labels = json.loads(bytes(self._log[start : start + length]))
            self._series.setdefault(known, {})[tuple(labels)] = self._next_cell
            self._next_cell += size
            self._read_bytes = start + length
        return self._series.setdefault(name, {})

    def _append(self, name: str, labels: Labels, size: int) -> int:
        text = json.dumps((name, *labels)).encode()
        end = self._read_bytes + _ENTRY.size + len(text)
        if end > len(self._log) or self._next_cell + size > len(self.cells):
            if not self._is_full:
                _log.error("too many metric series, new ones are not counted", extra={"metric": name})
            self._is_full = True
            return 0
        _ENTRY.pack_into(self._log, self._read_bytes, len(text), size)
        self._log[end - len(text) : end] = text
        # Last, so that who dies before leaves nothing behind.
        self._used[0] = end
        return self.series(name)[labels]
