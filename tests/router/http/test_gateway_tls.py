"""A gateway behind TLS, and clients with certificates."""

import ssl
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import orjson
import pytest

from tests.certificates import Authority
from tests.live_gateway import Json, LiveGateway, live_gateway

AUTHORITY = Authority("clients and gateways")
STRANGER = Authority("somebody else")


def settings(mode: str | None, *, required: bool = True) -> Json:
    certificate, key = AUTHORITY.sign("gateway")
    server: Json = {"certificate": certificate, "key": key}
    if mode is not None:
        server["client_auth"] = {"ca": AUTHORITY.certificate, "mode": mode}
    return {
        "tls": {"supergraph": server},
        "authentication": {"router": {"mtls": {"id_from": "common_name"}}},
        "authorization": {"require_authentication": required},
        "headers": {"all": {"request": [{"insert": {"name": "x-caller", "from_context": "consumer.id"}}]}},
    }


def client(folder: Path, signed_by: Authority | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=AUTHORITY.certificate)
    if signed_by is not None:
        certificate, key = signed_by.sign("orders")
        (folder / "c.pem").write_text(certificate)
        (folder / "k.pem").write_text(key)
        context.load_cert_chain(folder / "c.pem", folder / "k.pem")
    return context


async def ask(gateway: LiveGateway, context: ssl.SSLContext) -> tuple[int, Mapping[str, str], Json]:
    url = gateway.url.replace("http://", "https://")
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/graphql", json={"query": "{ me { name } }"}, ssl=context) as response,
    ):
        return response.status, response.headers, orjson.loads(await response.read())


async def test_answers_come_over_tls_with_strict_transport_security(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, settings(None, required=False)) as gateway:
        status, headers, answer = await ask(gateway, client(tmp_path))
    assert (status, answer) == (200, {"data": {"me": {"name": "Ada"}}})
    assert headers["strict-transport-security"].startswith("max-age=")


async def test_the_certificate_of_a_client_says_who_calls(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, settings("optional")) as gateway:
        status, _, _ = await ask(gateway, client(tmp_path, AUTHORITY))
        assert status == 200
        assert gateway.users.headers[0]["x-caller"] == "orders"


async def test_where_it_is_optional_a_client_without_one_is_anonymous(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, settings("optional")) as gateway:
        status, _, answer = await ask(gateway, client(tmp_path))
    assert status == 401
    assert "UNAUTHENTICATED" in str(answer)


async def test_where_it_is_required_a_client_without_one_does_not_get_a_connection(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, settings("required")) as gateway:
        with pytest.raises(aiohttp.ClientError):
            await ask(gateway, client(tmp_path))
        assert gateway.users.asked == []


async def test_a_certificate_that_somebody_else_signed_is_not_taken(tmp_path: Path) -> None:
    async with live_gateway(tmp_path, settings("optional")) as gateway:
        with pytest.raises(aiohttp.ClientError):
            await ask(gateway, client(tmp_path, STRANGER))
        assert gateway.users.asked == []
