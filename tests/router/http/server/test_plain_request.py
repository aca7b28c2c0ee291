"""Requests that are read without llhttp are read as llhttp reads them."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from router.http.server.plain_request import LIMIT_PLAIN_HEAD_BYTES, read_plain_request
from router.http.server.request_reader import PIECE_BYTES, RequestReader

HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\n"


class NoSource:
    """A body that has come with its head asks for nothing."""

    def send_continue(self) -> None:
        raise AssertionError

    def regulate(self) -> None:
        raise AssertionError


def outcome(*pieces: bytes) -> tuple[object, ...]:
    """All that can be told of what a reader made of these pieces."""
    reader = RequestReader(NoSource(), "192.0.2.7")
    for piece in pieces:
        reader.feed(piece)
    requests = [
        (
            *(each.method, each.target, tuple(each.headers.items()), each.peer_ip, each.is_http_1_0, each.keeps_alive),
            *(each.body.is_complete, each.body.expects_continue, each.body.at_hand, each.body.size_bytes),
        )
        for each in reader.requests
    ]
    return requests, reader.refusal, reader.is_over, reader.in_message


def in_two(data: bytes) -> tuple[object, ...]:
    """As ``outcome``; a request that does not come whole is for llhttp."""
    return outcome(data[:1], data[1:])


def test_a_plain_request_is_read() -> None:
    assert read_plain_request(
        b"POST /a?b=%20c HTTP/1.1\r\nHost: h:1\r\nX-Y: z, z\r\nx-y:1\r\nContent-Length: 3\r\n"
        b"Connection: Keep-Alive\r\n\r\nabc"
    ) == (
        "POST",
        "/a?b=%20c",
        CIMultiDict(
            [("Host", "h:1"), ("X-Y", "z, z"), ("x-y", "1"), ("Content-Length", "3"), ("Connection", "Keep-Alive")]
        ),
        b"abc",
    )


def test_a_body_may_have_any_bytes() -> None:
    body = bytes(range(256)) + b"\r\n\r\n"
    plain = read_plain_request(HEAD + b"Content-Length: 260\r\n\r\n" + body)
    assert plain is not None
    assert plain[3] == body


NOT_PLAIN = {
    "half a head": HEAD,
    "half a body": HEAD + b"Content-Length: 3\r\n\r\nab",
    "more than a body": HEAD + b"Content-Length: 3\r\n\r\nabcd",
    "two requests": HEAD + b"\r\n" + HEAD + b"\r\n",
    "two lengths": HEAD + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "a length of other digits": HEAD + "Content-Length: \uff13\r\n\r\nabc".encode(),
    "a length with zeros before it": HEAD + b"Content-Length: 03\r\n\r\nabc",
    "a coding": HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
    "a coding and a length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
    "an expectation": HEAD + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    "an upgrade": HEAD + b"Upgrade: h2c\r\n\r\n",
    "an end of the connection": HEAD + b"Connection: close\r\n\r\n",
    "an end of the connection beside other words": HEAD + b"Connection: keep-alive, close\r\n\r\n",
    "an end of a proxy's connection": HEAD + b"Proxy-Connection: close\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": HEAD + b"Host: x\r\n\r\n",
    "a host that is none": b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "an older version": b"GET / HTTP/1.0\r\nHost: x\r\n\r\n",
    "a newer version": b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
    "a target that is a URL": b"GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method of another protocol": b"DESCRIBE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method that makes a tunnel": b"CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n",
    "a folded line": HEAD + b"X: a\r\n b\r\n\r\n",
    "a space before a colon": HEAD + b"X : a\r\n\r\n",
    "LF in a line": HEAD + b"X: a\nY: b\r\n\r\n",
    "CR in a line": HEAD + b"X: a\rY: b\r\n\r\n",
    "NUL in a line": HEAD + b"X: a\0b\r\n\r\n",
    "a value that is not ASCII": HEAD + b"X: \xc3\xa9\r\n\r\n",
    "a name that is not ASCII": HEAD + b"X\xe9: a\r\n\r\n",
    "a tab around a value": HEAD + b"X:\ta\r\n\r\n",
    "no value": HEAD + b"X:\r\n\r\n",
    "a long head": HEAD + b"X: %b\r\n\r\n" % (b"y" * LIMIT_PLAIN_HEAD_BYTES),
    "many fields": HEAD + b"X: y\r\n" * 200 + b"\r\n",
    "an empty line before it": b"\r\n" + HEAD + b"\r\n",
}


@pytest.mark.parametrize("data", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_needs_thought_is_left_to_llhttp(data: bytes) -> None:
    assert read_plain_request(data) is None
    assert outcome(data) == in_two(data)


LINES = (
    b"Host: x",
    b"host: [::1]:4000",
    b"Host: a/b",
    b"Content-Type: application/json",
    b"X-Id: 7",
    b"X-Id:  7 ",
    b"x-empty:",
    b"Authorization: Bearer " + b"a" * 200,
    b"Content-Length: 3",
    b"content-length: 0",
    b"Content-Length: 03",
    b"Content-Length : 3",
    b"Connection: keep-alive",
    b"Connection: close",
    b"Transfer-Encoding: chunked",
    b"Expect: 100-continue",
    b"Upgrade: h2c",
    b"X: \xc3\xa9",
    b"X: a\0",
    b"X(: a",
    b"",
    b"no colon",
)
FIRST_LINES = (
    b"GET / HTTP/1.1",
    b"POST /graphql HTTP/1.1",
    b"HEAD /a?b=%7B%22c%22 HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"GET /\x7f HTTP/1.1",
    b"GET /a#b HTTP/1.1",
    b"GET  / HTTP/1.1",
    b"GET / HTTP/1.0",
    b"get / HTTP/1.1",
)
# One odd line among plain ones is what tells the lanes apart, if anything does.
Heads = st.tuples(
    st.sampled_from(FIRST_LINES),
    st.lists(st.one_of(st.sampled_from(LINES), st.binary(max_size=12)), max_size=4),
    st.booleans(),
).map(lambda drawn: b"\r\n".join((drawn[0], *((b"Host: x",) if drawn[2] else ()), *drawn[1], b"", b"")))
Requests = st.tuples(Heads, st.sampled_from((b"", b"abc", b"abcd", b"0\r\n\r\n"))).map(b"".join)


@settings(deadline=None, max_examples=400)
@given(data=Requests)
@example(data=HEAD + b"Content-Length: 3\r\n\r\nabc")
@example(data=b"GET /graphql?query=%7Ba%7D HTTP/1.1\r\nHost: x\r\n\r\n")
def test_both_lanes_read_alike(data: bytes) -> None:
    assert outcome(data) == in_two(data)


@settings(deadline=None, max_examples=200)
@given(first=Requests, second=Requests)
def test_a_lane_leaves_the_connection_as_the_other_does(first: bytes, second: bytes) -> None:
    assert outcome(first, second) == in_two(first + second)


@pytest.mark.parametrize("character", range(256))
def test_every_character_is_read_alike(character: int) -> None:
    for data in (
        b"GET /a%b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /?%b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX%b: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: y%bz\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x%b\r\n\r\n",
    ):
        request = data.replace(b"%b", bytes([character]))
        assert outcome(request) == in_two(request)


def test_a_request_that_was_cut_is_not_taken_for_plain_in_the_middle() -> None:
    inner = HEAD + b"\r\n"
    data = HEAD + b"Content-Length: %d\r\n\r\n" % len(inner)
    reader = RequestReader(NoSource(), "")
    reader.feed(data)
    reader.feed(inner)
    (request,) = reader.requests
    assert request.body.at_hand == inner


def test_what_one_client_sends_is_not_seen_by_another() -> None:
    def headers(token: bytes) -> list[tuple[str, str]]:
        reader = RequestReader(NoSource(), "")
        reader.feed(HEAD + b"Authorization: %b\r\n\r\n" % token)
        reader.requests[0].headers.get("authorization")
        return list(reader.requests[0].headers.items())

    assert headers(b"a") == [("Host", "x"), ("Authorization", "a")]
    assert headers(b"b") == [("Host", "x"), ("Authorization", "b")]
    assert headers(b"a") == [("Host", "x"), ("Authorization", "a")]


def test_pieces_as_large_as_they_come_are_plain() -> None:
    length = PIECE_BYTES - len(HEAD) - 25
    data = HEAD + b"Content-Length: %d\r\n\r\n" % length + b"x" * length
    assert len(data) <= PIECE_BYTES
    assert read_plain_request(data) is not None
    assert outcome(data) == in_two(data)
