"""What is remembered of lines takes no more room than it may."""

from multidict import CIMultiDict

from router.http.server import plain_request, response_head
from router.http.server.remembered import Remembered


def test_when_it_is_full_everything_is_forgotten() -> None:
    remembered: Remembered[str, int] = Remembered(2)
    for number, key in enumerate("abc"):
        remembered.keep(key, number)
    assert remembered == {"c": 2}


def test_endless_new_lines_of_requests_take_bounded_room() -> None:
    for number in range(5000):
        head = b"GET /%d HTTP/1.1\r\nHost: x\r\nX-Id: %d\r\n\r\n" % (number, number)
        assert plain_request.read_plain_request(head) is not None
    assert len(plain_request._known_fields) <= 1024
    assert len(plain_request._known_request_lines) <= 256


def test_long_lines_of_requests_are_not_remembered() -> None:
    token = "Authorization: Bearer " + "a" * 200
    head = f"GET /{'a' * 200} HTTP/1.1\r\nHost: x\r\n{token}\r\n\r\n".encode()
    assert plain_request.read_plain_request(head) is not None
    assert token not in plain_request._known_fields
    assert not any("a" * 200 in line for line in plain_request._known_request_lines)


def test_of_responses_only_short_lines_that_come_again_are_remembered() -> None:
    headers = CIMultiDict({"vary": "Origin, X", "x-request-id": "7", "cache-control": "x" * 200})
    response_head.response_head(200, headers, date_line=b"", framing=b"")
    assert ("vary", "Origin, X") in response_head._known_lines
    assert ("x-request-id", "7") not in response_head._known_lines
    assert ("cache-control", "x" * 200) not in response_head._known_lines


def test_endless_new_values_of_response_headers_take_bounded_room() -> None:
    for number in range(1000):
        headers = CIMultiDict({"content-type": f"a/{number}"})
        assert b"content-type: a/%d\r\n" % number in response_head.response_head(
            200, headers, date_line=b"", framing=b""
        )
    assert len(response_head._known_lines) <= 256
