"""Messages that two programs read differently, and requests that browsers can be made to send."""

import pytest

from tests.attacks.target import Target, host_of, path_of

QUERY = b'{"query":"{ __typename }"}'
HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


def post(target: Target, *lines: bytes, body: bytes = b"", line_end: bytes = b"\r\n") -> bytes:
    head = [
        f"POST {path_of(target)} HTTP/1.1".encode(),
        f"Host: {host_of(target)}".encode(),
        b"Content-Type: application/json",
        *lines,
    ]
    return line_end.join(head) + line_end * 2 + body


CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(QUERY), QUERY)

# Node: CVE-2022-32213, CVE-2022-32214, CVE-2022-32215; aiohttp: CVE-2023-37276, CVE-2023-47627, CVE-2024-23829
SMUGGLING = {
    "length and chunks": ((b"Content-Length: 4", b"Transfer-Encoding: chunked"), CHUNKED + HIDDEN),
    "chunks and length": ((b"Transfer-Encoding: chunked", b"Content-Length: 4"), CHUNKED + HIDDEN),
    "two lengths": ((b"Content-Length: 26", b"Content-Length: 0"), QUERY + HIDDEN),
    "two lengths in one": ((b"Content-Length: 26, 0",), QUERY + HIDDEN),
    "signed length": ((b"Content-Length: +26",), QUERY + HIDDEN),
    "length in hex": ((b"Content-Length: 0x1a",), QUERY + HIDDEN),
    "length with an underscore": ((b"Content-Length: 2_6",), QUERY + HIDDEN),
    "chunked, but not quite": ((b"Transfer-Encoding: xchunked",), CHUNKED + HIDDEN),
    "chunked and identity": ((b"Transfer-Encoding: chunked, identity",), CHUNKED + HIDDEN),
    "chunked twice": ((b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"), CHUNKED + HIDDEN),
    "space before the colon": ((b"Transfer-Encoding : chunked",), CHUNKED + HIDDEN),
    "folded line": ((b"Transfer-Encoding:\r\n chunked",), CHUNKED + HIDDEN),
    "control character": ((b"Transfer-Encoding: \x0bchunked",), CHUNKED + HIDDEN),
    "null in a value": ((b"X-A: a\x00b", b"Content-Length: 26"), QUERY),
    "line feed in a name": ((b"X-A\nTransfer-Encoding: chunked",), CHUNKED + HIDDEN),
    "chunk size too large": ((b"Transfer-Encoding: chunked",), b"ffffffffffffffff1\r\n" + QUERY + HIDDEN),
    "chunk size in words": ((b"Transfer-Encoding: chunked",), b"0x1a\r\n" + QUERY + b"\r\n0\r\n\r\n" + HIDDEN),
}


@pytest.mark.parametrize(("lines", "body"), SMUGGLING.values(), ids=SMUGGLING.keys())
async def test_a_message_of_unclear_length_is_refused_and_nothing_behind_it_is_read(
    target: Target, lines: tuple[bytes, ...], body: bytes
) -> None:
    received = await target.raw(post(target, *lines, body=body))
    assert received.count(b"HTTP/1.1 ") <= 1, received
    assert not received.startswith(b"HTTP/1.1 2"), received
    assert b"__typename" not in received
    assert await target.is_alive()


async def test_what_is_no_http_is_refused(target: Target) -> None:
    for message in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x00" * 512,
    ):
        received = await target.raw(message)
        assert not received.startswith(b"HTTP/1.1 2")
    assert await target.is_alive()


@pytest.mark.parametrize(
    "line",
    [b"X-A: " + b"a" * 1_000_000, b"\r\n".join(b"X-%d: a" % number for number in range(20_000))],
    ids=["one large header", "many headers"],
)
async def test_headers_without_end_are_refused(target: Target, line: bytes) -> None:
    received = await target.raw(post(target, line, b"Content-Length: 26", body=QUERY))
    assert not received.startswith(b"HTTP/1.1 2")
    assert await target.is_alive()


BROWSER = {"cookie": "session=1", "origin": "https://evil.example.com"}


# Apollo Router: GHSA-hff2-gcpx-8f4p
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/plain; charset=application/json",
        "text/plain,application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "TEXT/PLAIN",
        " text/plain",
        ";application/json",
        "",
    ],
)
async def test_a_page_on_another_site_cannot_post(target: Target, content_type: str) -> None:
    headers = {**BROWSER, **({"content-type": content_type} if content_type else {})}
    message = post_without_type(target, headers)
    received = await target.raw(message)
    assert not received.startswith(b"HTTP/1.1 2"), received


def post_without_type(target: Target, headers: dict[str, str]) -> bytes:
    head = [f"POST {path_of(target)} HTTP/1.1", f"Host: {host_of(target)}", f"Content-Length: {len(QUERY)}"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + QUERY


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded", "image/png"])
async def test_a_page_on_another_site_cannot_get(target: Target, content_type: str | None) -> None:
    headers = {**BROWSER, **({"content-type": content_type} if content_type else {})}
    assert (await target.get("query=%7B__typename%7D", headers)).is_refusal


async def test_a_get_never_changes_anything(target: Target) -> None:
    reply = await target.get("query=mutation%7B__typename%7D", {"apollo-require-preflight": "1"})
    assert reply.is_refusal


@pytest.mark.parametrize("query", ["{ nmae }", "{ usrs { id } }", "{ __typenam }"])
async def test_an_error_does_not_teach_the_schema(target: Target, query: str) -> None:
    reply = await target.ask(query)
    assert b"Did you mean" not in reply.body


async def test_an_error_does_not_show_the_inside(target: Target) -> None:
    for body in (b"[", b"{}", b'{"query": 7}', b'{"query": "{ nope }"}'):
        reply = await target.post(body)
        for word in (b"Traceback", b".py", b"line ", b"Exception", b"site-packages"):
            assert word not in reply.body
