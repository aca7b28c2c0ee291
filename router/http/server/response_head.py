"""The head of a response as bytes.

The server alone says how long a message is and whether the connection stays open: what a response says about that
itself (a proxied one may) is left out.
"""

import re
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from multidict import CIMultiDict, istr

from router.http.server.remembered import Remembered

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus}
_SERVER_LINE = b"server: supergate\r\n"

# https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_OURS = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})
# Headers that many responses have with the same value, so that their lines are worth remembering.
_ALIKE = frozenset({
    "content-type", "referrer-policy", "strict-transport-security", "vary", "x-content-type-options", "cache-control",
})  # fmt: skip
_LIMIT_REMEMBERED = 128

_SERVER, _DATE = istr("server"), istr("date")


class ResponseHeadError(Exception):
    """A header cannot be sent: its name is none, or its value would begin another line."""


def response_head(status: int, headers: CIMultiDict[str], *, date_line: bytes, framing: bytes) -> bytes:
    """The status line, the headers, and the empty line behind them.

    Args:
        status: The status code.
        headers: As they are, without those that are the server's.
        date_line: A whole ``date`` line; not used if ``headers`` has one.
        framing: Whole lines that tell the length and what becomes of the connection.

    Raises:
        ResponseHeadError: See there.
    """
    lines = [_known_lines.get(header) or _line(header) for header in headers.items()]
    if _SERVER not in headers:
        lines.append(_SERVER_LINE)
    if _DATE not in headers:
        lines.append(date_line)
    status_line = _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
    return b"%b%b%b\r\n" % (status_line, b"".join(lines), framing)


def date_line(seconds: float) -> bytes:
    """The ``date`` line for a time since the epoch."""
    return f"date: {formatdate(seconds, usegmt=True)}\r\n".encode()


def _line(header: tuple[str, str]) -> bytes:
    """The line of a header; nothing if the server says it by itself."""
    name, value = header
    start, is_alike = _start_of_line(name)
    if "\n" in value or "\r" in value or "\0" in value:
        raise ResponseHeadError("a header has a line break or a NUL in its value")
    if not start:
        return b""
    line = f"{start}{value}\r\n".encode("utf-8", "surrogateescape")
    if is_alike and len(value) <= _LIMIT_REMEMBERED:
        _known_lines.keep(header, line)
    return line


@lru_cache(maxsize=1024)
def _start_of_line(name: str) -> tuple[str, bool]:
    """``name: ``, or nothing if the server says it by itself; and whether many responses have it with one value."""
    if _TOKEN.fullmatch(name) is None:
        raise ResponseHeadError(f"{name!r} is no name of a header")
    lower = name.lower()
    return "" if lower in _OURS else f"{name}: ", lower in _ALIKE


_known_lines: Remembered[tuple[str, str], bytes] = Remembered(256)
