"""Workers in real processes that do what a test says, and tell what happens to them."""

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from router.workers import Worker, run_workers

TIMEOUT_SECONDS = 20.0

Tell = Callable[[str], None]
Work = Callable[[Worker, Tell], int]


class Group:
    """A parent that runs workers, seen from outside.

    Attributes:
        pid: Of the parent.
    """

    def __init__(self, pid: int, told: int) -> None:
        self.pid = pid
        self._told = told
        self._rest = b""
        self._status: int | None = None

    def hear(self) -> str:
        """The next thing that a worker tells; waits for it."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while b"\n" not in self._rest:
            readable, _, _ = select.select([self._told], [], [], max(0.0, deadline - time.monotonic()))
            assert readable, "no worker tells anything"
            piece = os.read(self._told, 65_536)
            assert piece, "there is no worker any more"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    def hear_end(self) -> list[str]:
        """All that is told until the last process is gone."""
        pieces = [self._rest]
        while piece := os.read(self._told, 65_536):
            pieces.append(piece)
        return b"".join(pieces).decode().splitlines()

    def signal(self, number: int) -> None:
        """Send a signal to the parent."""
        os.kill(self.pid, number)

    def exit_code(self) -> int:
        """Wait for the end of the parent."""
        if self._status is None:
            _, self._status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(self._status)


@contextmanager
def running(
    count: int, work: Work, *, stop_seconds: float = 5.0, before: Callable[[], object] = lambda: None
) -> Iterator[Group]:
    """A group of workers, in processes of its own; killed if it has not ended by itself.

    The parent calls ``before`` before it starts any.
    """
    told, telling = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(told)
        code = 99
        try:
            os.setpgid(0, 0)

            def tell(text: str) -> None:
                os.write(telling, f"{text}\n".encode())

            before()
            code = run_workers(count, lambda worker: work(worker, tell), stop_seconds=stop_seconds)
        finally:
            os._exit(code)
    os.close(telling)
    group = Group(pid, told)
    try:
        yield group
    finally:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        group.exit_code()
        os.close(told)


class Signals:
    """In a worker: the signals that it gets from now on."""

    def __init__(self, *numbers: int) -> None:
        self._end, self._got = os.pipe()
        for number in numbers:
            signal.signal(number, self._take)

    def wait(self) -> int:
        """The next one."""
        return os.read(self._end, 1)[0]

    def _take(self, number: int, _frame: FrameType | None) -> None:
        os.write(self._got, bytes([number]))


def work_for_ever() -> None:
    """In a worker: do not end."""
    threading.Event().wait()
