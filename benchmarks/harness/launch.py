"""``supergate`` with what a benchmark wants of it: ``python -m benchmarks.harness.launch [OPTIONS] serve ...``.

``--interpret`` never compiles plans, so that both ways of executing can be compared. ``--collections FILE`` counts the
garbage collector's runs into a file, where they can be read at any time.
"""

import argparse
import gc
import os
import struct
import sys
import time
from pathlib import Path

from router.cli import main
from router.executor import runs

COLLECTIONS = struct.Struct("3Q2d")
"""Collections of each generation, seconds of all, and seconds of the longest."""


def read_collections(file: Path) -> tuple[int, int, int, float, float]:
    """What has been counted so far."""
    return COLLECTIONS.unpack(file.read_bytes())


def _count_collections(file: Path) -> None:
    counts, seconds, began = [0, 0, 0], [0.0, 0.0], [0.0]
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)

    def write() -> None:
        os.pwrite(descriptor, COLLECTIONS.pack(*counts, *seconds), 0)

    def count(phase: str, details: dict[str, int]) -> None:
        if phase == "start":
            began[0] = time.perf_counter()
            return
        took = time.perf_counter() - began[0]
        counts[details["generation"]] += 1
        seconds[:] = seconds[0] + took, max(seconds[1], took)
        write()

    write()
    gc.callbacks.append(count)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interpret", action="store_true")
    parser.add_argument("--collections", type=Path)
    options, sys.argv[1:] = parser.parse_known_args()
    if options.interpret:
        runs.COMPILED_AFTER = sys.maxsize
    if options.collections:
        _count_collections(options.collections)
    main()
