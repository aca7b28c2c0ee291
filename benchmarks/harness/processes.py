"""Processes that are measured: started on cores of their own, looked at through ``/proc``, and stopped.

A gateway may be several processes. Each is started as the leader of a new session, and what belongs to that session
belongs to it. Linux only.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_SESSION, _CPU_TIMES = 3, slice(11, 15)  # of the fields of /proc/PID/stat that come after the command's name
_STOP_SECONDS = 5.0

Cores = frozenset[int]


@dataclass(frozen=True, slots=True)
class Shares:
    """Who runs where.

    Attributes:
        gateway: Cores of the gateway.
        others: Cores of subgraphs and clients.
    """

    gateway: Cores
    others: Cores

    @property
    def are_apart(self) -> bool:
        """Whether the gateway has its cores to itself."""
        return not self.gateway & self.others


def share_cores(available: Cores, gateway_cores: int) -> Shares:
    """Give a gateway as many cores as it has workers, if at least one is left for the others."""
    ordered = sorted(available)
    if len(ordered) <= gateway_cores:
        return Shares(available, available)
    return Shares(frozenset(ordered[:gateway_cores]), frozenset(ordered[gateway_cores:]))


def available_cores() -> Cores:
    """The cores that this process may use."""
    return frozenset(os.sched_getaffinity(0))


def stop_when_terminated() -> None:
    """Let SIGTERM end this program as Ctrl-C does: what it has started is stopped first."""

    def end(_number: int, _frame: object) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)


class Processes:
    """A command and everything it starts.

    Args:
        command: Program and arguments.
        cores: Where it may run.
        log: Where its standard error goes, and its output unless that is read.
        reads_output: Whether ``process.stdout`` is to be read here.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cores: Cores,
        log: Path,
        environment: Mapping[str, str] | None = None,
        reads_output: bool = False,
    ) -> None:
        self.command = command
        self.log = log
        with _on(cores), log.open("ab") as errors:
            self.process = subprocess.Popen(  # noqa: S603 - commands of this package
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if reads_output else errors,
                stderr=errors,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    def read_line(self) -> str:
        """The next line of its output; the end of it is an error."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode().strip()
        if not line:
            raise RuntimeError(f"{' '.join(self.command)} has ended: {self.log.read_text()[-2000:]}")
        return line

    def go_on(self) -> None:
        """Send it a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def cpu_seconds(self) -> dict[int, float]:
        """User and system time of each process so far, with that of its children that have ended."""
        return {pid: sum(map(int, fields[_CPU_TIMES])) / _TICKS_A_SECOND for pid, fields in self._stats().items()}

    def memory_mb(self) -> float:
        """Memory of all processes; what several share is counted once."""
        return sum(_memory_kb(pid, "Pss:") for pid in self._stats()) / 1024

    def stop(self) -> None:
        """End all its processes, and wait for them."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            if self._stats():
                os.killpg(self.process.pid, sign)
            if self._ended():
                break
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def _ended(self) -> bool:
        until = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < until:
            self.process.poll()
            if not self._stats():
                return True
            time.sleep(0.02)
        return False

    def _stats(self) -> dict[int, list[str]]:
        """Fields of ``/proc/PID/stat``, by process; those that have ended are left out."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if int(fields[_SESSION]) == self.process.pid and fields[0] != "Z":
                found[int(entry.name)] = fields
        return found


def resident_mb(pid: int) -> float:
    """Memory of one process that is not swapped out, shared pages included."""
    return _memory_kb(pid, "Rss:") / 1024


def _memory_kb(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(name))


@contextmanager
def _on(cores: Cores) -> Iterator[None]:
    """What is started inside runs on these cores, with all it starts."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
