"""The access log: one line of JSON for each request.

    a request ends ──▶ AccessLog ──▶ LineWriter ──▶ text ──▶ file
                       ▲ you are here               its thread

What a line says is taken down where the request ends; a thread makes the text and writes it. A disk or a pipe that is
slow must not stop the event loop, and a line that is made among others costs a third of one that is made between two
requests. If the thread is too far behind, lines are dropped and counted. No line holds a credential: headers are only
logged by name, names in ``redact`` and those that hold a credential never, and what looks like one is masked wherever
it stands.
"""

import json
import logging
import os
import select
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol

import orjson

from router.policy.request import Request, Response
from router.redaction import REDACTED, redact

_log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.1
_PIPE_BYTES: int = getattr(select, "PIPE_BUF", 4096)  # Windows has none
"""What a pipe takes in one piece: more than that would mix with the lines of other workers."""

_FILE_BYTES = 65_536
"""Files take any piece whole. The fewer there are, the less often both threads want the interpreter."""

Line = Callable[[], bytes]
"""Makes the text of a line, with its end. It may be called by another thread."""


_Facts = tuple[float, str, str, str, int, float, str | None, str, str | None, tuple[str, ...]]
"""What is known of every request, in the order of a line: a tuple costs least to take down."""

_NO_HEADERS: Mapping[str, str] = {}


class Write(Protocol):
    """Takes a line."""

    def __call__(self, line: Line, /) -> object:
        """Take a line, at once."""


class AccessLog:
    """Takes down what happened to requests, and hands it to ``write``.

    Args:
        now: Seconds since 1970.
    """

    def __init__(
        self,
        write: Write,
        *,
        headers: Collection[str] = (),
        redacted: Collection[str] = (),
        now: Callable[[], float] = time.time,
    ) -> None:
        self._write = write
        self._headers = tuple(name.lower() for name in headers)
        self._redacted = frozenset(name.lower() for name in redacted)
        self._now = now

    def keep_secret(self, names: Collection[str]) -> None:
        """Never write the values of these headers either, from now on."""
        self._redacted |= {name.lower() for name in names}

    def log(self, request: Request, response: Response, *, seconds: float, trace_id: str) -> None:
        """Write the line of one request, which tells what stands in ``request`` at this moment."""
        identity = request.identity
        facts = (
            self._now(),
            request.method,
            request.path,
            request.route_name,
            response.status,
            seconds,
            identity.id if identity else None,
            request.id,
            trace_id or None,
            response.error_codes,
        )
        headers = request.headers
        logged = {name: headers[name] for name in self._headers if name in headers} if self._headers else _NO_HEADERS
        self._write(partial(self._line, facts, request.log_fields.copy(), logged))

    def _line(self, facts: _Facts, fields: Mapping[str, object], headers: Mapping[str, str]) -> bytes:
        """The text."""
        ended, method, path, route, status, seconds, consumer, request_id, trace_id, error_codes = facts
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(ended, UTC),
            "method": method,
            "path": redact(path),
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
            "consumer": consumer,
            "request_id": request_id,
            "trace_id": trace_id,
            "error_codes": error_codes,
        }
        line.update(self._safe(fields))
        if self._headers:
            line["headers"] = self._safe(headers)
        return _encode(line)

    def _safe(self, fields: Mapping[str, object]) -> dict[str, object]:
        return {name: REDACTED if name.lower() in self._redacted else redact(value) for name, value in fields.items()}


def _encode(line: Mapping[str, object]) -> bytes:
    try:
        return orjson.dumps(line, default=str, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # A header may hold bytes that are not UTF-8, and no line is lost for that.
        return json.dumps(line, default=str).encode() + b"\n"


class LineWriter:
    """Writes lines to a file from a thread, so that nobody waits for the file.

    The thread looks for lines ten times a second. One that each line woke up would cost every request a change of
    threads: measured, two thirds of all that the policies cost.
    """

    def __init__(self, file: BinaryIO, *, on_drop: Callable[[], None], waiting_lines: int = 10_000) -> None:
        self._file = file
        self._count_drop = on_drop
        self._dropping = threading.Lock()
        self._piece_bytes = _FILE_BYTES if _is_regular(file) else _PIPE_BYTES
        self._waiting_lines = waiting_lines
        self._lines: deque[Line] = deque()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)
        self._thread.start()

    def __call__(self, line: Line, /) -> None:
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
        for lines in _batches(filter(None, map(self._text, waiting)), self._piece_bytes):
            try:
                self._file.write(b"".join(lines))
                self._file.flush()
            except OSError:  # a full disk, a closed pipe: the next lines may get through again
                for _ in lines:
                    self._on_drop()

    def _text(self, line: Line) -> bytes:
        try:
            return line()
        except Exception:
            # The outermost handler of this thread: a bug in one line must not end the log.
            _log.exception("access-log line cannot be made")
            self._on_drop()
            return b""


def _is_regular(file: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    except OSError:  # it stands for a file, and is none
        return False


def _batches(lines: Iterable[bytes], limit_bytes: int) -> Iterator[list[bytes]]:
    """Lines that are written at once."""
    batch: list[bytes] = []
    size = 0
    for line in lines:
        if batch and size + len(line) > limit_bytes:
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
