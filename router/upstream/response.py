"""A complete HTTP response, and the reading of a head that is as plain as most of them.

    ResponseReader ──▶ match_plain_head, PlainHead ──▶ HttpResponse
                       ▲ you are here

A head is plain if nothing about it needs thought: HTTP/1.1, a status that has a body, one field a line, names that
are tokens, values of visible ASCII, and a length. Whoever answers GraphQL sends such heads, and one regular expression
reads them in half the time that llhttp needs to call back for each header. It takes no decision: whatever could
be read in two ways, or says anything about framing but the length, does not match and is left to llhttp.

A server that answers twice in a second mostly sends the same head again, but for the length. What the expression has
found out about a head holds for the same bytes with another number, so they are compared, which takes a quarter of
the time.
"""

import re

from msgspec import Struct

from router.executor.outcome import FetchAnswer

LIMIT_PLAIN_HEAD_BYTES = 8192
"""Far below what a response head may have: limits are for ``ResponseParser``."""

Headers = tuple[tuple[bytes, bytes], ...]


class HttpResponse(FetchAnswer, frozen=True, gc=False):
    """A complete response; its body is without transfer and content coding, its content type Latin-1.

    Attributes:
        head: The headers, or the lines of a plain head: most responses are used without anyone asking for them.
    """

    head: Headers | bytes

    @property
    def headers(self) -> Headers:
        """Names in lower case, and values."""
        head = self.head
        if not isinstance(head, bytes):
            return head
        return tuple((name.lower(), value) for name, value in _FIELD.findall(head))


def first_value(headers: Headers, name: bytes) -> bytes:
    """The first value of a header, empty if it is not there; ``name`` in lower case."""
    return next((value for key, value in headers if key == name), b"")


class PlainHead(Struct, frozen=True):
    """A head that is plain, whatever the digits of its length.

    Attributes:
        before: All of it before the digits.
        after: All of it behind them.
        lines: Where its header lines begin.
    """

    status: int
    content_type: str
    before: bytes
    after: bytes
    lines: int

    def read(self, data: bytes) -> tuple[HttpResponse, int] | None:
        """The response at the beginning of ``data``, with what is there of its body, and how many bytes are missing.

        Less than none are missing if ``data`` goes on behind it. ``None`` if it has another head.
        """
        begin = len(self.before)
        end = data.find(b"\r", begin, begin + _LENGTH_DIGITS + 1)
        if not (data.startswith(self.before) and data.startswith(self.after, end)):
            return None
        digits = data[begin:end]
        if not digits.isdigit():
            return None
        body = end + len(self.after)
        response = HttpResponse(self.status, self.content_type, data[body:], data[self.lines : body - 2])
        return response, int(digits) + body - len(data)


def match_plain_head(data: bytes) -> re.Match[bytes] | None:
    """The head at the beginning of ``data``; ``None`` if it is not plain, or not all there."""
    found = _PLAIN_HEAD.match(data, 0, LIMIT_PLAIN_HEAD_BYTES)
    return None if found is None or found[3] is None else found


def read_plain_response(data: bytes, found: re.Match[bytes]) -> tuple[HttpResponse, int]:
    """As ``PlainHead.read``, with a head that was matched in ``data``."""
    status, lines, length, content_type = found.groups(b"")
    begin = found.end()
    response = HttpResponse(int(status), content_type.decode("latin-1"), data[begin:], lines)
    return response, int(length) + begin - len(data)


def keep_plain_head(data: bytes, found: re.Match[bytes]) -> PlainHead:
    """A head that was matched in ``data``, to be compared with others."""
    before, after = data[: found.start(3)], data[found.end(3) : found.end()]
    return PlainHead(int(found[1]), (found[4] or b"").decode("latin-1"), before, after, found.start(2))


_LENGTH_DIGITS = 9

_FIELD = re.compile(rb"([^:\r\n]+): ?([^\r\n]*)\r\n")

# Possessive throughout, so that no input makes it go back.
_PLAIN_HEAD = re.compile(
    rb"""
    HTTP/1\.1 [ ] (?!204|304) ([2-5][0-9]{2}) [ ] [ -~]*+ \r\n
    (
        (?>(?:
            # Any field but those that say how the body ends, how it is coded, or what becomes of the connection.
            (?! [CcTtPpUu] (?i: ontent-length | ontent-type | ontent-encoding | onnection | ransfer-encoding
                              | roxy-connection | pgrade ) : )
            [!#$%&'*+\-.^_`|~0-9A-Za-z]++ : [ ]? (?![ ]) [ -~]*+ (?<![ ]) \r\n
        |
            # The length, once.
            (?(3)(?!)) [Cc] (?i: ontent-length ) : [ ]? ([0-9]{1,9}) \r\n
        |
            # The type, at most once.
            (?(4)(?!)) [Cc] (?i: ontent-type ) : [ ]? (?![ ]) ([ -~]*+) (?<![ ]) \r\n
        |
            [Cc] (?i: onnection ) : [ ]? (?i: keep-alive ) \r\n
        )*)
    )
    \r\n
    """,
    re.VERBOSE,
)
