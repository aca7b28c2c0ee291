"""Who runs on which cores, and what processes take."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.harness.processes import Processes, Shares, available_cores, share_cores
from benchmarks.workers import fair_shares

BUSY = "import os; os.fork(); sum(range(3_000_000)); os.write(1, b'done\\n'); input()"


STARTER = """
import sys
from pathlib import Path
from benchmarks.harness.processes import Processes, available_cores, stop_when_terminated
stop_when_terminated()
started = Processes(["sleep", "100"], cores=available_cores(), log=Path(sys.argv[1]))
try:
    print(started.process.pid, flush=True)
    started.process.wait()
finally:
    started.stop()
"""


def cores(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


def test_a_gateway_has_a_core_for_each_worker() -> None:
    assert share_cores(cores(0, 1, 2, 3), 2) == Shares(cores(0, 1), cores(2, 3))


def test_everybody_shares_when_no_core_would_be_left() -> None:
    assert share_cores(cores(0, 1), 2) == Shares(cores(0, 1), cores(0, 1))


@pytest.mark.parametrize(("available", "are_apart"), [(cores(0, 1), True), (cores(5), False)])
def test_it_is_told_whether_the_gateway_is_alone(available: frozenset[int], *, are_apart: bool) -> None:
    assert share_cores(available, 1).are_apart is are_apart


def test_two_workers_on_two_cores_are_compared_with_everything_on_one() -> None:
    assert fair_shares(cores(0, 1), 1, 2) == Shares(cores(0), cores(0))


def test_with_cores_to_spare_the_others_have_the_same_cores_in_each_row() -> None:
    others = {fair_shares(cores(0, 1, 2, 3), workers, 2).others for workers in (1, 2)}
    assert others == {cores(2, 3)}


@pytest.fixture
def busy(tmp_path: Path) -> Processes:
    command = [sys.executable, "-c", BUSY]
    return Processes(command, cores=available_cores(), log=tmp_path / "log", reads_output=True)


def test_children_count_as_well(busy: Processes) -> None:
    try:
        for _ in range(2):
            busy.read_line()
        used = busy.cpu_seconds()
        assert len(used) == 2
        assert all(seconds > 0 for seconds in used.values())
        assert busy.memory_mb() > 1
    finally:
        busy.stop()


def test_nothing_is_left_of_a_stopped_gateway(busy: Processes) -> None:
    busy.read_line()
    busy.stop()
    assert busy.cpu_seconds() == {}


def test_a_process_that_ended_shows_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such port')"]
    ended = Processes(command, cores=available_cores(), log=tmp_path / "log", reads_output=True)
    try:
        with pytest.raises(RuntimeError, match="no such port"):
            ended.read_line()
    finally:
        ended.stop()


def test_a_terminated_benchmark_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:  # noqa: S603 - our own
        assert starter.stdout is not None
        started = Path("/proc") / starter.stdout.readline().strip()
        assert started.exists()
        starter.terminate()
        starter.wait()
    assert not started.exists()
