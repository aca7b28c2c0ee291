"""The two doors decide alike: the whole list of policies, met by a GraphQL request and by a REST request."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import orjson
import pytest

from router.config.model import Config
from router.config.ratelimit import GlobalRateLimit
from router.policy.authorize import public
from router.policy.pipeline import Pipeline
from router.policy.policies import PolicyTools, build_pipeline
from router.policy.request import Door, Response
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics
from tests.fake_clock import FakeClock
from tests.issuer import NOW, jwk, rsa_key, token
from tests.requests_in import JSON, answer_ok, request_in

CONFIG: Mapping[str, object] = {
    "authentication": {"router": {"jwt": {"jwks": [{"keys": [jwk(rsa_key(), kid="k1")], "audiences": ["api"]}]}}},
    "authorization": {"require_authentication": True},
    "limits": {"http_max_request_bytes": 100},
    "ratelimit": {"global": {"capacity": 2, "interval": "1m"}},
    "cors": {"policies": [{"origins": ["https://app.example.com"]}]},
}
DOORS: tuple[Door, Door] = ("graphql", "rest")
GOOD = {**JSON, "authorization": f"Bearer {token(aud='api')}"}


@contextmanager
def pipeline_of(config: Mapping[str, object] = CONFIG) -> Iterator[Pipeline]:
    telemetry = Telemetry(metrics=Metrics(), clock=time.perf_counter)
    tools = PolicyTools(telemetry=telemetry, clock=FakeClock(0.0), wall_clock=FakeClock(NOW))
    yield build_pipeline(Config.model_validate(config), tools)
    telemetry.close()


def code_of(response: Response) -> str:
    """The code, from either shape of refusal."""
    body = orjson.loads(response.body)
    code = body["code"] if "code" in body else body["errors"][0]["extensions"]["code"]
    assert isinstance(code, str)
    return code


def bearing(text: str) -> dict[str, str]:
    return {**JSON, "authorization": text}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        (JSON, b"{}", 401, "UNAUTHENTICATED"),
        (bearing("Basic YTpi"), b"{}", 401, "INVALID_AUTH_HEADER"),
        (bearing("Bearer x"), b"{}", 401, "INVALID_TOKEN"),
        (bearing(f"Bearer {token(aud='other')}"), b"{}", 401, "INVALID_TOKEN"),
        (bearing(f"Bearer {token(aud='api', exp=NOW - 100)}"), b"{}", 401, "TOKEN_EXPIRED"),
        (bearing(f"Bearer {token(aud='api', kid='k9')}"), b"{}", 401, "UNKNOWN_SIGNING_KEY"),
        (GOOD, b"x" * 101, 413, "REQUEST_TOO_LARGE"),
        ({**GOOD, "content-length": "101"}, b"", 413, "REQUEST_TOO_LARGE"),
        ({**GOOD, "content-length": "000101"}, b"", 413, "REQUEST_TOO_LARGE"),
        ({**GOOD, "content-length": "9" * 5000}, b"", 413, "REQUEST_TOO_LARGE"),
    ],
    ids=[
        "none",
        "scheme",
        "garbage",
        "audience",
        "expired",
        "key",
        "body",
        "declared",
        "with zeros",
        "declared absurdly",
    ],
)
async def test_both_doors_refuse_with_the_same_status_and_code(
    door: Door, headers: Mapping[str, str], body: bytes, status: int, code: str
) -> None:
    with pipeline_of() as pipeline:
        response = await pipeline.run(request_in(door, headers=headers, body=body), answer_ok)
    assert (response.status, code_of(response), response.error_codes) == (status, code, (code,))
    assert response.headers["X-Request-ID"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert ("WWW-Authenticate" in response.headers) == (status == 401)


@pytest.mark.parametrize("doors", [DOORS, DOORS[::-1]], ids=["graphql first", "rest first"])
async def test_both_doors_spend_one_limit(doors: tuple[Door, Door]) -> None:
    first, second = doors
    with pipeline_of() as pipeline:
        for _ in range(2):
            assert (await pipeline.run(request_in(first, headers=GOOD), answer_ok)).status == 200
        response = await pipeline.run(request_in(second, headers=GOOD), answer_ok)
    assert (response.status, code_of(response)) == (429, "RATE_LIMITED")
    assert response.headers["Retry-After"] == "30"
    assert response.headers["X-RateLimit-Remaining"] == "0"


@pytest.mark.parametrize("door", DOORS)
async def test_both_doors_let_a_good_request_pass(door: Door) -> None:
    request = request_in(door, headers=GOOD)
    with pipeline_of() as pipeline:
        response = await pipeline.run(request, answer_ok)
    assert response.status == 200
    assert response.headers["X-RateLimit-Remaining"] == "1"
    assert request.identity is not None
    assert request.identity.id == "ada"


@pytest.mark.parametrize("door", DOORS)
async def test_both_doors_answer_a_preflight_before_they_ask_who_calls(door: Door) -> None:
    headers = {"origin": "https://app.example.com", "access-control-request-method": "POST"}
    with pipeline_of() as pipeline:
        response = await pipeline.run(request_in(door, method="OPTIONS", headers=headers, body=b""), answer_ok)
    assert response.status == 204
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example.com"


def test_the_policies_stand_in_the_promised_order() -> None:
    with pipeline_of() as pipeline:
        names = [policy.name for policy in pipeline.policies]
    assert names == [
        "request_id",
        "observe",
        "security_headers",
        "body_size",
        "cors",
        "csrf",
        "authenticate",
        "authorize",
        "rate_limit",
    ]


async def test_without_configuration_everybody_may_call() -> None:
    with pipeline_of({}) as pipeline:
        assert [policy.name for policy in pipeline.policies][-1] == "authorize"
        for door in DOORS:
            assert (await pipeline.run(request_in(door, headers=JSON), answer_ok)).status == 200


async def test_a_route_can_be_public_where_the_rest_is_not() -> None:
    telemetry = Telemetry(metrics=Metrics())
    tools = PolicyTools(telemetry=telemetry, requirements={"things": public})
    pipeline = build_pipeline(Config.model_validate(CONFIG), tools)
    assert (await pipeline.run(request_in("rest"), answer_ok)).status == 200
    assert (await pipeline.run(request_in("graphql", headers=JSON), answer_ok)).status == 401


async def test_apollos_name_for_the_global_limit_works_too() -> None:
    tools = PolicyTools(
        telemetry=Telemetry(metrics=Metrics()), global_rate_limit=GlobalRateLimit(capacity=1, interval=60.0)
    )
    pipeline = build_pipeline(Config(), tools)
    statuses = [(await pipeline.run(request_in("rest"), answer_ok)).status for _ in range(2)]
    assert statuses == [200, 429]


@pytest.mark.parametrize("tls", [False, True])
async def test_strict_transport_security_is_sent_over_tls_only(tls: bool) -> None:  # noqa: FBT001
    tools = PolicyTools(telemetry=Telemetry(metrics=Metrics()), tls=tls)
    response = await build_pipeline(Config(), tools).run(request_in("rest"), answer_ok)
    assert response.headers.get("Strict-Transport-Security") == ("max-age=31536000" if tls else None)
    assert response.headers["Referrer-Policy"] == "no-referrer"
