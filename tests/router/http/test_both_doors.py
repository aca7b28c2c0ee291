"""A GraphQL request and a REST request meet the same policies, with the same outcome."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import orjson
import pytest
import pytest_asyncio

from tests.live_gateway import Json, LiveGateway, live_gateway

KEY = {"kty": "oct", "kid": "k", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "alg": "HS256"}
SETTINGS: Json = {
    "authentication": {"router": {"jwt": {"jwks": [{"keys": [KEY], "algorithms": ["HS256"]}]}}},
    "limits": {"http_max_request_bytes": "1KB"},
    "rest": {"routes": [{"name": "me", "method": "POST", "path": "/me", "operation": "./me.graphql"}]},
}

Ask = Callable[..., Awaitable[tuple[int, str]]]


@pytest_asyncio.fixture(params=["/graphql", "/me"])
async def ask(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ask]:
    (tmp_path / "me.graphql").write_text("{ me { id } }")
    async with live_gateway(tmp_path, SETTINGS) as gateway:

        async def send(body: bytes = b'{"query": "{ me { id } }"}', **headers: str) -> tuple[int, str]:
            return await status_and_code(gateway, request.param, body, headers)

        yield send


async def status_and_code(gateway: LiveGateway, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    sent = {"content-type": "application/json", **headers}
    async with gateway.session.post(gateway.url + path, data=body, headers=sent) as response:
        answer = orjson.loads(await response.read())
    assert path == "/graphql" or response.headers["content-type"].startswith("application/problem+json")
    extensions = answer["errors"][0]["extensions"] if path == "/graphql" else answer
    assert extensions["request_id"] == response.headers["x-request-id"]
    return response.status, extensions["code"]


async def test_a_bad_token_is_refused_alike(ask: Ask) -> None:
    assert await ask(authorization="Bearer nonsense") == (401, "INVALID_TOKEN")


async def test_a_big_body_is_refused_alike(ask: Ask) -> None:
    assert await ask(b'{"query": "' + b"x" * 2000 + b'"}') == (413, "REQUEST_TOO_LARGE")


async def test_a_spent_limit_is_refused_alike(tmp_path: Path) -> None:
    (tmp_path / "me.graphql").write_text("{ me { id } }")
    settings = {**SETTINGS, "ratelimit": {"global": {"capacity": 1, "interval": "1h"}}}
    async with live_gateway(tmp_path, settings) as gateway:
        await gateway.ask("{ me { id } }")
        refusals = [await status_and_code(gateway, path, b"{}", {}) for path in ("/graphql", "/me")]
    assert refusals == [(429, "RATE_LIMITED")] * 2
