"""One connection: whose turn it is, what is kept alive, and what a client can not make the server do."""

import asyncio
from contextvars import ContextVar

import pytest
from multidict import CIMultiDict

from router.errors import ClientError
from router.http.server import BrokenBodyError, IncomingRequest, RequestBody
from router.http.server.refusals import refusal
from router.policy.request import Response
from tests.wire import Asked, Wire, ok

MARK: ContextVar[str] = ContextVar("mark")
GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
CLOSE = b"connection: close\r\n"


def post(body: bytes, *, target: bytes = b"/") -> bytes:
    return b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (target, len(body), body)


async def test_a_request_is_answered() -> None:
    wire = Wire(Asked())
    assert await wire.send(post(b"abc")) == ok(b"POST / abc")
    assert not wire.transport.has_ended
    assert wire.asked.heads[0].peer_ip == "192.0.2.7"


async def test_head_and_body_are_one_write() -> None:
    wire = Wire(Asked())
    await wire.send(GET)
    assert wire.transport.writes == 1


async def test_a_large_body_is_sent_whole() -> None:
    wire = Wire(Asked())
    wire.asked.response = Response(status=200, body=b"x" * 100_000)
    await wire.send(GET)
    assert wire.bodies == [b"x" * 100_000]


async def test_a_unix_socket_has_no_peer_address() -> None:
    wire = Wire(Asked(), peer="")
    await wire.send(GET)
    assert wire.asked.heads[0].peer_ip == ""


async def test_it_does_not_matter_where_a_request_is_cut() -> None:
    data = post(b"abc") + GET
    for cut in range(1, len(data)):
        wire = Wire(Asked())
        assert await wire.send(data[:cut], data[cut:]) == ok(b"POST / abc") + ok(b"GET /")


async def test_bytes_may_come_one_by_one() -> None:
    wire = Wire(Asked())
    data = post(b"abc") + GET
    assert await wire.send(*(data[at : at + 1] for at in range(len(data)))) == ok(b"POST / abc") + ok(b"GET /")


@pytest.mark.parametrize("count", [2, 5, 2000])
async def test_requests_in_one_packet_are_answered_in_order(count: int) -> None:
    wire = Wire(Asked())
    await wire.send(b"".join(post(b"x", target=b"/%d" % number) for number in range(count)))
    while len(wire.asked.requests) < count:
        await wire.settle()
    await wire.settle()
    assert wire.asked.requests == [f"POST /{number} x" for number in range(count)]
    assert wire.bodies == [b"POST /%d x" % number for number in range(count)]


async def test_a_request_waits_for_the_answer_to_the_one_before() -> None:
    wire = Wire(Asked())
    wire.asked.hold.clear()
    await wire.send(post(b"1") + post(b"2"), post(b"3"))
    assert wire.asked.requests == ["POST / 1"]
    wire.asked.hold.set()
    await wire.settle()
    assert wire.asked.requests == ["POST / 1", "POST / 2", "POST / 3"]


async def test_a_request_does_not_inherit_what_the_one_before_has_set() -> None:
    wire = Wire(Asked())
    seen: list[str] = []

    async def answer(_: IncomingRequest) -> Response:
        seen.append(MARK.get("nothing"))
        MARK.set("set")
        return Response(status=200)

    wire.server.answer = answer
    await wire.send(GET + GET)
    assert seen == ["nothing", "nothing"]


async def test_what_is_sent_ahead_is_not_read_without_limit() -> None:
    wire = Wire(Asked())
    wire.asked.hold.clear()
    await wire.send(GET)
    await wire.send(GET * 1000)
    assert wire.transport.reads
    await wire.send(GET * 2000)
    assert not wire.transport.reads
    wire.asked.hold.set()
    while len(wire.asked.requests) < 3001:
        await wire.settle()
    assert wire.transport.reads


async def test_few_requests_of_a_packet_become_objects_before_their_turn() -> None:
    wire = Wire(Asked())
    wire.asked.hold.clear()
    await wire.send(b"GET / HTTP/1.1\r\nhost:\r\n\r\n" * 10_000)
    assert len(wire.connection._reader.requests) < 1000


async def test_the_next_request_waits_until_the_client_has_read_the_answer() -> None:
    wire = Wire(Asked())
    wire.connection.pause_writing()
    await wire.send(GET)
    assert not wire.asked.requests
    wire.connection.resume_writing()
    await wire.settle()
    assert wire.received == ok(b"GET /")


async def test_head_gets_the_head_alone() -> None:
    wire = Wire(Asked())
    wire.asked.response = Response(status=200, body=b"abc", headers=CIMultiDict({"x-test": "1"}))
    assert await wire.send(GET.replace(b"GET", b"HEAD")) == ok(b"abc").removesuffix(b"abc")


async def test_head_may_tell_the_length_of_what_was_not_made() -> None:
    wire = Wire(Asked())
    wire.asked.response = Response(status=200, headers=CIMultiDict({"Content-Length": "123"}))
    answer = await wire.send(GET.replace(b"GET", b"HEAD"))
    assert answer.lower().count(b"content-length") == 1
    assert answer.endswith(b"content-length: 123\r\n\r\n")


async def test_a_response_cannot_lie_about_its_length() -> None:
    wire = Wire(Asked())
    headers = CIMultiDict({"Content-Length": "1", "Transfer-Encoding": "chunked", "Connection": "close"})
    wire.asked.response = Response(status=200, body=b"abc", headers=headers)
    head, _, body = (await wire.send(GET)).partition(b"\r\n\r\n")
    assert head == b"HTTP/1.1 200 OK\r\nserver: supergate\r\ncontent-length: 3"
    assert body == b"abc"


@pytest.mark.parametrize("status", [204, 304])
async def test_some_statuses_have_no_body(status: int) -> None:
    wire = Wire(Asked())
    wire.asked.response = Response(status=status, body=b"abc")
    assert (await wire.send(GET)).endswith(b"server: supergate\r\n\r\n")
    assert not wire.transport.has_ended


@pytest.mark.parametrize(
    ("head", "is_kept", "says"),
    [
        (b"GET / HTTP/1.1\r\nhost: x\r\n\r\n", True, b""),
        (b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", False, CLOSE),
        (b"GET / HTTP/1.0\r\n\r\n", False, CLOSE),
        (b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n", True, b"connection: keep-alive\r\n"),
    ],
)
async def test_who_keeps_the_connection(head: bytes, is_kept: bool, says: bytes) -> None:  # noqa: FBT001 - a case
    wire = Wire(Asked())
    assert await wire.send(head) == ok(b"GET /", head=says)
    assert wire.transport.is_closing() is not is_kept


async def test_what_comes_behind_the_last_request_is_not_answered() -> None:
    wire = Wire(Asked())
    wire.asked.hold.clear()
    await wire.send(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" + GET, GET)
    wire.asked.hold.set()
    await wire.settle()
    assert wire.statuses == [200]


# Bodies -------------------------------------------------------------------------------------------------------------


async def test_a_body_that_comes_later_is_waited_for() -> None:
    wire = Wire(Asked())
    data = post(b"abc")
    assert await wire.send(data[:-3]) == b""
    assert await wire.send(b"a", b"b", b"c") == ok(b"POST / abc")


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_a_client_that_waits_for_a_sign_gets_it_once(version: bytes) -> None:
    wire = Wire(Asked())
    head = b"POST / HTTP/%b\r\nhost: x\r\nexpect: 100-Continue\r\ncontent-length: 2\r\n\r\n" % version
    sign = b"HTTP/1.1 100 Continue\r\n\r\n" if version == b"1.1" else b""  # 1.0 does not know it
    assert await wire.send(head) == sign
    assert (await wire.send(b"a", b"b")).removeprefix(sign).startswith(b"HTTP/1.1 200 OK")


async def test_a_body_that_nobody_wants_is_not_asked_for() -> None:
    wire = Wire(Asked(reads_body=False))
    answer = await wire.send(b"POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
    assert answer == ok(b"POST /", head=CLOSE)


async def test_of_a_body_that_is_too_large_one_byte_more_than_the_limit_is_read() -> None:
    wire = Wire(Asked(limit_bytes=5))
    await wire.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n", b"abc", b"defgh")
    assert wire.asked.requests == ["POST / abcdef"]


async def test_after_a_body_that_was_not_read_whole_the_connection_ends() -> None:
    wire = Wire(Asked(limit_bytes=5))
    answer = await wire.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabcdefgh")
    assert answer == ok(b"POST / abcdef", head=CLOSE)
    assert wire.transport.has_ended
    assert not wire.transport.is_closing()  # what the client still sends is read, or its answer would be lost
    await wire.send(b"x" * 92 + GET)
    assert wire.statuses == [200]


async def test_a_body_is_not_read_faster_than_it_is_wanted() -> None:
    wire = Wire(Asked(reads_body=False))
    wire.asked.hold.clear()
    await wire.send(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n", b"x" * 60_000)
    assert wire.transport.reads
    await wire.send(b"x" * 60_000)
    assert not wire.transport.reads
    wire.asked.hold.set()
    await wire.settle()
    assert wire.transport.reads


async def test_a_body_that_is_wanted_is_read_on() -> None:
    wire = Wire(Asked(limit_bytes=200_000))
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 150000\r\n\r\n"
    wire.connection.data_received(head + b"x" * 100_000)
    assert not wire.transport.reads
    await wire.settle()
    assert wire.transport.reads
    await wire.send(b"x" * 50_000)
    assert wire.bodies == [b"POST / " + b"x" * 150_000]


async def test_a_broken_body_is_told_to_whoever_reads_it() -> None:
    wire = Wire(Asked())
    caught: list[Exception] = []

    async def answer(request: IncomingRequest) -> Response:
        try:
            await request.body.read(10)
        except BrokenBodyError as error:
            caught.append(error)
        return Response(status=400)

    wire.server.answer = answer
    head = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    await wire.send(head, b"1\r\nx\r\n", b"nonsense\r\n" + GET)
    assert (len(caught), wire.statuses) == (1, [400])
    assert wire.transport.has_ended


async def test_a_broken_body_that_was_whole_enough_is_not_read_either() -> None:
    body = RequestBody(Wire(Asked()).connection)
    body.feed(b"abc")
    body.fail()
    with pytest.raises(BrokenBodyError):
        await body.read(10)


# What is refused, and what fails ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, b"BAD_REQUEST"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414, b"URI_TOO_LONG"),
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 100_000, 431, b"HEADERS_TOO_LARGE"),
        (b"GET / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n", 501, b"NOT_IMPLEMENTED"),
        (b"GET / HTTP/2.0\r\nhost: x\r\n\r\n", 505, b"HTTP_VERSION_NOT_SUPPORTED"),
    ],
)
async def test_what_is_not_http_is_refused_in_json(data: bytes, status: int, code: bytes) -> None:
    wire = Wire(Asked())
    answer = await wire.send(data, GET)
    assert wire.statuses == [status]
    assert CLOSE in answer
    assert b"content-type: application/json\r\n" in answer
    assert b'"extensions":{"code":"%b"}' % code in answer
    assert wire.transport.has_ended
    assert not wire.asked.requests


async def test_requests_before_nonsense_are_answered_before_it_is_refused() -> None:
    wire = Wire(Asked())
    wire.asked.hold.clear()
    await wire.send(GET + GET + b"nonsense\r\n\r\n")
    wire.asked.hold.set()
    await wire.settle()
    assert wire.statuses == [200, 200, 400]


@pytest.mark.parametrize("error", [ValueError("secret"), ClientError("secret")])
async def test_an_answer_that_fails_is_an_error_without_details(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    wire = Wire(Asked())
    wire.asked.response = error
    answer = await wire.send(GET)
    assert answer.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert b"secret" not in answer
    assert "secret" in caplog.text
    wire.asked.response = None
    assert (await wire.send(GET)).endswith(ok(b"GET /"))


async def test_a_response_that_cannot_be_sent_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire(Asked())
    wire.asked.response = Response(status=200, body=b"secret", headers=CIMultiDict({"x": "a\r\nset-cookie: b"}))
    answer = await wire.send(GET)
    assert (wire.statuses, b"set-cookie" in answer) == ([500], False)
    assert wire.bodies == [refusal(500).body]
    assert wire.transport.is_closing()
    assert "response cannot be sent" in caplog.text


async def test_an_answer_that_cancels_itself_ends_the_connection() -> None:
    wire = Wire(Asked())

    async def answer(_: IncomingRequest) -> Response:
        raise asyncio.CancelledError

    wire.server.answer = answer
    await wire.send(GET)
    assert wire.transport.is_aborted


# Clients that go away -----------------------------------------------------------------------------------------------


async def test_a_client_that_closes_cancels_its_request() -> None:
    wire = Wire(Asked())
    wire.asked.hold.clear()
    await wire.send(GET)
    await wire.leave()
    assert wire.asked.cancelled == 1
    assert wire.connection.task is None


async def test_a_connection_that_breaks_cancels_its_request() -> None:
    wire = Wire(Asked())
    wire.asked.hold.clear()
    await wire.send(GET)
    wire.connection.connection_lost(ConnectionResetError())
    await wire.settle()
    assert wire.asked.cancelled == 1


async def test_a_client_that_closes_before_its_body_has_come_cancels_its_request() -> None:
    wire = Wire(Asked())
    await wire.send(post(b"abc")[:-1])
    await wire.leave()
    assert wire.asked.cancelled == 1


async def test_an_answer_that_is_ready_when_the_client_closes_is_still_sent() -> None:
    wire = Wire(Asked())
    assert await wire.send(GET) == ok(b"GET /")
    await wire.leave()
    assert not wire.transport.is_aborted


async def test_nothing_is_written_to_a_client_that_has_closed() -> None:
    wire = Wire(Asked())
    stubborn = asyncio.Event()

    async def answer(_: IncomingRequest) -> Response:
        try:
            await stubborn.wait()
        except asyncio.CancelledError:
            return Response(status=200)
        raise AssertionError

    wire.server.answer = answer
    await wire.send(GET + GET)
    await wire.leave()
    assert wire.received == b""


async def test_a_client_that_closes_while_it_is_refused_is_let_go() -> None:
    wire = Wire(Asked())
    await wire.send(b"nonsense\r\n\r\n")
    await wire.leave()
    assert wire.statuses == [400]
    assert wire.transport.is_closing()
