"""Bytes in, requests out. No I/O, no clock.

    socket ──▶ Connection ──▶ RequestReader ──▶ IncomingRequest ──▶ answer
                              ▲ you are here

llhttp, by way of httptools, decides what is valid HTTP; it runs without any leniency, so it refuses whatever two
servers could understand in two ways: both kinds of length, a line that ends in less than CRLF, a folded header, white
space before a colon, control characters. On top of that the reader

* refuses what llhttp lets pass although its length is ambiguous: any ``Transfer-Encoding`` but exactly ``chunked``;
* refuses other versions than 1.0 and 1.1, and a ``Host`` that is missing, there twice, or no host;
* limits the target, each header, all headers, their number, and the bytes of a body that are not content;
* ignores offers to upgrade, and reads the body of a request that makes one.

There are two lanes. A request that is plain (see ``plain_request``) and comes in one piece does not need llhttp, which
is then where it was: between two requests. All others go to it from their first byte on. Both lanes read the same bytes
alike; which one a request takes can only be told by its cost.

After a refusal, or a request that is the last by its own word, it takes nothing more.
"""

import re
from collections import deque
from functools import lru_cache

from httptools import HttpParserCallbackError, HttpParserError, HttpParserUpgrade, HttpRequestParser
from multidict import CIMultiDict, CIMultiDictProxy, istr

from router.http.server.plain_request import read_plain_request
from router.http.server.request import BodySource, IncomingRequest, RequestBody
from router.identity.certificate import ClientCertificate

LIMIT_TARGET_BYTES = 65_536
"""A GraphQL request by GET carries the whole operation in its target."""

LIMIT_HEADER_BYTES = 32_768
LIMIT_HEADERS_BYTES = 65_536
LIMIT_HEADERS = 200

PIECE_BYTES = 16_384
"""How much to feed at once. It bounds how many small requests become objects before the first is answered."""

_LIMIT_FRAMING_BYTES = 262_144
# A peer may send every byte as a chunk of its own: six bytes on the wire for one of body.
_WIRE_BYTES_PER_BODY_BYTE = 8

_HOST = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=%:\[\]-]*")
"""https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2"""

# What is looked for in every request, with its hash and lower case made once.
_HOST_NAME, _TRANSFER_ENCODING, _EXPECT = istr("host"), istr("transfer-encoding"), istr("expect")


class _RefusedError(Exception):
    """Stops the parser."""


class RequestReader:
    """Reads the requests of one connection, one after the other. Methods called ``on_…`` are for the parser.

    Attributes:
        requests: What has arrived, in order; the last one's body may still be incomplete.
        refusal: The status to end the connection with, after the answers to ``requests``; 0 if there is none.
        is_over: Nothing more is taken.
    """

    __slots__ = (
        "_body",
        "_headers",
        "_in_head",
        "_is_last",
        "_parser",
        "_peer_certificate",
        "_peer_ip",
        "_piece_bytes",
        "_resumes_after_upgrade",
        "_seen_bytes",
        "_source",
        "_target",
        "_upgrade_framing",
        "is_over",
        "refusal",
        "requests",
    )

    def __init__(self, source: BodySource, peer_ip: str, *, peer_certificate: ClientCertificate | None = None) -> None:
        self._source = source
        self._peer_ip = peer_ip
        self._peer_certificate = peer_certificate
        self._parser = HttpRequestParser(self)
        self._body: RequestBody | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._target = b""
        self._in_head = self._is_last = False
        self._piece_bytes = self._seen_bytes = 0
        self._upgrade_framing = b""
        self._resumes_after_upgrade = False
        self.requests: deque[IncomingRequest] = deque()
        self.refusal = 0
        self.is_over = False

    @property
    def in_message(self) -> bool:
        """Whether the last byte was not the last of a request."""
        return self._in_head or self._body is not None

    def feed(self, piece: bytes) -> None:
        """Take what arrived, at most ``PIECE_BYTES`` of it."""
        if self._in_head or self._body is not None or self.is_over or not self._take_plain(piece):
            self._parse(piece)

    def _take_plain(self, piece: bytes) -> bool:
        """Take a piece that is one plain request; returns whether it is."""
        plain = read_plain_request(piece)
        if plain is None:
            return False
        method, target, headers, content = plain
        body = RequestBody(self._source, whole=content)
        proxy = CIMultiDictProxy(headers)
        self.requests.append(
            IncomingRequest(method, target, proxy, body, self._peer_ip, peer_certificate=self._peer_certificate)
        )
        return True

    def _parse(self, piece: bytes) -> None:
        self._piece_bytes = len(piece)
        self._seen_bytes += len(piece)
        while piece and not self.is_over:
            try:
                self._parser.feed_data(piece)
            except HttpParserUpgrade as upgrade:
                piece = self._ignore_upgrade(piece[upgrade.args[0] :])
            except HttpParserCallbackError as error:
                if not isinstance(error.__context__, _RefusedError):
                    raise
                self._end()
            except HttpParserError:
                self._end()
            else:
                break
        if self._seen_bytes > LIMIT_HEADERS_BYTES:
            self._check_seen_bytes()

    # Called by the parser.

    def on_message_begin(self) -> None:
        """A request begins."""
        if self._resumes_after_upgrade:
            return
        self._in_head = True
        self._seen_bytes = self._piece_bytes

    def on_url(self, part: bytes) -> None:
        """The target, or a part of it."""
        if self._in_head:
            self._target += part
            if len(self._target) > LIMIT_TARGET_BYTES:
                self._refuse(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; behind the body it is a trailer, which is dropped."""
        if self._in_head:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is read: judge it."""
        if self._resumes_after_upgrade:
            self._resumes_after_upgrade = False
            return
        if len(self._headers) > LIMIT_HEADERS or (self._seen_bytes > LIMIT_HEADER_BYTES and self._are_too_large()):
            self._refuse(431)
        parser = self._parser
        version = parser.get_http_version()
        if version not in ("1.1", "1.0"):
            self._refuse(505)
        # llhttp leaves white space at the end. What is not UTF-8 comes back as it was when it is sent on.
        headers = CIMultiDict(
            [(_name(name), value.decode("utf-8", "surrogateescape").rstrip(" \t")) for name, value in self._headers]
        )
        is_http_1_0 = version == "1.0"
        self._check_host(headers, is_needed=not is_http_1_0)
        if _TRANSFER_ENCODING in headers:
            self._check_coding(headers, is_http_1_0=is_http_1_0)
        expects_continue = _EXPECT in headers and headers[_EXPECT].lower() == "100-continue" and not is_http_1_0
        self._body = body = RequestBody(self._source, expects_continue=expects_continue)
        method = parser.get_method().decode()
        keeps_alive = parser.should_keep_alive() and method != "CONNECT"
        if parser.should_upgrade():
            self._upgrade_framing = _framing(headers) if method != "CONNECT" else b""
        target = self._target.decode("utf-8", "surrogateescape")
        self._in_head = False
        self._headers, self._target = [], b""  # now: the connection may be idle for long
        proxy = CIMultiDictProxy(headers)
        self.requests.append(
            IncomingRequest(
                method, target, proxy, body, self._peer_ip, is_http_1_0, keeps_alive, self._peer_certificate
            )
        )
        self._is_last = not keeps_alive

    def on_body(self, piece: bytes) -> None:
        """A piece of the body."""
        if self._body is not None:
            self._body.feed(piece)

    def on_message_complete(self) -> None:
        """The request has ended."""
        if self._body is not None and not self._upgrade_framing:
            self._body.complete()
            self._body = None
            self.is_over = self._is_last

    def _ignore_upgrade(self, rest: bytes) -> bytes:
        """Returns what is to be parsed next.

        llhttp takes an offer to upgrade for the end of HTTP and of the request; we do not accept any, so the body
        follows. Some clients make the offer with every request. https://www.rfc-editor.org/rfc/rfc9110#section-7.8
        """
        if not self._upgrade_framing:
            return rest
        rest = b"POST / HTTP/1.1\r\n%b\r\n\r\n%b" % (self._upgrade_framing, rest)
        self._upgrade_framing = b""
        self._resumes_after_upgrade = True
        self._parser = HttpRequestParser(self)
        return rest

    def _check_host(self, headers: CIMultiDict[str], *, is_needed: bool) -> None:
        # https://www.rfc-editor.org/rfc/rfc9112#section-3.2
        hosts = headers.getall(_HOST_NAME, ())
        if len(hosts) != 1:
            if hosts or is_needed:
                self._refuse(400)
        elif not _is_host(hosts[0]):
            self._refuse(400)

    def _check_coding(self, headers: CIMultiDict[str], *, is_http_1_0: bool) -> None:
        # https://www.rfc-editor.org/rfc/rfc9112#section-6.1
        if is_http_1_0:
            self._refuse(400)
        if [coding.lower() for coding in headers.getall("transfer-encoding")] != ["chunked"]:
            self._refuse(501)

    def _are_too_large(self) -> bool:
        sizes = [len(name) + len(value) for name, value in self._headers]
        return max(sizes, default=0) > LIMIT_HEADER_BYTES or sum(sizes) > LIMIT_HEADERS_BYTES

    def _refuse(self, status: int) -> None:
        self.refusal = status
        raise _RefusedError

    def _end(self) -> None:
        """What came is not valid, or behind the end."""
        if self._body is not None:
            self._body.fail()
            self._body = None
        elif not self.refusal and not self.is_over:
            self.refusal = 400
        self._in_head = False
        self.is_over = True

    def _check_seen_bytes(self) -> None:
        """Limit what is neither a complete head nor content. Up to a piece of it may be of the request before."""
        if self._in_head:
            if self._seen_bytes - len(self._target) > LIMIT_HEADERS_BYTES + PIECE_BYTES:
                self.refusal = 431
                self._end()
        elif self._body is not None:
            content = self._body.size_bytes * _WIRE_BYTES_PER_BODY_BYTE
            if self._seen_bytes > _LIMIT_FRAMING_BYTES + content:
                self._end()


@lru_cache(maxsize=256)
def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None


@lru_cache(maxsize=512)
def _name(name: bytes) -> istr:
    """The name of a header, with its hash and lower case made once."""
    return istr(name.decode("ascii"))


def _framing(headers: CIMultiDict[str]) -> bytes:
    """The header that tells how long the body is, empty if there is no body."""
    for name in ("content-length", "transfer-encoding"):
        if name in headers:
            return f"{name}: {headers[name]}".encode()
    return b""
