"""Several processes that serve on one address.

    parent ──fork──▶ worker ──▶ Router.serve
    ▲ you are here

The kernel spreads connections over the processes (``SO_REUSEPORT``). Each is a whole gateway. What they share is in
memory that the parent made before: the numbers of the metrics, and the counters of local rate limits.

The parent has no event loop and no thread, so that it can fork whenever a worker has to be replaced. It sleeps until a
signal or a worker wakes it; what is then to be done is decided in ``supervision``.
"""

import gc
import logging
import os
import select
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

from router.stores.shared_memory import SharedCounters
from router.supervision import Supervision
from router.telemetry.metrics import Metrics, MetricsMemory, bury

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 10.0
"""How long a worker that was told to stop may take beyond what the configuration grants to its requests."""

_STOPPING = (signal.SIGTERM, signal.SIGINT)
if sys.platform != "win32":  # where there is no fork either
    _PASSED_ON = (signal.SIGHUP,)
    _HANDLED = (*_STOPPING, *_PASSED_ON, signal.SIGCHLD)
_NUMBER = struct.Struct("I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """What a worker is given.

    Attributes:
        number: Its place, from 0.
        is_replacement: Whether another had that place before.
        metrics: Memory for its metrics, beside those of the others.
        counters: Memory for rate limits.
        ready: To be called when it serves.
    """

    number: int
    is_replacement: bool
    metrics: MetricsMemory
    counters: SharedCounters
    ready: Callable[[], None]

    @property
    def is_first(self) -> bool:
        """Whether nobody has served before."""
        return self.number == 0 and not self.is_replacement


def run_workers(count: int, work: Callable[[Worker], int], *, stop_seconds: float) -> int:
    """Run ``work``, which gives an exit code, in ``count`` processes until SIGINT or SIGTERM; replace those that end.

    Args:
        count: How many.
        work: Serves until SIGTERM. SIGHUP is passed on to it.
        stop_seconds: How long it may then take; somewhat later it is killed.

    Returns:
        The exit code: 0 if every worker ended well after a signal.
    """
    # What is there now stays to the end, in the parent and in every worker.
    gc.collect()
    gc.freeze()
    return _Parent(count, work, stop_seconds=stop_seconds).run()


class _Parent:
    """The process that starts workers, and waits."""

    def __init__(self, count: int, work: Callable[[Worker], int], *, stop_seconds: float) -> None:
        self._work = work
        self._stop_seconds = stop_seconds
        *self._memories, own = MetricsMemory.of_processes(count + 1)
        self._metrics = Metrics(memory=own)
        self._counters = SharedCounters.create()
        self._group = Supervision(count, now=time.monotonic())
        self._running: dict[int, int] = {}
        self._replaced: set[int] = set()
        self._kill_at: float | None = None
        self._exit_code = 0
        self._signals, self._signals_end = os.pipe()
        self._ready, self._ready_end = os.pipe()
        self._alive, self._alive_end = os.pipe()
        for end in (self._signals, self._signals_end, self._ready):
            os.set_blocking(end, False)

    def run(self) -> int:
        """Work until there are no workers any more."""
        signal.set_wakeup_fd(self._signals_end, warn_on_full_buffer=False)
        for handled in _HANDLED:
            signal.signal(handled, _wake_up)
        while True:
            for number in self._group.take_due(time.monotonic()):
                self._start(number)
            if not self._running and self._group.seconds_until_due(time.monotonic()) is None:
                return self._exit_code
            select.select([self._signals, self._ready], [], [], self._seconds_to_sleep())
            self._hear_workers()
            self._hear_signals()
            self._kill_who_is_late()

    def _start(self, number: int) -> None:
        worker = Worker(
            number=number,
            is_replacement=number in self._replaced,
            metrics=self._memories[number],
            counters=self._counters,
            ready=lambda: _say(self._ready_end, number),
        )
        if worker.is_replacement:
            self._metrics.worker_restarted()
        # A signal that comes before the worker has its own handlers waits until it has.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        try:
            child = os.fork()
            if child == 0:
                self._be_worker(worker)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
        self._running[child] = number
        if worker.is_replacement:
            logger.warning("worker restarted", extra={"worker": number, "pid": child})
        self._replaced.add(number)

    def _be_worker(self, worker: Worker) -> NoReturn:
        """Never returns: what the parent would do next is not for a worker."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for end in (self._signals, self._signals_end, self._ready, self._alive_end):
                os.close(end)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)  # what it would read again, it has yet to read
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HANDLED)
            threading.Thread(target=_end_with_parent, args=(self._alive,), name="parent", daemon=True).start()
            code = self._work(worker)
        except KeyboardInterrupt:
            code = 130
        except Exception:
            logger.exception("worker failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _seconds_to_sleep(self) -> float | None:
        now = time.monotonic()
        until_due = self._group.seconds_until_due(now)
        if self._kill_at is None:
            return until_due
        return max(0.0, self._kill_at - now)

    def _hear_workers(self) -> None:
        with suppress(BlockingIOError):
            for (number,) in _NUMBER.iter_unpack(os.read(self._ready, 1024 * _NUMBER.size)):
                self._group.ready(number, time.monotonic())
                logger.info("worker serves", extra={"worker": number})

    def _hear_signals(self) -> None:
        numbers: set[int] = set()
        with suppress(BlockingIOError):
            numbers.update(os.read(self._signals, 1024))
        for number in numbers.intersection(_STOPPING):
            self._stop(number)
        for number in numbers.intersection(_PASSED_ON):
            self._pass_on(number)
        self._bury()

    def _stop(self, number: int) -> None:
        if self._kill_at is not None and number == signal.SIGINT:
            self._pass_on(number)  # somebody who does not want to wait
            return
        self._group.stop()
        self._kill_at = self._kill_at or time.monotonic() + self._stop_seconds + PATIENCE_SECONDS
        self._pass_on(signal.SIGTERM)

    def _bury(self) -> None:
        while self._running:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            if child not in self._running:
                continue  # In a container the first process inherits whatever a worker has left behind.
            number, code = self._running.pop(child), os.waitstatus_to_exitcode(status)
            self._group.ended(number, time.monotonic())
            bury(self._memories[number])
            if self._kill_at is None:
                logger.error("worker ended", extra={"worker": number, "pid": child, "exit_code": code})
            elif code > 0:
                self._exit_code = 1
            if self._group.given_up and self._kill_at is None:
                logger.error("workers end before they serve, giving up")
                self._exit_code = 1
                self._stop(signal.SIGTERM)

    def _kill_who_is_late(self) -> None:
        if self._kill_at is not None and self._running and time.monotonic() >= self._kill_at:
            logger.error("workers did not stop in time", extra={"pids": tuple(self._running)})
            self._exit_code = 1
            self._pass_on(signal.SIGKILL)

    def _pass_on(self, number: int) -> None:
        for child in self._running:
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(child, number)


def _wake_up(_number: int, _frame: FrameType | None) -> None:
    """Nothing: the number of the signal is in the pipe."""


def _say(end: int, number: int) -> None:
    with suppress(BrokenPipeError):  # the parent is gone, and this worker about to go
        os.write(end, _NUMBER.pack(number))


def _end_with_parent(alive: int) -> None:
    """Wait for the end of the parent, which alone has the other end of this pipe."""
    os.read(alive, 1)
    os.kill(os.getpid(), signal.SIGTERM)
