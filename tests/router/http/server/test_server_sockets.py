"""The server over real sockets, on both event loops: transports differ in what they allow when."""

import asyncio
import datetime
import ipaddress
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from router.http.server import HttpServer, IncomingRequest, Timeouts
from router.policy.request import Response, Write
from tests.wire import Asked, ok

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key of 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=1)
    )
    signed = builder.add_extension(here, critical=False).sign(key, hashes.SHA256())
    pem, pkcs8, open_ = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, pkcs8, open_))
    return path


Scenario = Callable[[], Awaitable[None]]
Run = Callable[[Scenario], None]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a scenario on an event loop; whatever it leaves running fails it."""

    async def checked(scenario: Scenario) -> None:
        async with asyncio.timeout(20):
            await scenario()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    factory = uvloop.new_event_loop if request.param == "uvloop" else asyncio.new_event_loop

    def start(scenario: Scenario) -> None:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(checked(scenario))

    return start


@asynccontextmanager
async def serving(answer: Callable[[IncomingRequest], Awaitable[Response]]) -> AsyncIterator[tuple[HttpServer, int]]:
    server = HttpServer(answer, Timeouts(linger_seconds=0.1))
    server.start()
    sockets = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    try:
        yield server, sockets.sockets[0].getsockname()[1]
    finally:
        sockets.close()
        await server.stop(grace_seconds=5)


@asynccontextmanager
async def client(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def answer_of(port: int, data: bytes) -> bytes:
    """Everything that comes until the server closes, without dates."""
    async with client(port) as (reader, writer):
        writer.write(data)
        received = await reader.read()
    lines = received.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(b"date: "))


async def write_for_ever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"more")
        await writer.drain()
        await asyncio.sleep(0)


def test_requests_are_answered_on_one_connection(run: Run) -> None:
    async def scenario() -> None:
        async with serving(Asked()) as (_, port):
            assert await answer_of(port, GET * 2 + LAST) == ok(b"GET /") * 2 + ok(
                b"GET /", head=b"connection: close\r\n"
            )

    run(scenario)


def test_thousands_of_requests_at_once_are_answered_in_order(run: Run) -> None:
    async def scenario() -> None:
        asked = Asked()
        targets = range(5000)
        async with serving(asked) as (_, port):
            await answer_of(port, b"".join(GET.replace(b"/ ", b"/%d " % target, 1) for target in targets) + LAST)
        assert asked.requests == [*(f"GET /{target}" for target in targets), "GET /"]

    run(scenario)


def test_a_client_that_uploads_what_nobody_reads_gets_its_answer(run: Run) -> None:
    async def scenario() -> None:
        asked = Asked(limit_bytes=10)
        async with serving(asked) as (_, port):
            head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000000\r\n\r\n"
            answer = await answer_of(port, head + b"x" * 5_000_000)
        assert answer == ok(b"POST / " + b"x" * 11, head=b"connection: close\r\n")

    run(scenario)


def test_a_client_that_sends_nonsense_without_end_is_told_and_cut_off(run: Run) -> None:
    async def scenario() -> None:
        async with serving(Asked()) as (_, port), client(port) as (reader, writer):
            writer.write(b"nonsense\r\n" * 10)
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 400 ")
            await reader.read()
            with pytest.raises(ConnectionError):
                await write_for_ever(writer)

    run(scenario)


def test_a_client_that_reads_late_gets_everything(run: Run) -> None:
    async def scenario() -> None:
        large = b"x" * 5_000_000

        async def answer(_: IncomingRequest) -> Response:
            return Response(status=200, body=large)

        async with serving(answer) as (_, port), client(port) as (reader, writer):
            writer.write(GET + LAST)
            await asyncio.sleep(0)
            received = await reader.read()
        assert received.count(large) == 2

    run(scenario)


def test_a_stream_does_not_run_ahead_of_its_reader(run: Run) -> None:
    async def scenario() -> None:
        written = 0

        async def rest(write: Write) -> None:
            nonlocal written
            for _ in range(300):
                await write(b"x" * 100_000)
                written += 1

        async def answer(_: IncomingRequest) -> Response:
            return Response(status=200, body=b"first", rest=rest)

        async with serving(answer) as (server, port), client(port) as (reader, writer):
            writer.write(LAST)
            await reader.readuntil(b"first")
            while written < 10:
                await reader.readexactly(100_000)
            assert written < 250  # the rest is still to be made; the sockets' buffers take some
            assert len(await reader.read()) > 20_000_000
            assert written == 300
            assert not server.is_draining

    run(scenario)


def test_a_client_that_goes_away_cancels_its_request(run: Run) -> None:
    async def scenario() -> None:
        began, cancelled = asyncio.Event(), asyncio.Event()

        async def answer(_: IncomingRequest) -> Response:
            began.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            return Response(status=200)

        async with serving(answer) as (_, port):
            async with client(port) as (_, writer):
                writer.write(GET)
                await began.wait()
            await cancelled.wait()

    run(scenario)


def test_the_end_lets_a_running_request_finish_and_nothing_else(run: Run) -> None:
    async def scenario() -> None:
        asked = Asked()
        async with serving(asked) as (server, port), client(port) as (idle, _), client(port) as (busy, writer):
            asked.hold.clear()
            writer.write(GET)
            await asked.arrived.wait()
            stop = asyncio.ensure_future(server.stop(grace_seconds=10))
            assert await idle.read() == b""
            asked.hold.set()
            assert (await busy.read()).endswith(b"connection: close\r\n\r\nGET /")
            await stop

    run(scenario)


def test_noise_ends_connections_and_nothing_more(run: Run) -> None:
    async def scenario() -> None:
        noise = random.Random(1)  # noqa: S311 - a reproducible example, not a secret
        async with serving(Asked()) as (_, port):
            for _ in range(30):
                async with client(port) as (_, writer):
                    writer.write(noise.choice((b"", GET, GET[:-4])) + noise.randbytes(noise.randint(1, 100_000)))
                    await asyncio.sleep(0)
            assert (await answer_of(port, LAST)).startswith(b"HTTP/1.1 200 OK")

    run(scenario)


def test_a_connection_without_a_request_is_closed(run: Run) -> None:
    async def scenario() -> None:
        server = HttpServer(Asked(), Timeouts(first_head_seconds=0.02))
        server.start()
        sockets = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
        async with client(sockets.sockets[0].getsockname()[1]) as (reader, writer):
            writer.write(GET[:-1])
            assert await reader.read() == b""
        sockets.close()
        await server.stop(grace_seconds=1)

    run(scenario)


def test_an_address_of_ipv6_is_served(run: Run) -> None:
    async def scenario() -> None:
        asked = Asked()
        server = HttpServer(asked)
        server.start()
        sockets = await asyncio.get_running_loop().create_server(server, "::1", 0)
        reader, writer = await asyncio.open_connection("::1", sockets.sockets[0].getsockname()[1])
        writer.write(LAST)
        assert (await reader.read()).endswith(b"GET /")
        assert asked.heads[0].peer_ip == "::1"
        writer.close()
        sockets.close()
        await server.stop(grace_seconds=1)

    run(scenario)


def test_tls_is_served(run: Run, certificate: Path) -> None:
    async def scenario() -> None:
        ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ours.load_cert_chain(certificate)
        theirs = ssl.create_default_context(cafile=certificate)
        server = HttpServer(Asked(limit_bytes=5), Timeouts(linger_seconds=0.1))
        server.start()
        sockets = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0, ssl=ours)
        port = sockets.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=theirs)
        head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n"
        writer.write(GET + head + b"x" * 1_000_000)  # too much: TLS has no half of a connection to close
        assert (await reader.readuntil(b"POST / xxxxxx")).startswith(b"HTTP/1.1 200 OK")
        writer.close()
        sockets.close()
        await server.stop(grace_seconds=1)

    run(scenario)


def test_a_unix_socket_is_served(run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        asked = Asked()
        server = HttpServer(asked)
        server.start()
        path = str(tmp_path / "s")
        sockets = await asyncio.get_running_loop().create_unix_server(server, path)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(LAST)
        assert (await reader.read()).endswith(b"GET /")
        assert asked.heads[0].peer_ip == ""
        writer.close()
        sockets.close()
        await server.stop(grace_seconds=1)

    run(scenario)
