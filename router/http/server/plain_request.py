"""The reading of a request that is as plain as most of them, and has come whole.

    RequestReader ──▶ read_plain_request ──▶ method, target, headers, body
                      ▲ you are here

A request is plain if nothing about it needs thought: HTTP/1.1 with a usual method, a path of usual characters, one
field a line, names that are tokens, values of visible ASCII, one host, at most one length, nothing else that says
anything about framing or the connection, and exactly its body behind it. It takes no decision: whatever could be read
in two ways does not match and is left to llhttp.

A client sends the same lines again and again, and a line means the same whoever sends it. So lines are remembered, and
a request of known lines is read in half the time that llhttp needs to call back for each part of it.
"""

import re

from multidict import CIMultiDict, istr

from router.http.server.remembered import Remembered

LIMIT_PLAIN_HEAD_BYTES = 8192
"""Far below what a head may have: limits are for ``RequestReader``."""

_LIMIT_PLAIN_FIELDS = 100
_LIMIT_REMEMBERED = 128
"""Characters of a line that is remembered. Tokens and cookies are longer, and stay with their request."""

PlainRequest = tuple[str, str, CIMultiDict[str], bytes]
"""Method, target, headers and body. A tuple, because there is one for each request."""

_REQUEST_LINE = re.compile(r"(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (/[A-Za-z0-9/._~%?=&+,;:@!$'()*-]*) HTTP/1\.1")
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r" ?([!-~](?:[ -~]*[!-~])?)")

_HOST, _CONTENT_LENGTH = istr("host"), istr("content-length")
_NO_LENGTH = ("0",)
_VALUES = {
    _HOST: re.compile(r" ?([A-Za-z0-9._~!$&'()*+,;=%:\[\]-]+)"),
    _CONTENT_LENGTH: re.compile(r" ?(0|[1-9][0-9]{0,8})"),
    "connection": re.compile(r" ?((?i:keep-alive))"),
}
"""What the value of a field may be that means something to the server."""
_NOT_PLAIN = frozenset({"expect", "proxy-connection", "transfer-encoding", "upgrade"})


class _NotPlainError(Exception):
    """A line needs thought."""


def read_plain_request(data: bytes) -> PlainRequest | None:
    """The request that ``data`` is; ``None`` if it is not plain, or not exactly one."""
    end = data.find(b"\r\n\r\n", 0, LIMIT_PLAIN_HEAD_BYTES)
    if end < 0:
        return None
    # What is not ASCII becomes characters that no pattern has.
    first, *lines = data[:end].decode("latin-1").split("\r\n")
    if len(lines) > _LIMIT_PLAIN_FIELDS:
        return None
    try:
        method, target = _known_request_lines.get(first) or _read_request_line(first)
        fields = [_known_fields.get(line) or _read_field(line) for line in lines]
    except _NotPlainError:
        return None
    headers, body = CIMultiDict(fields), data[end + 4 :]
    lengths = headers.getall(_CONTENT_LENGTH, _NO_LENGTH)
    if len(lengths) > 1 or int(lengths[0]) != len(body) or len(headers.getall(_HOST, ())) != 1:
        return None
    return method, target, headers, body


def _read_request_line(line: str) -> tuple[str, str]:
    """Method and target."""
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise _NotPlainError
    asked = match[1], match[2]
    if len(line) <= _LIMIT_REMEMBERED:
        _known_request_lines.keep(line, asked)
    return asked


def _read_field(line: str) -> tuple[istr, str]:
    """Name and value; the name with its hash and lower case made once."""
    written, _, rest = line.partition(":")
    name, allowed = _known_names.get(written) or _read_name(written)
    match = allowed.fullmatch(rest)
    if match is None:
        raise _NotPlainError
    field = name, match[1]
    if len(line) <= _LIMIT_REMEMBERED:
        _known_fields.keep(line, field)
    return field


def _read_name(written: str) -> tuple[istr, re.Pattern[str]]:
    """A name, and what may stand behind its colon, with the value as a group."""
    lower = written.lower()
    if _NAME.fullmatch(written) is None or lower in _NOT_PLAIN:
        raise _NotPlainError
    read = istr(written), _VALUES.get(lower, _VALUE)
    if len(written) <= _LIMIT_REMEMBERED:
        _known_names.keep(written, read)
    return read


_known_request_lines: Remembered[str, tuple[str, str]] = Remembered(256)
_known_fields: Remembered[str, tuple[istr, str]] = Remembered(1024)
_known_names: Remembered[str, tuple[istr, re.Pattern[str]]] = Remembered(256)
