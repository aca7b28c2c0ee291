"""``supergate`` with what a benchmark wants of it: ``python -m benchmarks.harness.launch [OPTIONS] serve ...``.

``--interpret`` never compiles plans, so that both ways of executing can be compared. ``--collections FILE`` tells what
the garbage collector does.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.harness.collector import count_collections
from router.cli import main
from router.executor import runs

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interpret", action="store_true")
    parser.add_argument("--collections", type=Path)
    options, sys.argv[1:] = parser.parse_known_args()
    if options.interpret:
        runs.COMPILED_AFTER = sys.maxsize
    if options.collections:
        count_collections(options.collections)
    main()
