"""What the garbage collector of another process does: counted there into a file, read here at any time."""

import gc
import os
import struct
import time
from pathlib import Path

_NUMBERS = struct.Struct("3Q2d")


def count_collections(file: Path) -> None:
    """Keep a file up to date; costs a few microseconds for each collection.

    It begins when something is frozen: that is what a gateway does with its schema when it begins to serve.
    """
    counts, seconds, began = [0, 0, 0], [0.0, 0.0], [0.0]
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)

    def write() -> None:
        os.pwrite(descriptor, _NUMBERS.pack(*counts, *seconds), 0)

    def count(phase: str, details: dict[str, int]) -> None:
        if phase == "start":
            began[0] = time.thread_time()
            return
        if not gc.get_freeze_count():
            return
        took = time.thread_time() - began[0]
        counts[details["generation"]] += 1
        seconds[:] = seconds[0] + took, max(seconds[1], took)
        write()

    write()
    gc.callbacks.append(count)


def read_collections(file: Path) -> tuple[int, int, int, float, float]:
    """Collections of each generation, the seconds of all, and those of the longest.

    Seconds of the thread that collects: others may run while Python tells it of a collection, but not inside of one.
    """
    return _NUMBERS.unpack(file.read_bytes())
