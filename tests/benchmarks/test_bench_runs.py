"""The programs as a whole, for a moment each; nothing here looks at times."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from benchmarks.harness.measure import Measurement

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are watched through /proc")


def run(module: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"benchmarks.{module}", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - our own


def test_a_quick_comparison_gives_right_answers_only(tmp_path: Path) -> None:
    options = ("--quick", "--scenario", "shapes", "--only", "supergate", "--json", str(tmp_path / "all.json"))
    ended = run("compare", *options)
    assert ended.returncode == 0, ended.stderr
    measured = msgspec.json.decode((tmp_path / "all.json").read_bytes(), type=list[Measurement])
    assert [(each.gateway, each.bad, each.passed_on > 0.99) for each in measured] == [("supergate", 0, True)]
    assert measured[0].requests > 0


def test_an_unknown_scenario_is_told_with_those_there_are() -> None:
    ended = run("compare", "--scenario", "tall")
    assert (ended.returncode, "small, wide" in ended.stderr) == (1, True)


def test_a_short_soak_answers_everything_and_prints_its_looks() -> None:
    ended = run("soak", "--requests", "200", "--samples", "4", "--connections", "4", "--bound-mb", "1000")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("\n| ") == 1 + 1 + 4
    assert ended.stdout.endswith("; 0 bad.\n")
