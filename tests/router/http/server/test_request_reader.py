"""What is a request, and what is refused because two servers could understand it in two ways."""

import pytest

from router.http.server.request_reader import LIMIT_HEADER_BYTES, LIMIT_TARGET_BYTES, PIECE_BYTES, RequestReader

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


class NoSource:
    """A body that is never read asks for nothing."""

    def send_continue(self) -> None:
        raise AssertionError

    def regulate(self) -> None:
        raise AssertionError


def read(data: bytes, *, piece_bytes: int = PIECE_BYTES) -> RequestReader:
    reader = RequestReader(NoSource(), "192.0.2.7")
    for start in range(0, len(data), piece_bytes):
        reader.feed(data[start : start + piece_bytes])
    return reader


async def bodies(reader: RequestReader) -> list[bytes]:
    assert all(request.body.is_complete for request in reader.requests)
    return [await request.body.read(1000) for request in reader.requests]


async def test_a_request_is_read() -> None:
    reader = read(
        b"POST /a?b=%20c HTTP/1.1\r\nHost: h:1\r\nX-Y:  z \t\r\nx-y: \xc3\xa9\r\nContent-Length: 3\r\n\r\nabc"
    )
    (request,) = reader.requests
    assert (request.method, request.target, request.peer_ip) == ("POST", "/a?b=%20c", "192.0.2.7")
    assert list(request.headers.items()) == [("Host", "h:1"), ("X-Y", "z"), ("x-y", "é"), ("Content-Length", "3")]
    assert request.headers["x-Y"] == "z"
    assert request.keeps_alive
    assert await bodies(reader) == [b"abc"]
    assert not reader.in_message


async def test_a_chunked_body_is_put_together_and_its_trailers_are_dropped() -> None:
    reader = read(CHUNKED + b"3;x=y\r\nabc\r\n02\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")
    assert "x-trailer" not in reader.requests[0].headers
    assert await bodies(reader) == [b"abcde"]


async def test_bytes_that_are_not_utf_8_come_back_as_they_were() -> None:
    reader = read(b"GET / HTTP/1.1\r\nHost: x\r\nX: \xff\xe9\r\n\r\n")
    assert reader.requests[0].headers["x"].encode("utf-8", "surrogateescape") == b"\xff\xe9"


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 7, 64])
async def test_it_does_not_matter_how_requests_are_cut(piece_bytes: int) -> None:
    requests = HEAD + b"Content-Length: 3\r\n\r\nabc" + CHUNKED + b"2\r\nde\r\n0\r\n\r\n" + SMUGGLED
    reader = read(requests, piece_bytes=piece_bytes)
    assert [request.target for request in reader.requests] == ["/", "/", "/smuggled"]
    assert await bodies(reader) == [b"abc", b"de", b""]


async def test_every_cut_in_two_gives_the_same_request() -> None:
    data = HEAD + b"X-Long: value\r\nContent-Length: 3\r\n\r\nabc"
    for cut in range(1, len(data)):
        reader = RequestReader(NoSource(), "")
        reader.feed(data[:cut])
        reader.feed(data[cut:])
        assert dict(reader.requests[0].headers) == {"Host": "x", "X-Long": "value", "Content-Length": "3"}
        assert await bodies(reader) == [b"abc"]


REFUSED = {
    "both lengths": HEAD + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "both lengths, the other way": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
    "two codings": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked twice": HEAD + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "hidden coding": HEAD + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "coding in 1.0": b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "different lengths": HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length twice": HEAD + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
    "a list of lengths": HEAD + b"Content-Length: 1, 1\r\n\r\na",
    "a signed length": HEAD + b"Content-Length: +1\r\n\r\na",
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\na",
    "a hexadecimal length": HEAD + b"Content-Length: 0x1\r\n\r\na",
    "an empty length": HEAD + b"Content-Length:\r\n\r\n",
    "a length in two parts": HEAD + b"Content-Length: 1 0\r\n\r\n0123456789",
    "a length beyond 64 bits": HEAD + b"Content-Length: 18446744073709551617\r\n\r\na",
    "a folded header": HEAD + b"X: a\r\n b\r\n\r\n",
    "a space before the first header": b"GET / HTTP/1.1\r\n Host: x\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "LF only": b"GET / HTTP/1.1\nHost: x\n\n",
    "LF behind a header": b"GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n",
    "LF at the end": b"GET / HTTP/1.1\r\nHost: x\r\n\n",
    "CR in a header": b"GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
    "CR only": b"GET / HTTP/1.1\rHost: x\r\r",
    "NUL in a value": HEAD + b"X: a\0b\r\n\r\n",
    "NUL in a name": HEAD + b"X\0: a\r\n\r\n",
    "NUL in the target": b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a control character": HEAD + b"X: a\x01b\r\n\r\n",
    "an empty name": HEAD + b": a\r\n\r\n",
    "no colon": HEAD + b"abc\r\n\r\n",
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "the same Host twice": b"GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n",
    "two Hosts in 1.0": b"GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n",
    "a Host with a path": b"GET / HTTP/1.1\r\nHost: x/y\r\n\r\n",
    "a Host with a user": b"GET / HTTP/1.1\r\nHost: u@x\r\n\r\n",
    "a Host with a space": b"GET / HTTP/1.1\r\nHost: x y\r\n\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown method": b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method in lower case": b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    "a method of another protocol": b"DESCRIBE / HTTP/1.1\r\nHost: x\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "nonsense": b"nonsense\r\n\r\n",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_is_not_exactly_http_is_refused(data: bytes) -> None:
    for piece_bytes in (PIECE_BYTES, 1):
        reader = read(data + SMUGGLED, piece_bytes=piece_bytes)
        assert (reader.refusal, reader.is_over) == (400, True)
        assert not reader.requests


@pytest.mark.parametrize("coding", [b"identity", b"gzip", b"gzip, chunked", b"xchunked", b",chunked", b'"chunked"'])
def test_a_coding_that_is_not_exactly_chunked_is_refused(coding: bytes) -> None:
    reader = read(HEAD + b"Transfer-Encoding: %b\r\n\r\n0\r\n\r\n" % coding + SMUGGLED)
    assert (reader.refusal, list(reader.requests)) == (501, [])


@pytest.mark.parametrize("version", [b" HTTP/2.0", b" HTTP/0.9", b""])
def test_another_version_is_refused(version: bytes) -> None:
    assert read(b"GET /" + version + b"\r\nHost: x\r\n\r\n").refusal == 505


BROKEN_BODIES = {
    "a size that is no number": b"x\r\na\r\n0\r\n\r\n",
    "an empty size": b"\r\na\r\n0\r\n\r\n",
    "a negative size": b"-1\r\na\r\n0\r\n\r\n",
    "a prefixed size": b"0x1\r\na\r\n0\r\n\r\n",
    "a space behind the size": b"1 \r\na\r\n0\r\n\r\n",
    "a size beyond 64 bits": b"10000000000000001\r\na\r\n0\r\n\r\n",
    "LF behind the size": b"1\na\r\n0\r\n\r\n",
    "LF behind the data": b"1\r\na\n0\r\n\r\n",
    "nothing behind the data": b"1\r\na0\r\n\r\n",
    "more data than said": b"1\r\naXX0\r\n\r\n",
    "LF in an extension": b"1;a=b\nc\r\na\r\n0\r\n\r\n",
    "CR in an extension": b"1;a\rb\r\na\r\n0\r\n\r\n",
    "a line break in a quoted extension": b'1;a="\r\n"\r\na\r\n0\r\n\r\n',
    "a length in the trailer": b"0\r\nContent-Length: 36\r\n\r\n",
    "a folded trailer": b"0\r\nX: a\r\n b\r\n\r\n",
    "LF behind the trailer": b"0\r\n\n",
}


@pytest.mark.parametrize("chunks", BROKEN_BODIES.values(), ids=BROKEN_BODIES)
def test_nothing_behind_a_broken_body_is_taken_for_a_request(chunks: bytes) -> None:
    for piece_bytes in (PIECE_BYTES, 1):
        reader = read(CHUNKED + chunks + SMUGGLED, piece_bytes=piece_bytes)
        (request,) = reader.requests
        assert not request.body.is_complete
        assert reader.is_over


def test_a_request_before_nonsense_is_still_a_request() -> None:
    reader = read(SMUGGLED + b"nonsense\r\n\r\n")
    assert len(reader.requests) == 1
    assert reader.refusal == 400


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, close\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n",
    ],
    ids=["close", "close in a list", "1.0", "CONNECT"],
)
def test_behind_the_last_request_nothing_is_taken(head: bytes) -> None:
    for piece_bytes in (PIECE_BYTES, 1):
        reader = read(head + SMUGGLED, piece_bytes=piece_bytes)
        (request,) = reader.requests
        assert not request.keeps_alive
        assert request.body.is_complete
        assert (reader.is_over, reader.refusal) == (True, 0)


def test_http_1_0_may_keep_the_connection() -> None:
    (request,) = read(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").requests
    assert (request.is_http_1_0, request.keeps_alive) == (True, True)


UPGRADE = HEAD + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "body"),
    [
        (UPGRADE + b"\r\n", b""),
        (UPGRADE + b"Content-Length: 0\r\n\r\n", b""),
        (UPGRADE + b"Content-Length: 3\r\n\r\nabc", b"abc"),
        (UPGRADE + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", b"abc"),
    ],
    ids=["no body", "empty", "length", "chunks"],
)
async def test_an_offer_to_upgrade_is_ignored_and_the_body_read(request_bytes: bytes, body: bytes) -> None:
    for piece_bytes in (PIECE_BYTES, 1):
        reader = read(request_bytes + request_bytes + SMUGGLED, piece_bytes=piece_bytes)
        assert await bodies(reader) == [body, body, b""]
        assert [request.target for request in reader.requests] == ["/", "/", "/smuggled"]


def test_an_offer_to_upgrade_does_not_hide_what_is_ambiguous() -> None:
    upgrade = HEAD + b"Connection: upgrade\r\nUpgrade: x\r\nTransfer-Encoding: chunked-false\r\n\r\n"
    assert read(upgrade + b"1\r\nA\r\n0\r\n\r\n" + SMUGGLED).refusal == 501


def test_hundreds_of_offers_to_upgrade_in_one_packet_are_ignored() -> None:
    offer = b"GET / HTTP/1.1\r\nHost:\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    assert len(read(offer * 270).requests) == 270


@pytest.mark.parametrize("piece_bytes", [PIECE_BYTES, 1000])
@pytest.mark.parametrize(
    ("data", "status"),
    [
        pytest.param(b"GET /" + b"x" * LIMIT_TARGET_BYTES + b" HTTP/1.1\r\n", 414, id="a long target"),
        pytest.param(b"GET /" + b"x" * LIMIT_TARGET_BYTES, 414, id="a target that does not end"),
        pytest.param(HEAD + b"X: " + b"y" * LIMIT_HEADER_BYTES + b"\r\n\r\n", 431, id="a long header"),
        pytest.param(HEAD + b"X: " + b"y" * 90_000, 431, id="a header that does not end"),
        pytest.param(HEAD + b"X" * 90_000, 431, id="a name that does not end"),
        pytest.param(HEAD + (b"X: " + b"y" * 30_000 + b"\r\n") * 3 + b"\r\n", 431, id="large headers together"),
        pytest.param(HEAD + b"X: y\r\n" * 200 + b"\r\n", 431, id="many headers"),
        pytest.param(HEAD + b"X: y\r\n" * 20_000, 431, id="headers without end"),
    ],
)
def test_a_head_that_is_too_large_is_refused(data: bytes, status: int, piece_bytes: int) -> None:
    assert read(data, piece_bytes=piece_bytes).refusal == status


def test_a_head_within_the_limits_is_read() -> None:
    target = b"/" + b"x" * (LIMIT_TARGET_BYTES - 1)
    headers = b"X: " + b"y" * (LIMIT_HEADER_BYTES - 1) + b"\r\n" + b"Z: y\r\n" * 198
    (request,) = read(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n").requests
    assert len(request.headers) == 200


def test_endless_chunk_extensions_are_not_followed() -> None:
    reader = read(CHUNKED + b"1;" + b"x" * 300_000)
    assert (reader.is_over, reader.requests[0].body.is_complete) == (True, False)


def test_endless_trailers_are_not_followed() -> None:
    assert read(CHUNKED + b"0\r\n" + b"X: y\r\n" * 60_000).is_over


async def test_a_body_may_come_in_chunks_of_one_byte() -> None:
    reader = read(CHUNKED + b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n")
    assert len(await reader.requests[0].body.read(100_000)) == 100_000
