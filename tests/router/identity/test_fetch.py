"""Fetching key sets from a real server on loopback."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from router.identity.fetch import fetch_over
from router.identity.keys import parse_key_set
from tests.free_ports import free_port
from tests.issuer import ec_key, jwk, key_set

DOCUMENT = key_set(jwk(ec_key(), kid="k1"))


async def publish(_request: web.Request) -> web.Response:
    return web.Response(body=DOCUMENT, content_type="application/json")


async def fail(_request: web.Request) -> web.Response:
    return web.Response(status=500, body=DOCUMENT)


async def redirect(_request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"location": "/jwks.json"})


async def flood(_request: web.Request) -> web.Response:
    return web.Response(body=b" " * 2_000_000)


@pytest.fixture
async def base_url() -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(
        [
            web.get("/jwks.json", publish),
            web.get("/fail", fail),
            web.get("/redirect", redirect),
            web.get("/flood", flood),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def test_a_published_set_is_read(base_url: str, session: aiohttp.ClientSession) -> None:
    (key,) = parse_key_set(await fetch_over(session)(f"{base_url}/jwks.json"))
    assert key.id == "k1"


@pytest.mark.parametrize("path", ["/fail", "/redirect", "/flood", "/missing"])
async def test_any_other_answer_is_an_error(base_url: str, session: aiohttp.ClientSession, path: str) -> None:
    with pytest.raises(OSError, match="the answer"):
        await fetch_over(session)(base_url + path)


async def test_no_answer_is_an_error(session: aiohttp.ClientSession) -> None:
    with pytest.raises(OSError, match="Cannot connect"):
        await fetch_over(session)(f"http://127.0.0.1:{free_port()}/jwks.json")
