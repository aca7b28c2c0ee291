"""For whatever configuration and whatever request, the two doors decide alike."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from router.config.model import Config
from router.policy.policies import PolicyTools, build_pipeline
from router.policy.request import Door, Response
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics
from tests.fake_clock import FakeClock
from tests.issuer import NOW, jwk, rsa_key, token
from tests.requests_in import answer_ok, request_in

KEY = jwk(rsa_key(), kid="k1")
MODES = st.sampled_from(["enforce", "measure", "off"])
POLICIES = ("ip", "bots", "body_size", "csrf", "authenticate", "authorize", "rate_limit")
NETWORKS = st.lists(st.sampled_from(["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"]), max_size=2)
LIMIT = st.fixed_dictionaries({"capacity": st.integers(1, 3), "interval": st.sampled_from(["1s", "1m"])})
KEYED = st.fixed_dictionaries(
    {
        "name": st.just("keyed"),
        "key": st.sampled_from(["consumer.id", "client.ip", "header.x-tenant", "claims.sub"]),
        "when": st.sampled_from(["always", "anonymous", "authenticated"]),
        "algorithm": st.sampled_from(["token_bucket", "sliding_window", "fixed_window"]),
        "capacity": st.integers(1, 3),
        "interval": st.just("1m"),
    }
)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "authentication": st.fixed_dictionaries(
            {
                "router": st.fixed_dictionaries(
                    {
                        "jwt": st.fixed_dictionaries(
                            {
                                "jwks": st.just([{"keys": [KEY], "audiences": ["api"]}]),
                                "on_error": st.sampled_from(["Error", "Continue"]),
                            }
                        )
                    }
                )
            }
        ),
        "authorization": st.fixed_dictionaries({"require_authentication": st.booleans()}),
        "limits": st.fixed_dictionaries({"http_max_request_bytes": st.sampled_from([10, 1000])}),
        "csrf": st.fixed_dictionaries({"enabled": st.booleans()}),
        "cors": st.just({"policies": [{"origins": ["https://app.example.com"], "allow_credentials": True}]}),
        "security": st.fixed_dictionaries(
            {
                "ip": st.fixed_dictionaries(
                    {"allow": NETWORKS, "deny": NETWORKS, "trusted_proxy_depth": st.integers(0, 2)}
                ),
                "bots": st.fixed_dictionaries({"deny_user_agents": st.lists(st.just("(?i)bot"), max_size=1)}),
                "maintenance": st.sampled_from([False, False, False, True]),
            }
        ),
        "ratelimit": st.fixed_dictionaries(
            {}, optional={"global": LIMIT, "policies": st.lists(KEYED, min_size=1, max_size=1)}
        ),
        "policies": st.dictionaries(st.sampled_from(POLICIES), MODES),
    },
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "authorization": st.sampled_from(
            [
                f"Bearer {token(aud='api')}",
                f"Bearer {token(aud='other')}",
                f"Bearer {token(aud='api', exp=NOW - 100)}",
                "Bearer x",
                "Basic YTpi",
                "Bearer",
            ]
        ),
        "content-type": st.sampled_from(["application/json", "text/plain", "multipart/form-data; boundary=x", ";"]),
        "content-length": st.sampled_from(["2", "2000", "99999999999999999999999999", "x"]),
        "origin": st.sampled_from(["https://app.example.com", "https://evil.example.com", "null"]),
        "cookie": st.just("session=1"),
        "sec-fetch-site": st.sampled_from(["same-origin", "cross-site"]),
        "user-agent": st.sampled_from(["Mozilla/5.0", "badBot/1.0"]),
        "x-forwarded-for": st.sampled_from(["192.0.2.1", "198.51.100.7, 203.0.113.9", "nonsense"]),
        "x-tenant": st.sampled_from(["a", "b"]),
        "x-request-id": st.sampled_from(["good-id", "bad id"]),
    },
)


@dataclass(frozen=True)
class Asked:
    """One request, whichever door it is sent to."""

    method: str
    headers: Mapping[str, str]
    body: bytes
    ip: str


REQUESTS = st.builds(
    Asked,
    method=st.sampled_from(["POST", "PUT", "DELETE"]),
    headers=HEADERS,
    body=st.sampled_from([b"", b"{}", b"x" * 20, b"x" * 2000]),
    ip=st.sampled_from(["192.0.2.1", "198.51.100.7", "2001:db8::1", "203.0.113.9"]),
)


def decided(response: Response) -> tuple[object, ...]:
    """What a response decides, without what is written in the manner of its door."""
    headers = {name.lower(): value for name, value in response.headers.items() if name.lower() not in OWN}
    body = orjson.loads(response.body)
    code = body.get("code") or [error["extensions"]["code"] for error in body.get("errors", ())]
    return response.status, response.error_codes, code if isinstance(code, list) else [code], headers


OWN = {"content-type", "x-request-id"}


async def answers(config: Mapping[str, object], requests: list[Asked], door: Door) -> list[tuple[object, ...]]:
    tools = PolicyTools(telemetry=Telemetry(metrics=Metrics()), clock=FakeClock(0.0), wall_clock=FakeClock(NOW))
    pipeline = build_pipeline(Config.model_validate(config), tools)
    found = []
    for asked in requests:
        request = request_in(door, method=asked.method, headers=asked.headers, body=asked.body, peer_ip=asked.ip)
        found.append(decided(await pipeline.run(request, answer_ok)))
    await pipeline.close()
    return found


@settings(max_examples=300, deadline=None)
@given(config=CONFIGS, requests=st.lists(REQUESTS, min_size=1, max_size=6))
async def test_the_two_doors_decide_alike(config: Mapping[str, object], requests: list[Asked]) -> None:
    assert await answers(config, requests, "graphql") == await answers(config, requests, "rest")
