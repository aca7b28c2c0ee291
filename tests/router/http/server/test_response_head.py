"""Heads of responses, and what can never be in one."""

import pytest
from multidict import CIMultiDict

from router.http.server.response_head import ResponseHeadError, date_line, response_head

DATE = date_line(0.0)


def head(headers: dict[str, str] | None = None, *, status: int = 200, framing: bytes = b"") -> bytes:
    return response_head(status, CIMultiDict(headers or {}), date_line=DATE, framing=framing)


def test_a_head_is_what_was_said_and_what_is_ours() -> None:
    assert head({"X-Y": "z"}, status=404, framing=b"content-length: 0\r\n") == (
        b"HTTP/1.1 404 Not Found\r\nX-Y: z\r\nserver: supergate\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
        b"content-length: 0\r\n\r\n"
    )


def test_a_status_without_a_name_has_an_empty_one() -> None:
    assert head(status=299).startswith(b"HTTP/1.1 299 \r\n")


def test_a_header_may_be_there_twice() -> None:
    twice = CIMultiDict([("set-cookie", "a"), ("set-cookie", "b")])
    sent = response_head(200, twice, date_line=DATE, framing=b"")
    assert b"set-cookie: a\r\nset-cookie: b\r\n" in sent


def test_who_and_when_are_kept_if_the_response_says_them() -> None:
    sent = head({"server": "other", "date": "then"})
    assert b"server: other\r\ndate: then\r\n" in sent
    assert b"supergate" not in sent
    assert b"1970" not in sent


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding", "Connection", "keep-alive", "Upgrade"])
def test_a_response_does_not_speak_for_the_server(name: str) -> None:
    assert name.lower().encode() not in head({name: "x"}).lower()


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb: c", "a\rb", "a\0b", "a\r\n\r\nb", "\n"])
def test_a_value_cannot_begin_another_line(value: str) -> None:
    with pytest.raises(ResponseHeadError):
        head({"x": value})


def test_lines_that_most_responses_have_are_written_as_all_others() -> None:
    headers = {"Content-Type": "a/b", "content-type": "a/c", "Vary": "Origin", "vary": "é", "VARY": "x" * 1000}
    for _ in range(2):
        for name, value in headers.items():
            assert head({name: value}).startswith(f"HTTP/1.1 200 OK\r\n{name}: {value}\r\nserver".encode())


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb: c", "a\rb", "a\0b"])
def test_a_value_of_a_header_that_most_responses_have_cannot_begin_another_line_either(value: str) -> None:
    for _ in range(2):
        with pytest.raises(ResponseHeadError):
            head({"content-type": value})


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "ä", " a", "a\0"])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(ResponseHeadError):
        head({name: "x"})


@pytest.mark.parametrize(("value", "sent"), [("é", b"\xc3\xa9"), ("\udcff", b"\xff")])
def test_other_than_ascii_is_sent_as_it_would_have_come(value: str, sent: bytes) -> None:
    assert b"x: " + sent + b"\r\n" in head({"x": value})
