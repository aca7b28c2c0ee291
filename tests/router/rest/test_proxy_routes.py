"""Proxy routes, against real servers on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from multidict import CIMultiDict

from router.config.rest import RestSection
from router.errors import BadGatewayError, GatewayTimeoutError, RequestTooLargeError
from router.identity.identity import Identity
from router.policy.request import Request, Response
from router.rest import RestRoutes
from router.rest.errors import BadPathError
from router.upstream.forward import Forwarder
from tests.hostile_server import Answer, Peer, hostile_server, raw, raw_then_close, silence
from tests.rest_requests import SCHEMA, FakeStage, rest_request


@dataclass
class Service:
    """A service that answers everything, and remembers what it was asked."""

    answer: web.Response = field(default_factory=lambda: web.Response(text="fine"))
    port: int = 0
    method: str = ""
    target: str = ""
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    body: bytes = b""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.method, self.target = request.method, request.raw_path
        self.headers = CIMultiDict(request.headers)
        self.body = await request.read()
        return self.answer


class OneTrace:
    """Every request belongs to the same trace."""

    def inject(self, headers: CIMultiDict[str]) -> None:
        headers["traceparent"] = "00-ours"


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[Service]:
    runner = web.ServerRunner(web.Server(service.handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.port = runner.addresses[0][1]
    try:
        yield service
    finally:
        await runner.cleanup()


@asynccontextmanager
async def routes_to(
    port: int, route: dict[str, object] | None = None, *, forwarder: Forwarder | None = None
) -> AsyncIterator[RestRoutes]:
    complete = {
        "name": "products",
        "methods": ["GET", "POST"],
        "path": "/products/{rest*}",
        "upstream": f"http://127.0.0.1:{port}",
        **(route or {}),
    }
    routes = RestRoutes(
        RestSection.model_validate({"base_path": "/api/v1", "routes": [complete]}),
        schema=SCHEMA,
        run=FakeStage().run,
        trace=OneTrace(),
        proxy_timeout_seconds=5.0,
        forwarder=forwarder,
    )
    try:
        yield routes
    finally:
        await routes.aclose()


async def answer(routes: RestRoutes, request: Request) -> Response:
    match = routes.match(request.method, request.path)
    assert match is not None
    return await match.handler(request)


async def asked(request: Request, /, **route: object) -> Service:
    """What a service sees of a request."""
    async with running(Service()) as service, routes_to(service.port, route) as routes:
        await answer(routes, request)
    return service


async def answered(
    answer_of_service: web.Response, request_of_client: Request | None = None, /, **route: object
) -> Response:
    """What a client sees of a service's response."""
    async with running(Service(answer_of_service)) as service, routes_to(service.port, route) as routes:
        return await answer(routes, request_of_client or rest_request(target="/api/v1/products/1"))


async def answered_raw(*answers: Answer, forwarder: Forwarder | None = None, **route: object) -> Response:
    """What a client sees of raw bytes."""
    async with hostile_server(*answers) as server, routes_to(server.port, route, forwarder=forwarder) as routes:
        return await answer(routes, rest_request(target="/api/v1/products/1"))


# What the service sees


async def test_method_path_query_and_body_are_passed_on() -> None:
    service = await asked(rest_request("POST", "/api/v1/products/1/parts?a=b&c=%20d&e", body=b"text"))
    assert (service.method, service.target, service.body) == (
        "POST",
        "/api/v1/products/1/parts?a=b&c=%20d&e",
        b"text",
    )


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/api/v1/products", "/products"),
        ("/api/v1/products/", "/products/"),
        ("/api/v1/products/a%20b/%C3%A9", "/products/a%20b/%C3%A9"),
        ("/api/v1/products/%61;v=1", "/products/a;v=1"),
        ("/api/v1/%70roducts/1", "/products/1"),
        ("/api/v1/products/100%25", "/products/100%25"),
        ("/api/v1/products/a%3Fb%23c", "/products/a%3Fb%23c"),
    ],
)
async def test_a_prefix_is_taken_off_and_the_rest_encoded_in_one_way(path: str, target: str) -> None:
    assert (await asked(rest_request(target=path), strip_prefix="/api/v1")).target == target


async def test_the_whole_path_may_be_taken_off() -> None:
    assert (await asked(rest_request(target="/api/v1/products"), strip_prefix="/api/v1/products")).target == "/"


async def test_a_service_may_live_below_a_path() -> None:
    async with running(Service()) as service:
        url = f"http://127.0.0.1:{service.port}/base/"
        async with routes_to(service.port, {"upstream": url, "strip_prefix": "/api/v1"}) as routes:
            await answer(routes, rest_request(target="/api/v1/products/1"))
    assert service.target == "/base/products/1"


@pytest.mark.parametrize("path", ["a%2Fb", "a%252Fb", "%2F%2Fevil.test"])
async def test_an_encoded_slash_is_refused(path: str) -> None:
    async with routes_to(1) as routes:
        with pytest.raises(BadPathError):
            await answer(routes, rest_request(target=f"/api/v1/products/{path}"))


@pytest.mark.parametrize("path", ["../admin", "%2e%2e/admin", "..;/admin", "/evil.test", "a/%2e%2e%2fadmin"])
async def test_no_path_leaves_the_route(path: str) -> None:
    async with routes_to(1) as routes:
        with pytest.raises(BadPathError):
            routes.match("GET", f"/api/v1/products/{path}")


async def test_a_query_string_cannot_hold_what_a_target_cannot() -> None:
    service = await asked(rest_request(target='/api/v1/products?a=<"é">#b'))
    assert service.target == "/api/v1/products?a=%3C%22%C3%A9%22%3E%23b"


async def test_host_is_the_services() -> None:
    service = await asked(rest_request("GET", "/api/v1/products", ("Host", "api.example.com")))
    assert service.headers["Host"] == f"127.0.0.1:{service.port}"


async def test_the_service_learns_how_the_client_came() -> None:
    request = rest_request("GET", "/api/v1/products", ("Host", "api.example.com"))
    headers = (await asked(request, strip_prefix="/api/v1")).headers
    assert [headers[f"X-Forwarded-{name}"] for name in ("For", "Proto", "Host", "Prefix")] == [
        "203.0.113.9",
        "http",
        "api.example.com",
        "/api/v1",
    ]


async def test_proxies_before_us_stay_known() -> None:
    request = rest_request(
        "GET", "/api/v1/products", ("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-Proto", "https")
    )
    headers = (await asked(request)).headers
    assert (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"]) == ("198.51.100.1, 203.0.113.9", "https")


async def test_request_id_trace_and_consumer_are_ours() -> None:
    identity = Identity(id="user-1", method="jwt", plan="pro")
    request = rest_request(
        "GET",
        "/api/v1/products",
        ("X-Request-ID", "client"),
        ("traceparent", "00-client"),
        ("X-Consumer-ID", "admin"),
        identity=identity,
    )
    headers = (await asked(request)).headers
    names = ("X-Request-ID", "traceparent", "X-Consumer-ID", "X-Consumer-Plan")
    assert [headers.getall(name) for name in names] == [["request-1"], ["00-ours"], ["user-1"], ["pro"]]


@pytest.mark.parametrize(
    "name", ["X-Consumer-ID", "x_consumer_id", "X-Consumer_Plan", "X-Forwarded-Prefix", "Forwarded", "X_Forwarded_Host"]
)
async def test_a_client_cannot_pretend_to_be_the_gateway(name: str) -> None:
    service = await asked(rest_request("GET", "/api/v1/products", (name, "forged")))
    assert "forged" not in service.headers.values()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Connection", "x-secret"),
        ("Keep-Alive", "timeout=5"),
        ("Proxy-Authorization", "Basic a"),
        ("TE", "trailers"),
        ("Trailer", "X-Sum"),
        ("Upgrade", "websocket"),
        ("Expect", "100-continue"),
        ("Transfer-Encoding", "chunked"),
        ("Transfer_Encoding", "chunked"),
        ("Content-Encoding", "gzip"),
    ],
)
async def test_headers_of_the_connection_are_not_passed_on(name: str, value: str) -> None:
    service = await asked(rest_request("POST", "/api/v1/products", (name, value), body=b"abc"))
    assert name not in service.headers
    assert service.body == b"abc"


async def test_headers_that_the_client_declared_hop_by_hop_are_not_passed_on() -> None:
    request = rest_request("GET", "/api/v1/products", ("Connection", "close, X-Secret"), ("X-Secret", "1"))
    assert "X-Secret" not in (await asked(request)).headers


async def test_the_length_of_the_body_is_ours() -> None:
    request = rest_request("POST", "/api/v1/products", ("Content-Length", "1"), body=b"abc\r\n\r\nGET /admin HTTP/1.1")
    service = await asked(request)
    assert (service.headers["Content-Length"], len(service.body)) == ("26", 26)


async def test_other_headers_are_passed_on_all_of_them() -> None:
    request = rest_request("GET", "/api/v1/products", ("Accept", "text/plain"), ("X-A", "1"), ("X-A", "2"))
    headers = (await asked(request)).headers
    assert (headers.getall("Accept"), headers.getall("X-A")) == (["text/plain"], ["1", "2"])


@pytest.mark.parametrize("value", ["Zoë", "Zo\udceb"], ids=["utf-8", "latin-1"])
async def test_a_header_beyond_ascii_arrives(value: str) -> None:
    service = await asked(rest_request("GET", "/api/v1/products", ("X-Name", value)))
    assert service.headers["X-Name"] == "Zoë"


async def test_nothing_is_said_in_the_clients_name() -> None:
    headers = (await asked(rest_request(target="/api/v1/products"))).headers
    assert sorted(headers) == ["Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-ID", "traceparent"]


async def test_headers_are_added_and_removed_on_the_way_in() -> None:
    request = rest_request("GET", "/api/v1/products", ("Cookie", "a=b"), ("X-Source", "client"))
    changes = {"headers": {"add": {"X-Source": "gateway"}, "remove": ["Cookie"]}}
    headers = (await asked(request, request=changes)).headers
    assert (headers.getall("X-Source"), "Cookie" in headers) == (["gateway"], False)


async def test_a_body_beyond_the_routes_limit_is_refused() -> None:
    async with routes_to(1, {"request": {"max_body": "3B"}}) as routes:
        with pytest.raises(RequestTooLargeError):
            await answer(routes, rest_request("POST", "/api/v1/products", body=b"1234"))


# What the client sees


async def test_status_headers_and_body_are_passed_back() -> None:
    response = await answered(web.Response(status=418, body=b"tea", headers={"X-Tea": "green", "Content-Type": "t/e"}))
    assert (response.status, response.body, response.headers["X-Tea"]) == (418, b"tea", "green")
    assert response.headers["Content-Type"] == "t/e"


async def test_a_compressed_body_is_not_touched() -> None:
    response = await answered(web.Response(body=b"compressed", headers={"Content-Encoding": "gzip"}))
    assert (response.body, response.headers["Content-Encoding"]) == (b"compressed", "gzip")


async def test_cookies_are_passed_back_one_by_one() -> None:
    headers = CIMultiDict([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/")])
    response = await answered(web.Response(headers=headers))
    assert response.headers.getall("Set-Cookie") == ["a=1", "b=2; Path=/"]


async def test_headers_are_added_and_removed_on_the_way_back() -> None:
    changes = {"headers": {"add": {"X-Via": "gateway"}, "remove": ["Server"]}}
    response = await answered(web.Response(headers={"X-Via": "service", "Server": "old/1"}), response=changes)
    assert (response.headers.getall("X-Via"), "Server" in response.headers) == (["gateway"], False)


async def test_a_redirect_is_the_clients_business() -> None:
    response = await answered(web.Response(status=302, headers={"Location": "http://169.254.169.254/"}))
    assert (response.status, response.headers["Location"]) == (302, "http://169.254.169.254/")


async def test_head_keeps_the_length() -> None:
    response = await answered(web.Response(body=b"12345"), rest_request("HEAD", "/api/v1/products/1"))
    assert (response.body, response.headers["Content-Length"]) == (b"", "5")


async def test_framing_of_the_service_is_not_passed_back() -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
        b"\r\n2\r\nab\r\n0\r\n\r\n"
    )
    response = await answered_raw(raw(chunked))
    assert (response.body, sorted(response.headers)) == (b"ab", [])


async def test_a_header_in_latin_1_is_passed_back_as_text() -> None:
    response = await answered_raw(raw(b"HTTP/1.1 200 OK\r\nX-Name: Zo\xeb\r\nContent-Length: 0\r\n\r\n"))
    assert response.headers["X-Name"] == "Zoë"


# Failures


async def test_a_service_that_is_down_is_502() -> None:
    async with routes_to(1) as routes:
        with pytest.raises(BadGatewayError) as failed:
            await answer(routes, rest_request(target="/api/v1/products"))
    assert failed.value.status == 502


async def test_a_service_that_makes_no_sense_is_502() -> None:
    with pytest.raises(BadGatewayError):
        await answered_raw(raw_then_close(b"garbage\r\n\r\n"))


@pytest.mark.parametrize("status", [b"101 Switching Protocols", b"099 Low", b"600 High"])
async def test_a_status_that_nobody_asked_for_is_502(status: bytes) -> None:
    response = b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % status
    with pytest.raises(BadGatewayError):
        await answered_raw(raw(response))


async def test_a_response_of_ambiguous_length_is_502() -> None:
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with pytest.raises(BadGatewayError):
        await answered_raw(raw(response))


async def test_a_body_that_breaks_off_is_502() -> None:
    with pytest.raises(BadGatewayError):
        await answered_raw(raw_then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"))


async def test_a_body_that_is_too_large_is_502() -> None:
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234567890"
    with pytest.raises(BadGatewayError):
        await answered_raw(raw(response), forwarder=Forwarder(limit_bytes=9))


async def test_a_service_that_is_slow_is_504() -> None:
    with pytest.raises(GatewayTimeoutError) as failed:
        await answered_raw(silence, timeout="50ms")
    assert failed.value.status == 504


async def test_a_body_that_is_slow_is_504() -> None:
    async def stall(peer: Peer) -> None:
        await raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123")(peer)
        await peer.wait_for_end()

    with pytest.raises(GatewayTimeoutError):
        await answered_raw(stall, timeout="50ms")
