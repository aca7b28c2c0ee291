"""The access log: one line of JSON for each request.

A line is made where the request ends, and written by a thread: a disk or a pipe that is slow must not stop the event
loop. If it is too far behind, lines are dropped and counted. No line holds a credential: headers are only logged by
name, names in ``redact`` and those that hold a credential never, and what looks like one is masked wherever it stands.
"""

import os
import select
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import orjson

from router.policy.request import Request, Response
from router.redaction import REDACTED, redact

_PAUSE_SECONDS = 0.1
_PIECE_BYTES: int = getattr(select, "PIPE_BUF", 4096)  # Windows has none


class Write(Protocol):
    """Takes a line."""

    def __call__(self, line: bytes, /) -> object:
        """Take a line, at once."""


class AccessLog:
    """Makes lines, and hands them to ``write``."""

    def __init__(
        self,
        write: Write,
        *,
        headers: Collection[str] = (),
        redacted: Collection[str] = (),
        now: Callable[[], datetime | None],
    ) -> None:
        self._write = write
        self._headers = tuple(name.lower() for name in headers)
        self._redacted = frozenset(name.lower() for name in redacted)
        self._now = now

    def keep_secret(self, names: Collection[str]) -> None:
        """Never write the values of these headers either, from now on."""
        self._redacted |= {name.lower() for name in names}

    def log(self, request: Request, response: Response, *, seconds: float, trace_id: str) -> None:
        """Write the line of one request."""
        identity = request.identity
        line: dict[str, object] = {
            "ts": self._now(),
            "method": request.method,
            "path": redact(request.path),
            "route": request.route_name,
            "status": response.status,
            "duration_ms": round(seconds * 1000, 3),
            "consumer": identity.id if identity else None,
            "request_id": request.id,
            "trace_id": trace_id or None,
            "error_codes": response.error_codes,
        }
        line.update(self._safe(request.log_fields))
        if self._headers:
            line["headers"] = self._safe(
                {name: request.headers[name] for name in self._headers if name in request.headers}
            )
        self._write(orjson.dumps(line, default=str, option=orjson.OPT_APPEND_NEWLINE))

    def _safe(self, fields: Mapping[str, object]) -> dict[str, object]:
        return {name: REDACTED if name.lower() in self._redacted else redact(value) for name, value in fields.items()}


class LineWriter:
    """Writes lines to a file from a thread, so that nobody waits for the file.

    The thread looks for lines ten times a second. One that each line woke up would cost every request a change of
    threads: measured, two thirds of all that the policies cost.
    """

    def __init__(self, file: BinaryIO, *, on_drop: Callable[[], None], waiting_lines: int = 10_000) -> None:
        self._file = file
        self._count_drop = on_drop
        self._dropping = threading.Lock()
        self._waiting_lines = waiting_lines
        self._lines: deque[bytes] = deque()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def __call__(self, line: bytes, /) -> None:
        """Leave a line for the thread; drop it if too many wait."""
        if len(self._lines) < self._waiting_lines:
            self._lines.append(line)
        else:
            self._on_drop()

    def _on_drop(self) -> None:
        with self._dropping:  # both threads drop, and what counts need not be made for that
            self._count_drop()

    def close(self) -> None:
        """Write what waits, and close the file."""
        self._closing.set()
        self._thread.join()
        self._file.close()

    def _run(self) -> None:
        while not self._closing.wait(_PAUSE_SECONDS):
            self._write_waiting()
        self._write_waiting()

    def _write_waiting(self) -> None:
        waiting = [self._lines.popleft() for _ in range(len(self._lines))]
        for lines in _batches(waiting):
            try:
                self._file.write(b"".join(lines))
                self._file.flush()
            except OSError:  # a full disk, a closed pipe: the next lines may get through again
                for _ in lines:
                    self._on_drop()


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Lines that are written at once: no more than a pipe takes in one piece, else those of two workers would mix."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        if batch and size + len(line) > _PIECE_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield batch


def open_output(output: str) -> BinaryIO:
    """The file that ``telemetry.access_log.output`` names, to be closed by whoever gets it. Raises ``OSError``."""
    match output:
        case "stdout":
            return os.fdopen(os.dup(1), "wb")
        case "stderr":
            return os.fdopen(os.dup(2), "wb")
        case path:
            return Path(path).open("ab")
