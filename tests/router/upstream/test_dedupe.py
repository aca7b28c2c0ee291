"""Queries that are under way are not sent twice; and nobody gets what was meant for somebody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import copy_context

import pytest

from router.executor.outcome import FetchAnswer, FetchFailure, FetchOutcome, FetchRequest, PromptAnswer
from router.identity.identity import Identity
from router.upstream.dedupe import InFlight, SharedCall, _Crowd
from router.upstream.endpoint import parse_endpoint
from router.upstream.failures import UpstreamTimeoutError
from router.upstream.pool import Pool, PoolOptions
from router.upstream.response import HttpResponse
from supergraph.plan import Fetch
from tests.hostile_server import HostileServer, Peer, hostile_server, raw, raw_then_close, silence
from tests.router.upstream.calling import FakeTelemetry, FakeWaiter, client_request, subgraph

BOTH = {"all": {"request": [{"propagate": {"named": "authorization"}}]}}
SOON = 0.05


def fetch(body: bytes = b'{"query":"{ me }"}', *, kind: str = "query") -> FetchRequest:
    return FetchRequest(Fetch(id=0, subgraph="users", kind=kind, operation="{ me }"), body)


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


class Gate:
    """A subgraph's answer that waits until the test lets it go; each request gets an answer of its own."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.asked = 0
        self.changed = asyncio.Condition()

    async def __call__(self, peer: Peer) -> None:
        number = self.asked
        async with self.changed:
            self.asked += 1
            self.changed.notify_all()
        await self.opened.wait()
        await peer.send(ok(b'{"number":%d}' % number))

    async def until_asked(self, times: int) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: self.asked == times)


def bodies(outcomes: list[FetchOutcome]) -> list[bytes]:
    assert all(isinstance(outcome, FetchAnswer) for outcome in outcomes)
    return [outcome.body for outcome in outcomes if isinstance(outcome, FetchAnswer)]


async def answers_to(gate: Gate, requests: int, *sent: asyncio.Future[FetchOutcome]) -> list[bytes]:
    """What comes back when as many requests as this have reached the subgraph."""
    await gate.until_asked(requests)
    gate.opened.set()
    return bodies([await each for each in sent])


# Who shares


async def test_a_query_that_is_under_way_is_not_sent_again() -> None:
    gate = Gate()
    async with subgraph(gate) as (server, upstreams):
        sent = [upstreams.sender(client_request())(fetch()) for _ in range(5)]
        assert await answers_to(gate, 1, *sent) == [b'{"number":0}'] * 5
    assert len(server.requests) == 1


async def test_two_users_never_share_an_answer() -> None:
    # In graphql-go-tools (issue 1616) a header that was added behind the engine's back was not in the key, so clients
    # that asked the same got one client's answer. Here the key is made of the header lines that are sent.
    gate = Gate()
    async with subgraph(gate, headers=BOTH) as (server, upstreams):
        users = [client_request(("authorization", f"Bearer {name}")) for name in ("ada", "bob")]
        answers = await answers_to(gate, 2, *[upstreams.sender(user)(fetch()) for user in users])
    assert sorted(answers) == [b'{"number":0}', b'{"number":1}']
    tokens = [line for request in server.requests for line in request.split(b"\r\n") if line.startswith(b"auth")]
    assert sorted(tokens) == [b"authorization: Bearer ada", b"authorization: Bearer bob"]


async def test_two_sets_of_variables_never_share_an_answer() -> None:
    # In Cosmo (PR 2522) the hash of the variables was lost when a cache was hit, and requests with other variables got
    # each other's data. Here the bodies themselves are compared.
    gate = Gate()
    async with subgraph(gate) as (_, upstreams):
        send = upstreams.sender(client_request())
        texts = [b'{"query":"q","variables":{"id":"1"}}', b'{"query":"q","variables":{"id":"2"}}']
        answers = await answers_to(gate, 2, *[send(fetch(text)) for text in texts])
    assert sorted(answers) == [b'{"number":0}', b'{"number":1}']


async def test_bodies_that_differ_only_far_from_their_end_never_share_an_answer() -> None:
    gate = Gate()
    async with subgraph(gate) as (_, upstreams):
        send = upstreams.sender(client_request())
        texts = [b'{"variables":{"id":"%d"},"query":"%b"}' % (number, b"q" * 1000) for number in (1, 2, 2)]
        answers = await answers_to(gate, 2, *[send(fetch(text)) for text in texts])
    assert sorted(answers) == [b'{"number":0}', b'{"number":1}', b'{"number":1}']


async def test_what_a_rule_inserts_tells_requests_apart() -> None:
    gate = Gate()
    rules = {"all": {"request": [{"insert": {"name": "x-id", "from_context": "request.id"}}]}}
    async with subgraph(gate, headers=rules) as (_, upstreams):
        sent = [upstreams.sender(client_request(request_id=name))(fetch()) for name in ("a", "b")]
        assert len(set(await answers_to(gate, 2, *sent))) == 2


async def test_a_header_that_is_split_in_another_way_is_another_request() -> None:
    gate = Gate()
    rules = {"all": {"request": [{"propagate": {"matching": "^x-"}}]}}
    async with subgraph(gate, headers=rules) as (_, upstreams):
        users = [client_request(("x-a", "1"), ("x-b", "2")), client_request(("x-a", "1, 2"))]
        sent = [upstreams.sender(user)(fetch()) for user in users]
        assert len(set(await answers_to(gate, 2, *sent))) == 2


async def test_mutations_are_never_shared() -> None:
    gate = Gate()
    async with subgraph(gate) as (_, upstreams):
        send = upstreams.sender(client_request())
        sent = [send(fetch(kind="mutation")) for _ in range(2)]
        assert len(set(await answers_to(gate, 2, *sent))) == 2


async def test_what_is_answered_is_not_kept() -> None:
    async with subgraph(raw(ok(b"1")), raw(ok(b"2"))) as (_, upstreams):
        send = upstreams.sender(client_request())
        assert bodies([await send(fetch()), await send(fetch())]) == [b"1", b"2"]


@pytest.mark.parametrize(
    "shaping",
    [
        {"all": {"deduplicate_query": False}},
        {"subgraphs": {"users": {"deduplicate_query": False}}},
    ],
    ids=["all", "one"],
)
async def test_sharing_can_be_switched_off(shaping: object) -> None:
    gate = Gate()
    async with subgraph(gate, shaping=shaping) as (_, upstreams):
        send = upstreams.sender(client_request())
        assert len(set(await answers_to(gate, 2, send(fetch()), send(fetch())))) == 2


async def test_a_subgraph_may_share_where_others_do_not() -> None:
    gate = Gate()
    shaping = {"all": {"deduplicate_query": False}, "subgraphs": {"users": {"deduplicate_query": True}}}
    async with subgraph(gate, shaping=shaping) as (_, upstreams):
        send = upstreams.sender(client_request())
        assert len(set(await answers_to(gate, 1, send(fetch()), send(fetch())))) == 1


async def test_everyone_gets_the_headers_of_a_shared_answer() -> None:
    # In Cosmo (PR 2522) only the client whose request was sent got what header rules make of the answer.
    rules = {"all": {"response": [{"propagate": {"named": "cache-control"}}]}}
    response = ok(b"{}").replace(b"\r\n\r\n", b"\r\ncache-control: max-age=5\r\n\r\n")
    async with subgraph(raw(response), headers=rules) as (server, upstreams):
        clients = [client_request() for _ in range(3)]
        for sent in [upstreams.sender(client)(fetch()) for client in clients]:
            await sent
    assert [client.response_headers.getall("cache-control") for client in clients] == [["max-age=5"]] * 3
    assert len(server.requests) == 1


@pytest.mark.parametrize("rule", [{"named": "Set-Cookie"}, {"matching": "^set-"}], ids=str)
async def test_where_clients_get_cookies_each_gets_its_own(rule: object) -> None:
    gate = Gate()
    async with subgraph(gate, headers={"all": {"response": [{"propagate": rule}]}}) as (_, upstreams):
        sent = [upstreams.sender(client_request())(fetch()) for _ in range(2)]
        assert len(set(await answers_to(gate, 2, *sent))) == 2


# Names of requests


async def test_the_name_of_a_request_tells_nothing_apart_and_the_first_one_is_sent() -> None:
    gate = Gate()
    async with subgraph(gate) as (server, upstreams):
        sent = [upstreams.sender(client_request(request_id=name))(fetch()) for name in ("first", "second")]
        await answers_to(gate, 1, *sent)
    assert [b"x-request-id: first" in request for request in server.requests] == [True]


async def test_traces_tell_nothing_apart_and_the_first_one_is_sent() -> None:
    gate = Gate()
    traces = [{"traceparent": f"00-{name}", "tracestate": f"a={name}"} for name in ("first", "second")]
    async with subgraph(gate, telemetry=FakeTelemetry(*traces)) as (server, upstreams):
        await answers_to(gate, 1, *[upstreams.sender(client_request())(fetch()) for _ in traces])
    (request,) = server.requests
    assert b"\r\ntraceparent: 00-first\r\ntracestate: a=first\r\n" in request
    assert b"second" not in request


@pytest.mark.parametrize("name", ["x-request-id", "traceparent", "tracestate"])
async def test_what_a_rule_makes_tells_requests_apart_under_every_name(name: str) -> None:
    gate = Gate()
    rules = {"all": {"request": [{"insert": {"name": name, "from_context": "consumer.id"}}]}}
    async with subgraph(gate, headers=rules) as (_, upstreams):
        users = [client_request(identity=Identity(id=user, method="jwt"), request_id="") for user in ("ada", "bob")]
        assert len(set(await answers_to(gate, 2, *[upstreams.sender(user)(fetch()) for user in users]))) == 2


async def test_baggage_tells_requests_apart() -> None:
    gate = Gate()
    traces = [{"traceparent": "00-1", "baggage": f"user={name}"} for name in ("ada", "bob")]
    async with subgraph(gate, telemetry=FakeTelemetry(*traces)) as (server, upstreams):
        await answers_to(gate, 2, *[upstreams.sender(client_request())(fetch()) for _ in traces])
    assert sorted(b"baggage: user=ada" in request for request in server.requests) == [False, True]


async def test_each_fetch_has_its_span_and_each_request_is_counted() -> None:
    gate, telemetry = Gate(), FakeTelemetry()
    async with subgraph(gate, telemetry=telemetry) as (_, upstreams):
        await answers_to(gate, 1, *[upstreams.sender(client_request())(fetch()) for _ in range(3)])
    assert [span.ends for span in telemetry.spans] == [[None]] * 3
    assert telemetry.finished == [("users", None)]


# Who leaves


@pytest.mark.parametrize("leaver", [0, 1, 2])
async def test_who_leaves_costs_the_others_nothing(leaver: int) -> None:
    gate = Gate()
    async with subgraph(gate) as (server, upstreams):
        sent = [upstreams.sender(client_request())(fetch()) for _ in range(3)]
        sent.pop(leaver).cancel()
        assert await answers_to(gate, 1, *sent) == [b'{"number":0}'] * 2
    assert len(server.requests) == 1


async def test_with_the_last_one_who_leaves_the_request_ends() -> None:
    gate = Gate()
    async with subgraph(gate) as (server, upstreams):
        sent = [upstreams.sender(client_request())(fetch()) for _ in range(3)]
        await gate.until_asked(1)
        for each in sent:
            each.cancel()
        gate.opened.set()
        await server.ended[0].wait()
        assert upstreams._subgraphs["users"].pool.open_connections == 0


async def test_nobody_joins_a_request_that_all_have_left() -> None:
    gate = Gate()
    async with subgraph(gate) as (_, upstreams):
        send = upstreams.sender(client_request())
        first = send(fetch())
        await gate.until_asked(1)
        first.cancel()
        await asyncio.sleep(0)
        assert await answers_to(gate, 2, send(fetch())) == [b'{"number":1}']


async def test_who_left_has_a_span_that_has_ended() -> None:
    gate, telemetry = Gate(), FakeTelemetry()
    async with subgraph(gate, telemetry=telemetry) as (_, upstreams):
        left, stayed = [upstreams.sender(client_request())(fetch()) for _ in range(2)]
        left.cancel()
        await answers_to(gate, 1, stayed)
    assert [span.ends for span in telemetry.spans] == [[None], [None]]


async def test_a_failure_is_everyones() -> None:
    async with subgraph(raw_then_close()) as (server, upstreams):
        sent = [upstreams.sender(client_request())(fetch()) for _ in range(3)]
        outcomes = [await each for each in sent]
    failure = FetchFailure("SUBREQUEST_HTTP_ERROR", "Subgraph users closed the connection without an answer.")
    assert (outcomes, len(server.requests)) == ([failure] * 3, 1)


# Mutations in between


async def test_what_was_asked_before_a_mutation_is_no_answer_after_it() -> None:
    gate = Gate()
    async with subgraph(gate, raw(ok(b"changed")), raw(ok(b"after"))) as (_, upstreams):
        send = upstreams.sender(client_request())
        before = send(fetch())
        await gate.until_asked(1)
        await send(fetch(kind="mutation"))
        after = await send(fetch())
        gate.opened.set()
        assert bodies([await before, after]) == [b'{"number":0}', b"after"]


async def test_an_answer_after_a_mutation_leaves_the_next_request_alone() -> None:
    first, second = Gate(), Gate()
    async with subgraph(first, raw(ok(b"changed")), second) as (_, upstreams):
        send = upstreams.sender(client_request())
        before = send(fetch())
        await first.until_asked(1)
        await send(fetch(kind="mutation"))
        after = send(fetch())
        await second.until_asked(1)
        first.opened.set()
        await before
        joined = send(fetch())
        second.opened.set()
        assert bodies([await after, await joined]) == [b'{"number":0}'] * 2
    assert second.asked == 1


async def test_what_is_asked_because_of_a_mutations_answer_is_asked_anew() -> None:
    gate, followed = Gate(), list[asyncio.Future[FetchOutcome]]()
    async with subgraph(gate, raw(ok(b"{}")), gate) as (server, upstreams):
        send = upstreams.sender(client_request())
        before = send(fetch())
        await gate.until_asked(1)
        mutation = send(fetch(kind="mutation"))
        assert isinstance(mutation, PromptAnswer)
        mutation.receiver, mutation.context = lambda _: followed.append(send(fetch())), copy_context()
        await mutation
        gate.opened.set()
        await asyncio.wait([before, *followed])
    assert len(server.requests) == 3


# Time


@asynccontextmanager
async def in_flight_to(server: HostileServer) -> AsyncIterator[InFlight]:
    pool = Pool(parse_endpoint(f"http://127.0.0.1:{server.port}/"), PoolOptions())
    yield InFlight(pool)
    await pool.aclose()


BODY = b"{}"
MESSAGE = b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\n{}"


def ask(in_flight: InFlight, waiter: FakeWaiter, *, timeout_seconds: float) -> SharedCall:
    return in_flight.carry(MESSAGE, b"", BODY, waiter, timeout_seconds=timeout_seconds)


async def test_the_time_of_the_first_is_not_that_of_who_joined_later() -> None:
    gate = Gate()
    async with hostile_server(gate) as server, in_flight_to(server) as in_flight:
        first, second = FakeWaiter(), FakeWaiter()
        ask(in_flight, first, timeout_seconds=SOON)
        ask(in_flight, second, timeout_seconds=60)
        assert isinstance(await first.told, UpstreamTimeoutError)
        gate.opened.set()
        assert isinstance(await second.told, HttpResponse)


async def test_who_joined_may_have_less_time_than_the_first() -> None:
    gate = Gate()
    async with hostile_server(gate) as server, in_flight_to(server) as in_flight:
        first, second = FakeWaiter(), FakeWaiter()
        ask(in_flight, first, timeout_seconds=60)
        ask(in_flight, second, timeout_seconds=SOON)
        assert isinstance(await second.told, UpstreamTimeoutError)
        gate.opened.set()
        assert isinstance(await first.told, HttpResponse)


async def test_when_everyones_time_is_up_the_request_ends() -> None:
    async with hostile_server(silence) as server, in_flight_to(server) as in_flight:
        waiters = [FakeWaiter(), FakeWaiter()]
        ask(in_flight, waiters[0], timeout_seconds=SOON)
        ask(in_flight, waiters[1], timeout_seconds=SOON * 1.5)
        told = [await waiter.told for waiter in waiters]
        await server.ended[0].wait()
    assert [isinstance(each, UpstreamTimeoutError) for each in told] == [True, True]


async def test_nobody_is_told_of_time_after_the_answer() -> None:
    async with hostile_server(raw(ok(b"{}"))) as server, in_flight_to(server) as in_flight:
        waiters = [FakeWaiter(), FakeWaiter()]
        ask(in_flight, waiters[0], timeout_seconds=SOON)
        ask(in_flight, waiters[1], timeout_seconds=SOON)
        for waiter in waiters:
            await waiter.told
        late = FakeWaiter()
        asyncio.get_running_loop().call_later(SOON * 2, late.end, UpstreamTimeoutError())
        await late.told
    assert [isinstance(waiter.told.result(), HttpResponse) for waiter in waiters] == [True, True]


async def test_who_is_left_alone_leaves_no_timer() -> None:
    async with hostile_server(raw(ok(b"{}"))) as server, in_flight_to(server) as in_flight:
        left, stayed = FakeWaiter(), FakeWaiter()
        call = ask(in_flight, left, timeout_seconds=60)
        ask(in_flight, stayed, timeout_seconds=60)
        crowd = call._waiter
        assert isinstance(crowd, _Crowd)
        timers = list(crowd._timers.values())
        call.leave(left)
        await stayed.told
    assert [timer.cancelled() for timer in timers] == [True, True]


async def test_who_is_not_waiting_may_leave() -> None:
    async with hostile_server(raw(ok(b"{}"))) as server, in_flight_to(server) as in_flight:
        waiter = FakeWaiter()
        call = ask(in_flight, waiter, timeout_seconds=60)
        await waiter.told
        call.leave(waiter)
        assert ask(in_flight, FakeWaiter(), timeout_seconds=60) is not call


async def test_who_leaves_twice_does_not_count_twice() -> None:
    gate = Gate()
    async with hostile_server(gate) as server, in_flight_to(server) as in_flight:
        first, second, third = FakeWaiter(), FakeWaiter(), FakeWaiter()
        call = ask(in_flight, first, timeout_seconds=60)
        ask(in_flight, second, timeout_seconds=60)
        ask(in_flight, third, timeout_seconds=60)
        for leaving in (first, second, first):
            call.leave(leaving)
        gate.opened.set()
        assert isinstance(await third.told, HttpResponse)
    assert [first.told.done(), second.told.done()] == [False, False]
