"""Credentials that are forged, and names that are borrowed. These attacks need a gateway of our own."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.issuer import jwk, rsa_key, token
from tests.live_gateway import Json, LiveGateway, json_response, live_gateway

PUBLIC_KEY = jwk(rsa_key(), kid="k1")
SETTINGS: Json = {
    "authentication": {"router": {"jwt": {"jwks": [{"keys": [PUBLIC_KEY], "audiences": ["api"]}]}}},
    "authorization": {"require_authentication": True},
    "headers": {
        "all": {
            "request": [
                {"propagate": {"matching": ".*"}},
                {"insert": {"name": "x-consumer-id", "from_context": "consumer.id"}},
            ]
        }
    },
    "traffic_shaping": {"all": {"deduplicate_query": True}},
}
FAR = 4_000_000_000


@asynccontextmanager
async def guarded(folder: Path) -> AsyncIterator[LiveGateway]:
    async with live_gateway(folder, SETTINGS) as gateway:
        yield gateway


async def status(gateway: LiveGateway, bearer: str) -> int:
    async with gateway.post({"query": "{ me { name } }"}, authorization=f"Bearer {bearer}") as response:
        await response.read()
        return response.status


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(header: dict[str, object], signature: str = "") -> str:
    return f"{encoded(header)}.{encoded({'sub': 'root', 'aud': 'api', 'exp': FAR})}.{signature}"


def signed_with_the_public_key() -> str:
    """What a verifier takes for HMAC that lets the token choose: the public key is no secret."""
    pem = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = unsigned({"alg": "HS256", "typ": "JWT", "kid": "k1"}).rstrip(".")
    digest = hmac.new(pem, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


GENUINE = token(aud="api", exp=FAR)

FORGED = {
    # As in CVE-2015-9235 of jsonwebtoken, and others.
    "no algorithm": unsigned({"alg": "none", "kid": "k1"}),
    "no algorithm, spelled otherwise": unsigned({"alg": "nOnE", "kid": "k1"}),
    "no algorithm at all": unsigned({"kid": "k1"}),
    # As in CVE-2022-29217 of PyJWT and CVE-2016-5431 of php-jose.
    "signed with the public key": signed_with_the_public_key(),
    # As in CVE-2018-0114 of node-jose.
    "brings its own key": unsigned({"alg": "RS256", "kid": "k1", "jwk": PUBLIC_KEY}, "YQ"),
    "names a place for keys": unsigned({"alg": "RS256", "kid": "k9", "jku": "http://127.0.0.1:9/jwks"}, "YQ"),
    "key id is a path": unsigned({"alg": "RS256", "kid": "../../../../dev/null"}, "YQ"),
    "key id is SQL": unsigned({"alg": "RS256", "kid": "k1' OR '1'='1"}, "YQ"),
    "key id is a list": unsigned({"alg": "RS256", "kid": ["k1"]}, "YQ"),
    "critical extension": unsigned({"alg": "RS256", "kid": "k1", "crit": ["b64"], "b64": False}, "YQ"),
    "signature of another token": GENUINE.rpartition(".")[0].replace(".", ".x", 1) + "." + GENUINE.rpartition(".")[2],
    "without its signature": GENUINE.rpartition(".")[0] + ".",
    "deep": f"{encoded({'alg': 'RS256'})}.{base64.urlsafe_b64encode(b'[' * 50_000).decode()}.YQ",
}


@pytest.mark.parametrize("bearer", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_token_is_refused(tmp_path: Path, bearer: str) -> None:
    async with guarded(tmp_path) as gateway:
        assert await status(gateway, bearer) in (401, 431)
        assert gateway.users.asked == []


async def test_the_genuine_token_is_taken(tmp_path: Path) -> None:
    async with guarded(tmp_path) as gateway:
        assert await status(gateway, GENUINE) == 200


async def test_a_flood_of_unknown_keys_does_not_become_a_flood_on_the_issuer(tmp_path: Path) -> None:
    asked = 0

    async def publish(_: web.BaseRequest) -> web.Response:
        nonlocal asked
        asked += 1
        return json_response({"keys": [PUBLIC_KEY]})

    runner = web.ServerRunner(web.Server(publish))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    jwks = {"url": f"http://{host}:{port}/", "audiences": ["api"], "refresh_unknown_kid": {"max_per_minute": 2}}
    settings: Json = {**SETTINGS, "authentication": {"router": {"jwt": {"jwks": [jwks]}}}}
    async with live_gateway(tmp_path, settings) as gateway:
        async with asyncio.TaskGroup() as flood:
            sent = [
                flood.create_task(status(gateway, token(aud="api", exp=FAR, kid=f"unknown{number}")))
                for number in range(100)
            ]
        assert {each.result() for each in sent} <= {401, 503}
        assert await status(gateway, GENUINE) == 200
    await runner.cleanup()
    assert asked <= 3  # once at the start, twice for keys that nobody knows


# Kong, KrakenD and others trust what an earlier hop says of the consumer
@pytest.mark.parametrize("name", ["x-consumer-id", "X-Consumer-ID", "x_consumer_id", "X_Consumer-Id"])
async def test_nobody_names_themselves_another_consumer(tmp_path: Path, name: str) -> None:
    async with guarded(tmp_path) as gateway:
        headers = {"authorization": f"Bearer {GENUINE}", name: "root", "content-type": "application/json"}
        async with gateway.session.post(
            f"{gateway.url}/graphql", data=b'{"query":"{ me { name } }"}', headers=headers
        ) as response:
            assert response.status == 200
        (sent,) = gateway.users.headers
    values = [value for key, value in sent.items() if key.lower().replace("_", "-") == "x-consumer-id"]
    assert values == ["ada"]


async def test_hop_by_hop_headers_cannot_remove_ours(tmp_path: Path) -> None:
    async with guarded(tmp_path) as gateway:
        await gateway.ask("{ me { name } }", authorization=f"Bearer {GENUINE}", connection="close, x-consumer-id")
        (sent,) = gateway.users.headers
    assert sent.getall("x-consumer-id") == ["ada"]


async def _release_when_both_have_asked(gateway: LiveGateway) -> None:
    assert gateway.users.hold is not None
    while len({headers["x-consumer-id"] for headers in gateway.users.headers}) < 2:
        gateway.users.arrived.clear()
        await gateway.users.arrived.wait()
    gateway.users.hold.set()


# WunderGraph Cosmo: PR 2522; graphql-go-tools: issue 1616
async def test_two_users_never_share_an_answer(tmp_path: Path) -> None:
    async with guarded(tmp_path) as gateway:
        gateway.users.hold = asyncio.Event()
        async with asyncio.TaskGroup() as asking:
            for name in ("ada", "bob", "ada"):
                bearer = f"Bearer {token(aud='api', exp=FAR, sub=name)}"
                asking.create_task(gateway.ask("{ me { name } }", authorization=bearer))
            asking.create_task(_release_when_both_have_asked(gateway))
        consumers = sorted(headers["x-consumer-id"] for headers in gateway.users.headers)
    assert consumers in (["ada", "bob"], ["ada", "ada", "bob"])


@pytest.mark.parametrize(
    "header",
    [
        {"x-forwarded-host": "evil.example.com"},
        {"x-original-url": "/admin"},
        {"x-rewrite-url": "/admin"},
        {"x-http-method-override": "DELETE"},
        {"forwarded": "host=evil.example.com"},
    ],
)
async def test_a_header_that_caches_do_not_look_at_does_not_change_the_answer(
    tmp_path: Path, header: dict[str, str]
) -> None:
    async with guarded(tmp_path) as gateway:
        honest = await gateway.ask("{ me { name } }", authorization=f"Bearer {GENUINE}")
        assert await gateway.ask("{ me { name } }", authorization=f"Bearer {GENUINE}", **header) == honest


async def test_answers_to_different_origins_are_kept_apart_by_caches(tmp_path: Path) -> None:
    settings: Json = {"cors": {"policies": [{"origins": ["https://app.example.com"]}]}}
    async with live_gateway(tmp_path, settings) as gateway:
        for origin in ("https://app.example.com", "https://evil.example.com"):
            async with gateway.post({"query": "{ me { name } }"}, origin=origin) as response:
                assert "origin" in response.headers["vary"].lower()


async def test_what_goes_wrong_inside_a_subgraph_stays_there(tmp_path: Path) -> None:
    async with live_gateway(tmp_path) as gateway:
        gateway.users.answer = lambda _: json_response(
            {
                "data": {"me": None},
                "errors": [{"message": "SELECT * FROM users failed at db-7.internal", "path": ["me"]}],
            }
        )
        answer = await gateway.ask("{ me { name } }")
    assert "db-7" not in json.dumps(answer)
    assert answer["errors"]


LIMITED: Json = {"ratelimit": {"policies": [{"name": "ip", "key": "client.ip", "capacity": 2, "interval": "1h"}]}}
EVASIONS = {
    "another case": {"path": "/graphql", "headers": [{"X-Tenant": "a"}, {"x-tenant": "A"}]},
    "a forged address": {"path": "/graphql", "headers": [{"x-forwarded-for": f"10.0.0.{n}"} for n in range(3)]},
    "a query string": {"path": "/graphql?x={n}", "headers": [{}]},
}


@pytest.mark.parametrize("evasion", EVASIONS.values(), ids=EVASIONS.keys())
async def test_a_rate_limit_is_not_evaded(tmp_path: Path, evasion: dict[str, object]) -> None:
    path, headers = evasion["path"], evasion["headers"]
    assert isinstance(path, str)
    assert isinstance(headers, list)
    statuses = []
    async with live_gateway(tmp_path, LIMITED) as gateway:
        for number in range(4):
            async with gateway.session.post(
                gateway.url + path.replace("{n}", str(number)),
                data=b'{"query":"{ me { name } }"}',
                headers={"content-type": "application/json", **headers[number % len(headers)]},
            ) as response:
                statuses.append(response.status)
    assert statuses == [200, 200, 429, 429]
