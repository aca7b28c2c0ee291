"""The response reader, without sockets: however the bytes are cut, it reads what httptools reads."""

from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from hypothesis import given, settings
from hypothesis import strategies as st

from router.upstream.failures import UpstreamError
from router.upstream.reading import ResponseReader
from router.upstream.response import Headers, HttpResponse

TOKENS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 200 OK\r\n",
    b"HTTP/1.1 100 Continue\r\n",
    b"HTTP/1.1 204 No Content\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\n",
    b"HTTP/1.1 500 \r\n",
    b"Content-Length: 4\r\n",
    b"Content-Length: 0\r\n",
    b"content-length:4\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Connection: close\r\n",
    b"Connection: keep-alive\r\n",
    b"Connection: upgrade\r\nUpgrade: x\r\n",
    b"X: y\r\n",
    b" folded\r\n",
    b"\r\n",
    b"\n",
    b"4\r\nbody\r\n",
    b"0\r\n",
    b"body",
    b"b",
    b"\x00",
]


@dataclass
class Plain:
    """What httptools reads of the first response that is not an interim one."""

    status: int = 0
    body: bytes = b""
    complete: bool = False
    parser: HttpResponseParser = field(init=False)

    def __post_init__(self) -> None:
        self.parser = HttpResponseParser(self)

    def on_headers_complete(self) -> None:
        if not self.complete:
            self.status = self.parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        if not self.complete:
            self.body += body

    def on_message_complete(self) -> None:
        self.complete = self.complete or self.status >= 200

    def read(self, data: bytes) -> None:
        with suppress(HttpParserError, HttpParserUpgrade):
            self.parser.feed_data(data)


def whole(response: HttpResponse | None) -> tuple[int, str, Headers, bytes] | None:
    """A response as a value, whichever lane read it."""
    return None if response is None else (response.status, response.content_type, response.headers, response.body)


def read_in_pieces(data: bytes, cuts: list[int]) -> HttpResponse | None:
    """The response, ``None`` if there is none (yet), also because it was refused."""
    reader = ResponseReader(1000)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        if start == end:
            continue
        try:
            response = reader.feed(data[start:end])
        except UpstreamError:
            return None
        if response is not None:
            return response
    return None


@settings(max_examples=300, deadline=None)
@given(data=st.lists(st.sampled_from(TOKENS), max_size=8).map(b"".join), cuts=st.lists(st.integers(0, 500), max_size=5))
def test_what_is_read_is_what_httptools_reads(data: bytes, cuts: list[int]) -> None:
    plain = Plain()
    plain.read(data)
    response = read_in_pieces(data, cuts)
    if response is not None:
        assert (response.status, response.body, True) == (plain.status, plain.body, plain.complete)


@settings(max_examples=300, deadline=None)
@given(data=st.lists(st.sampled_from(TOKENS), max_size=8).map(b"".join), cuts=st.lists(st.integers(0, 500), max_size=5))
def test_the_cuts_make_no_difference(data: bytes, cuts: list[int]) -> None:
    assert whole(read_in_pieces(data, cuts)) == whole(read_in_pieces(data, []))


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=200))
def test_garbage_is_never_a_response(data: bytes) -> None:
    response = read_in_pieces(data, [])
    assert response is None or data.startswith(b"HTTP/1.")


def test_after_a_reset_the_next_response_is_read() -> None:
    reader = ResponseReader(1000)
    first = reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na")
    assert reader.reusable
    reader.reset()
    second = reader.feed(b"HTTP/1.1 404 No\r\nX: y\r\nContent-Length: 1\r\n\r\nb")
    assert [whole(first), whole(second)] == [
        (200, "", ((b"content-length", b"1"),), b"a"),
        (404, "", ((b"x", b"y"), (b"content-length", b"1")), b"b"),
    ]


def test_nothing_is_started_before_the_first_byte() -> None:
    reader = ResponseReader(1000)
    before = reader.started
    reader.feed(b"H")
    assert (before, reader.started) == (False, True)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1",
    ],
)
def test_the_end_completes_only_a_body_without_length(head: bytes) -> None:
    reader = ResponseReader(1000)
    assert reader.feed(head) is None
    assert reader.end() is None
