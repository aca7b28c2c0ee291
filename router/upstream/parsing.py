"""Responses as llhttp reads them: whatever is not plain. No I/O, no clock.

    ResponseReader ──▶ ResponseParser ──▶ HttpResponse
                       ▲ you are here

llhttp, by way of httptools, decides what is valid HTTP; it runs without any leniency. On top of that the parser

* skips interim responses (1xx), and refuses 101, which nobody asked for;
* refuses what llhttp lets pass although its length is ambiguous: any ``Transfer-Encoding`` but exactly ``chunked``;
* limits the head, the body, and the bytes that are neither (chunk extensions, trailers, endless interim responses);
* tells whether the connection may carry another request: only if the response ended where it said it would, nothing
  came behind it, and both sides keep the connection alive. In doubt it may not.
"""

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from router.upstream.content_coding import decode_body
from router.upstream.failures import MalformedResponseError, ResponseTooLargeError, UpstreamError
from router.upstream.response import HttpResponse, first_value

LIMIT_HEAD_BYTES = 65_536

# A peer may send every byte as a chunk of its own: six bytes on the wire for one of body.
_WIRE_BYTES_PER_BODY_BYTE = 8


class ResponseParser:
    """Reads responses of one connection, one after the other.

    ``reset`` makes it ready for the next response. Methods called ``on_…`` are for llhttp.

    Attributes:
        reusable: The connection may carry another request; meaningful once a response is complete.
    """

    __slots__ = (
        "_body",
        "_body_bytes",
        "_complete",
        "_head_bytes",
        "_head_complete",
        "_headers",
        "_limit_bytes",
        "_parser",
        "_problem",
        "_status",
        "_until_end",
        "_wire_bytes",
        "reusable",
    )

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._parser = HttpResponseParser(self)
        self.reset()

    def reset(self) -> None:
        """Expect the next response."""
        self.reusable = True
        self._problem: UpstreamError | None = None
        self._complete = False
        self._wire_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._begin_head()

    def feed(self, data: bytes) -> HttpResponse | None:
        """Take what arrived; returns the response when it is complete.

        Raises:
            UpstreamError: Nothing that comes on this connection can be trusted any more.
        """
        self._wire_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            # Behind a complete response anything may come: it does not spoil the response, only the connection.
            self.reusable = False
            if not self._complete and self._problem is None:
                raise MalformedResponseError(f"not valid HTTP: {error}") from error
        if self._problem is not None:
            raise self._problem
        if self._complete:
            return self._response()
        self._check_wire_bytes()
        return None

    def end(self) -> HttpResponse | None:
        """The peer will send no more; returns the response if that is how its end was to be told."""
        if not self._until_end or self._complete:
            return None
        self.reusable = False
        return self._response()

    # Called by llhttp. Exceptions would pass through C and lose their type, so problems are noted, not raised.

    def on_message_begin(self) -> None:
        """Another response begins; behind a complete one that is a response nobody asked for."""
        if self._complete:
            self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; behind the body it is a trailer, which is dropped."""
        if self._head_complete or self._complete:
            return
        self._head_bytes += len(name) + len(value) + 4
        if self._head_bytes > LIMIT_HEAD_BYTES:
            self._refuse(ResponseTooLargeError(f"the response head has more than {LIMIT_HEAD_BYTES} bytes"))
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is read: decide how the body ends, and whether to go on."""
        if self._complete:
            return
        self._status = status = self._parser.get_status_code()
        version = self._parser.get_http_version()
        if version not in ("1.1", "1.0"):
            self._refuse(MalformedResponseError(f"HTTP/{version} was not asked for"))
        if not 100 <= status <= 599 or status == 101:
            self._refuse(MalformedResponseError(f"status {status:03} was not asked for"))
        if status >= 200:
            self._head_complete = True
            self._decide_length(has_body=status not in (204, 304))

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._complete or self._problem is not None:
            return
        self._body_bytes += len(body)
        if self._body_bytes > self._limit_bytes:
            self._refuse_body()
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The response has ended, or an interim response before it."""
        if self._complete:
            return
        if not self._head_complete:
            self._begin_head()
            return
        self._complete = True
        if not self._parser.should_keep_alive():
            self.reusable = False

    def _begin_head(self) -> None:
        self._head_complete = False
        self._head_bytes = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._status = 0
        self._until_end = False

    def _decide_length(self, *, has_body: bool) -> None:
        length = coding = None
        for name, value in self._headers:
            if name == b"content-length":
                length = int(value)  # llhttp has refused anything but one number
            elif name == b"transfer-encoding":
                coding = value if coding is None else b"%b, %b" % (coding, value)
        if coding is not None and coding.lower() != b"chunked":
            self._refuse(MalformedResponseError(f"transfer-encoding {coding!r} was not asked for"))
        if length is not None and length > self._limit_bytes:
            self._refuse_body()
        # https://www.rfc-editor.org/rfc/rfc9112#section-6.3
        self._until_end = has_body and length is None and coding is None

    def _refuse(self, problem: UpstreamError) -> None:
        if self._problem is None:
            self._problem = problem
        self.reusable = False

    def _refuse_body(self) -> None:
        self._refuse(ResponseTooLargeError(f"the body has more than {self._limit_bytes} bytes"))

    def _check_wire_bytes(self) -> None:
        if not self._head_complete and self._wire_bytes > LIMIT_HEAD_BYTES:
            raise ResponseTooLargeError(f"the response head has more than {LIMIT_HEAD_BYTES} bytes")
        if self._wire_bytes > LIMIT_HEAD_BYTES + self._limit_bytes * _WIRE_BYTES_PER_BODY_BYTE:
            raise ResponseTooLargeError("the response has far more framing than content")

    def _response(self) -> HttpResponse:
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        headers = tuple(self._headers)
        if coding := first_value(headers, b"content-encoding"):
            body = decode_body(body, coding, self._limit_bytes)
        content_type = first_value(headers, b"content-type").decode("latin-1")
        return HttpResponse(self._status, content_type, body, headers)
