"""The head of a response as bytes.

The server alone says how long a message is and whether the connection stays open: what a response says about that
itself (a proxied one may) is left out.
"""

import re
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from multidict import CIMultiDict, istr

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}

# https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_OURS = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"})

_SERVER, _DATE = istr("server"), istr("date")


class ResponseHeadError(Exception):
    """A header cannot be sent: its name is none, or its value would begin another line."""


def response_head(status: int, headers: CIMultiDict[str], *, date_line: str, framing: str) -> bytes:
    """The status line, the headers, and the empty line behind them.

    Args:
        status: The status code.
        headers: As they are, without those that are the server's.
        date_line: A whole ``date`` line; not used if ``headers`` has one.
        framing: Whole lines that tell the length and what becomes of the connection.

    Raises:
        ResponseHeadError: See there.
    """
    lines = [f"{start}{value}\r\n" for name, value in headers.items() if (start := _start_of_line(name))]
    if _SERVER not in headers:
        lines.append("server: supergate\r\n")
    if _DATE not in headers:
        lines.append(date_line)
    text = "".join(lines)
    # Joined first, as one search costs less than one for each value.
    if text.count("\n") != len(lines) or text.count("\r") != len(lines) or "\0" in text:
        raise ResponseHeadError("a header has a line break or a NUL in its value")
    status_line = _STATUS_LINES.get(status) or f"HTTP/1.1 {status} \r\n"
    return f"{status_line}{text}{framing}\r\n".encode("utf-8", "surrogateescape")


def date_line(seconds: float) -> str:
    """The ``date`` line for a time since the epoch."""
    return f"date: {formatdate(seconds, usegmt=True)}\r\n"


@lru_cache(maxsize=1024)
def _start_of_line(name: str) -> str:
    """``name: ``, or nothing if the server says it by itself."""
    if _TOKEN.fullmatch(name) is None:
        raise ResponseHeadError(f"{name!r} is no name of a header")
    return "" if name.lower() in _OURS else f"{name}: "
