"""Responses with a plain head are not given to llhttp, and nobody can tell: both lanes read the same bytes alike."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.upstream.failures import UpstreamError
from router.upstream.parsing import LIMIT_HEAD_BYTES, ResponseParser
from router.upstream.reading import ResponseReader
from router.upstream.response import Headers, HttpResponse, match_plain_head

LIMIT = 1000

LINES = [
    b"Content-Length: 4",
    b"content-length:4",
    b"CONTENT-LENGTH: 04",
    b"Content-Length: 0",
    b"Content-Length: 1001",
    b"Content-Length: 4 ",
    b"Content-Length: +4",
    b"Content-Length: 4, 4",
    b"Content-Length: ",
    b"Content-Length: 99999999999999999999",
    b"Content-Type: application/json",
    b"content-type:text/plain",
    b"Content-Type:",
    b"Content-Encoding: identity",
    b"Content-Encoding: gzip",
    b"Transfer-Encoding: chunked",
    b"transfer-encoding: gzip, chunked",
    b"Connection: keep-alive",
    b"connection:Keep-Alive",
    b"Connection: close",
    b"Connection: keep-alive, close",
    b"Proxy-Connection: close",
    b"Connection: upgrade",
    b"Upgrade: h2c",
    b"Keep-Alive: timeout=5",
    b"X: y",
    b"X:y",
    b"X:",
    b"X: ",
    b"X:  two",
    b"X:\ttab",
    b"X: trailing ",
    b"X: in\x00side",
    b"X: \xe9",
    b"X : y",
    b": y",
    b"X",
    b" folded",
    b"!#$%&'*+-.^_`|~: y",
    b"Content-Length-X: 7",
]
STATUS_LINES = [
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 200 ",
    b"HTTP/1.1 200",
    b"HTTP/1.1  200 OK",
    b"HTTP/1.1 404 Not Found",
    b"HTTP/1.1 599 \xff",
    b"HTTP/1.1 600 OK",
    b"HTTP/1.1 099 OK",
    b"HTTP/1.1 100 Continue",
    b"HTTP/1.1 101 Switching Protocols",
    b"HTTP/1.1 204 No Content",
    b"HTTP/1.1 304 Not Modified",
    b"HTTP/1.0 200 OK",
    b"HTTP/2.0 200 OK",
    b"http/1.1 200 OK",
]
BODIES = [b"", b"b", b"body", b"body\r\n", b"bodymore", b"bodyHTTP/1.1 200 OK\r\n\r\n", b"4\r\nbody\r\n0\r\n\r\n"]
FRONT = st.one_of(st.just(b"HTTP/1.1 200 OK"), st.sampled_from(STATUS_LINES))
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX: y\r\nContent-Length: 4\r\n\r\nbody"


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    """Responses that are plain, or nearly so."""
    lines = draw(st.lists(st.sampled_from(LINES), max_size=4))
    lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(LINES[:3])))
    end = draw(st.sampled_from([b"\r\n"] * 8 + [b"\n", b"\r"]))
    return b"\r\n".join([draw(FRONT), *lines]) + b"\r\n" + end + draw(st.sampled_from(BODIES))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A plain response in which one byte is another, is missing, or stands there as well."""
    place, byte = draw(st.integers(0, len(PLAIN) - 1)), draw(st.integers(0, 255).map(lambda code: bytes([code])))
    rest = place + draw(st.integers(0, 1))
    return PLAIN[:place] + draw(st.sampled_from([byte, b""])) + PLAIN[rest:]


@dataclass
class Reading:
    """What a lane made of bytes: a response, a refusal, or neither yet."""

    response: tuple[int, str, Headers, bytes] | None = None
    refused: str = ""
    reusable: bool = False


def read(reader: ResponseReader | ResponseParser, data: bytes, cuts: list[int] | None = None) -> Reading:
    edges = sorted({0, *(cut % (len(data) + 1) for cut in cuts or []), len(data)})
    for start, end in pairwise(edges):
        try:
            response = reader.feed(data[start:end])
        except UpstreamError as error:
            return Reading(refused=type(error).__name__)
        if response is not None:
            # What has not been fed yet was not asked for.
            return Reading(as_value(response), reusable=reader.reusable and end == len(data))
    return Reading()


def as_value(response: HttpResponse) -> tuple[int, str, Headers, bytes]:
    return response.status, response.content_type, response.headers, response.body


CUTS = st.lists(st.integers(0, 500), max_size=4)


@settings(max_examples=600, deadline=None)
@given(data=st.one_of(responses(), mutated()))
def test_both_lanes_read_alike(data: bytes) -> None:
    assert read(ResponseReader(LIMIT), data) == read(ResponseParser(LIMIT), data)


@settings(max_examples=600, deadline=None)
@given(data=st.one_of(responses(), mutated()), cuts=CUTS)
def test_both_lanes_read_pieces_alike(data: bytes, cuts: list[int]) -> None:
    lanes = read(ResponseReader(LIMIT), data, cuts), read(ResponseParser(LIMIT), data, cuts)
    # Empty lines behind a response are nothing to llhttp; with a plain head whatever comes behind is too much.
    assert (lanes[0].response, lanes[0].refused) == (lanes[1].response, lanes[1].refused)
    assert lanes[0].reusable <= lanes[1].reusable


@pytest.mark.parametrize("code", range(256))
def test_every_byte_is_read_alike_in_a_name_and_in_a_value(code: int) -> None:
    byte = bytes([code])
    for field in (b"X%bX: y", b"X: y%by"):
        data = PLAIN.replace(b"X: y", field.replace(b"%b", byte))
        assert read(ResponseReader(LIMIT), data) == read(ResponseParser(LIMIT), data)


@settings(max_examples=200, deadline=None)
@given(data=st.lists(st.one_of(responses(), mutated()), min_size=2, max_size=3))
def test_the_next_response_is_read_alike_whatever_lane_the_last_one_took(data: list[bytes]) -> None:
    reader = ResponseReader(LIMIT)
    for each in data:
        reader.reset()
        reading = read(reader, each)
        assert reading == read(ResponseParser(LIMIT), each)
        if not reading.reusable:
            return


NUMBERS = [
    *(b"0", b"3", b"4", b"5", b"04", b"000000004", b"0000000004", b"1001", b"99999999999"),
    *(b"", b"4 ", b" 4", b"+4", b"-4", b"4_0", b"4,4", b"\xb2", b"4\n", b"4\r"),
    *(b"4\r\nContent-Length: 4", b"4\r\nX: z", b"4\r\n\r\nX: y"),
]
LENGTH_FIRST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX: y\r\n\r\nbody"


@pytest.mark.parametrize("first", [PLAIN, LENGTH_FIRST], ids=["length last", "length first"])
@settings(max_examples=300, deadline=None)
@given(data=st.one_of(st.sampled_from(NUMBERS), mutated()), body=st.sampled_from(BODIES), cuts=CUTS)
def test_the_same_head_with_another_length_is_read_alike(
    first: bytes, data: bytes, body: bytes, cuts: list[int]
) -> None:
    if data in NUMBERS:
        data = first.replace(b"Length: 4", b"Length: " + data).removesuffix(b"body") + body
    reader = ResponseReader(LIMIT)
    assert read(reader, first).reusable
    lanes = read(reader, data, cuts), read(ResponseParser(LIMIT), data, cuts)
    assert (lanes[0].response, lanes[0].refused) == (lanes[1].response, lanes[1].refused)
    assert lanes[0].reusable <= lanes[1].reusable


def test_heads_that_change_are_read_alike_whether_one_is_kept_or_not() -> None:
    reader = ResponseReader(LIMIT)
    changing = [PLAIN.replace(b"X: y", b"X: %d" % (number // 2)) for number in range(30)]
    assert [read(reader, data) for data in changing] == [read(ResponseParser(LIMIT), data) for data in changing]


def test_the_headers_of_a_head_that_was_read_before_are_its_own() -> None:
    reader = ResponseReader(LIMIT)
    reader.feed(PLAIN)
    response = reader.feed(PLAIN.replace(b": 4", b": 12") + b"and more")
    assert response is not None
    assert response.headers[-1] == (b"content-length", b"12")


@pytest.mark.parametrize("cut", range(1, len(PLAIN)))
def test_a_plain_response_may_be_cut_anywhere(cut: int) -> None:
    headers = ((b"content-type", b"application/json"), (b"x", b"y"), (b"content-length", b"4"))
    expected = Reading((200, "application/json", headers, b"body"), reusable=True)
    assert read(ResponseReader(LIMIT), PLAIN, [cut]) == expected


def test_what_comes_behind_a_plain_response_is_not_its_body() -> None:
    reader = ResponseReader(LIMIT)
    reader.feed(PLAIN[:-2])
    response = reader.feed(b"dyHTTP/1.1 200 OK\r\n")
    assert response is not None
    assert (response.body, reader.reusable) == (b"body", False)


def test_the_end_does_not_complete_a_plain_response() -> None:
    reader = ResponseReader(LIMIT)
    reader.feed(PLAIN[:-2])
    assert reader.end() is None


@pytest.mark.parametrize("count", [2000, 13_000])
def test_a_long_head_is_read_alike(count: int) -> None:
    data = PLAIN.replace(b"X: y", b"\r\n".join([b"a:b"] * count))
    both = [read(ResponseReader(LIMIT), data), read(ResponseParser(LIMIT), data)]
    assert both[0] == both[1]
    assert bool(both[0].refused) == (count * 6 > LIMIT_HEAD_BYTES)


@pytest.mark.parametrize(
    "line",
    [b"Date: Mon, 23 Nov 2026 08:43:58 GMT", b"connection: Keep-Alive", b"Content-Type: text/plain; charset=utf-8"],
)
def test_usual_heads_are_plain(line: bytes) -> None:
    assert match_plain_head(b"HTTP/1.1 500 Oh\r\n%b\r\nContent-Length: 17\r\n\r\n" % line) is not None


@pytest.mark.parametrize(
    "line",
    [
        b"Content-Length: 17",
        b"Content-Type: a/b\r\ncontent-type: c/d",
        b"Content-Encoding: identity",
        b"Transfer-Encoding: chunked",
        b"Connection: close",
        b"Proxy-Connection: keep-alive",
        b"Upgrade: h2c",
        b"X: a\r\n b",
        b"X: a\tb",
        b"X: a ",
        b"X : a",
        b"X: a\nY: b",
    ],
)
def test_a_head_that_needs_thought_is_not_plain(line: bytes) -> None:
    assert match_plain_head(b"HTTP/1.1 200 OK\r\n%b\r\nContent-Length: 17\r\n\r\n" % line) is None
