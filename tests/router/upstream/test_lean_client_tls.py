"""The lean HTTP client over TLS."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from multidict import CIMultiDict, CIMultiDictProxy

from router.config.headers import HeadersSection
from router.config.tls import SubgraphsTls, SubgraphTls
from router.config.traffic import TrafficShapingSection
from router.executor.outcome import FetchAnswer, FetchFailure, FetchRequest
from router.policy.request import Request
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics
from router.upstream import Upstreams
from router.upstream.endpoint import parse_endpoint
from router.upstream.failures import ConnectError, ConnectionLostError, UpstreamTimeoutError
from router.upstream.pool import Pool, PoolOptions
from supergraph.plan.nodes import Fetch

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
REQUEST = b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\n{}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key of 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@asynccontextmanager
async def tls_server(certificate: Path, response: bytes = OK) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while len(await reader.readuntil(b"{}")) > 0:
                writer.write(response)
                if response != OK:
                    await writer.drain()
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as listener:
        yield listener.sockets[0].getsockname()[1]


def graphql_request() -> Request:
    return Request(
        door="graphql",
        method="POST",
        path="/graphql",
        route="/graphql",
        route_name="graphql",
        headers=CIMultiDictProxy(CIMultiDict()),
    )


def trusting(certificate: Path) -> PoolOptions:
    return PoolOptions(tls=ssl.create_default_context(cafile=str(certificate)))


async def test_a_request_is_answered_over_tls(certificate: Path) -> None:
    async with tls_server(certificate) as port:
        pool = Pool(parse_endpoint(f"https://127.0.0.1:{port}/"), trusting(certificate))
        bodies = [(await pool.post(REQUEST, timeout_seconds=5)).body for _ in range(3)]
        open_connections = pool.open_connections
        await pool.aclose()
    assert (bodies, open_connections) == ([b"{}"] * 3, 1)


async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    async with tls_server(certificate) as port:
        pool = Pool(parse_endpoint(f"https://127.0.0.1:{port}/"), PoolOptions(tls=ssl.create_default_context()))
        with pytest.raises(ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await pool.post(REQUEST, timeout_seconds=5)
        await pool.aclose()


async def test_a_certificate_for_another_host_is_refused(certificate: Path) -> None:
    async with tls_server(certificate) as port:
        endpoint = replace(parse_endpoint(f"https://localhost:{port}/"), host="localhost")
        pool = Pool(endpoint, trusting(certificate))
        with pytest.raises(ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await pool.post(REQUEST, timeout_seconds=5)
        await pool.aclose()


async def test_a_server_without_tls_is_a_connect_error(certificate: Path) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        pool = Pool(parse_endpoint(f"https://127.0.0.1:{port}/"), trusting(certificate))
        with pytest.raises(ConnectError):
            await pool.post(REQUEST, timeout_seconds=5)
        await pool.aclose()


async def test_a_handshake_that_takes_too_long_is_given_up(certificate: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        options = replace(trusting(certificate), connect_timeout_seconds=0.05)
        pool = Pool(parse_endpoint(f"https://127.0.0.1:{port}/"), options)
        with pytest.raises(UpstreamTimeoutError, match="no connection in time"):
            await pool.post(REQUEST, timeout_seconds=5)
        await pool.aclose()
    assert pool.open_connections == 0


async def test_subgraphs_are_held_to_the_authorities_of_the_system(certificate: Path) -> None:
    async with tls_server(certificate) as port:
        upstreams = Upstreams(
            {"users": f"https://127.0.0.1:{port}/"},
            overrides={},
            shaping=TrafficShapingSection(),
            headers=HeadersSection(),
            telemetry=Telemetry(metrics=Metrics()),
        )
        fetch = Fetch(id=0, subgraph="users", kind="query", operation="{ me }")
        outcome = await upstreams.sender(graphql_request())(FetchRequest(fetch, b"{}"))
        await upstreams.aclose()
    assert outcome == FetchFailure("SUBREQUEST_HTTP_ERROR", "Subgraph users cannot be reached.")


async def test_subgraphs_may_have_an_authority_of_their_own(certificate: Path) -> None:
    async with tls_server(certificate) as port:
        upstreams = Upstreams(
            {"users": f"https://127.0.0.1:{port}/"},
            overrides={},
            shaping=TrafficShapingSection(),
            headers=HeadersSection(),
            telemetry=Telemetry(metrics=Metrics()),
            tls=SubgraphsTls(all=SubgraphTls(certificate_authorities=str(certificate))),
        )
        fetch = Fetch(id=0, subgraph="users", kind="query", operation="{ me }")
        outcome = await upstreams.sender(graphql_request())(FetchRequest(fetch, b"{}"))
        await upstreams.aclose()
    assert isinstance(outcome, FetchAnswer)
    assert (outcome.status, outcome.body) == (200, b"{}")


async def test_a_body_that_breaks_off_is_refused(certificate: Path) -> None:
    async with tls_server(certificate, OK[:-1]) as port:
        pool = Pool(parse_endpoint(f"https://127.0.0.1:{port}/"), trusting(certificate))
        with pytest.raises(ConnectionLostError):
            await pool.post(REQUEST, timeout_seconds=5)
        await pool.aclose()


def test_an_https_endpoint_without_tls_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a TLS context"):
        Pool(parse_endpoint("https://users/"), PoolOptions())
