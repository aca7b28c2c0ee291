"""Several processes that share one port.

The kernel spreads connections over the processes (``SO_REUSEPORT``). Each is a whole gateway; they share nothing but
what the configuration puts into Redis. The parent only waits: if one worker ends, all do, and whoever started the
gateway starts it anew.
"""

import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import NoReturn

logger = logging.getLogger(__name__)


def run_workers(count: int, work: Callable[[], int]) -> int:
    """Run ``work``, which gives an exit code, in ``count`` processes until they end; SIGINT and SIGTERM are passed on.

    Returns:
        The exit code: 0 if every worker ended well after a signal.
    """
    children: set[int] = set()
    stopping = False

    def stop(number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        # The first signal lets workers drain; a SIGINT after that is someone who does not want to wait.
        _signal_all(children, number if stopping else signal.SIGTERM)
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    for _ in range(count):
        child = os.fork()
        if child == 0:
            _work_and_exit(work)
        children.add(child)
    code = 0
    while children:
        child, status = os.wait()
        children.discard(child)
        ended_with = os.waitstatus_to_exitcode(status)
        if not stopping:
            logger.error("worker ended, stopping the others", extra={"pid": child, "exit_code": ended_with})
            stopping = True
            code = 1
            _signal_all(children, signal.SIGTERM)
        elif ended_with > 0:
            code = 1
    return code


def _signal_all(children: set[int], number: int) -> None:
    for child in tuple(children):
        with suppress(ProcessLookupError):  # it has just ended
            os.kill(child, number)


def _work_and_exit(work: Callable[[], int]) -> NoReturn:
    """Never returns: what the parent would do after ``run_workers`` is not for a child."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    code = 1
    try:
        code = work()
    except Exception:
        logger.exception("worker failed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
