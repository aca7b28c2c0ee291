"""Collections of another process are counted from when it serves."""

import subprocess
import sys
from pathlib import Path

from benchmarks.harness.collector import read_collections

COUNTED = """
import gc, sys
from pathlib import Path
from benchmarks.harness.collector import count_collections
gc.disable()
count_collections(Path(sys.argv[1]))
gc.collect()
if sys.argv[2] == "serve":
    gc.freeze()
    gc.collect(0), gc.collect(0), gc.collect(1), gc.collect(2)
"""


def collections_of(tmp_path: Path, what: str) -> tuple[int, int, int, float, float]:
    file = tmp_path / "collections"
    subprocess.run([sys.executable, "-c", COUNTED, str(file), what], check=True)  # noqa: S603 - our own
    return read_collections(file)


def test_collections_are_counted_by_generation(tmp_path: Path) -> None:
    assert collections_of(tmp_path, "serve")[:3] == (2, 1, 1)


def test_the_longest_is_a_part_of_all(tmp_path: Path) -> None:
    *_, seconds, longest = collections_of(tmp_path, "serve")
    assert 0 < longest < seconds


def test_what_comes_before_serving_is_not_counted(tmp_path: Path) -> None:
    assert collections_of(tmp_path, "start") == (0, 0, 0, 0.0, 0.0)
