"""Nothing that is printed or exported holds a credential."""

import logging
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest
import yaml
from multidict import CIMultiDict, CIMultiDictProxy
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from typer.testing import CliRunner

from router.cli import app
from router.cli.logs import FieldFormatter
from router.config.load import load_config
from router.config.problems import ConfigError
from router.config.show import show_config
from router.config.telemetry import TracingSection
from router.policy.request import Request, Response
from router.redaction import REDACTED, is_secret_name, mask, redact
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics
from router.telemetry.tracing import Tracing
from router.testing import FakeService, FakeSubgraph, RouterTester, ServiceAwayError
from router.upstream.failures import MalformedResponseError
from router.upstream.forward import Forwarder, ForwardRequest
from tests.hostile_server import hostile_server, raw_then_close

CANARY = "canary-7f3a9c"
JWT = f"eyJhbGciOiJub25lIn0.{CANARY}.c2ln"
USERS = "type Query { me: User } type User { name: String }"


def users() -> dict[str, FakeSubgraph]:
    return {"users": FakeSubgraph(USERS, answer={"data": {"me": {"name": "Ada"}}})}


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(FieldFormatter())
    return caplog


@pytest.fixture
def no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("keys.yaml").write_text("keys: []")


AUTHENTICATORS: Mapping[str, dict[str, object]] = {
    "x-gate-pass": {"api_key": {"header": "X-Gate-Pass", "store": {"file": "keys.yaml"}}},
    "authorization": {"jwt": {"jwks": [{"url": "https://idp.test/keys"}]}},
    "x-ticket": {
        "jwt": {"jwks": [{"url": "https://idp.test/keys"}], "sources": [{"name": "x-ticket", "value_prefix": ""}]}
    },
    "cookie": {"jwt": {"jwks": [{"url": "https://idp.test/keys"}], "sources": [{"type": "cookie", "name": "session"}]}},
    "x-asked": {"forward_auth": {"url": "https://auth.test", "request_headers": ["x-asked"]}},
}


@pytest.mark.parametrize("header", AUTHENTICATORS)
@pytest.mark.usefixtures("no_keys")
async def test_headers_of_authenticators_are_never_logged(
    header: str, everything_logged: pytest.LogCaptureFixture
) -> None:
    config = {
        "authentication": {"router": AUTHENTICATORS[header]},
        # An operator who wants to log it all, and to redact nothing.
        "telemetry": {"access_log": {"headers": [header], "redact": []}},
    }
    value = f"session={CANARY}" if header == "cookie" else CANARY
    async with RouterTester(config, subgraphs=users()) as router:
        response = await router.query("{ me { name } }", headers={header: value})
        assert router.log_lines[0]["headers"] == {header: REDACTED}
        assert CANARY not in str(router.log_lines) + response.body.decode() + router.metrics()
    assert CANARY not in everything_logged.text


async def test_headers_that_are_configured_are_never_logged() -> None:
    config = {"telemetry": {"access_log": {"headers": ["x-partner"], "redact": ["X-Partner"]}}}
    async with RouterTester(config, subgraphs=users()) as router:
        await router.query("{ me { name } }", headers={"x-partner": CANARY})
        assert router.log_lines[0]["headers"] == {"x-partner": REDACTED}


async def test_a_token_in_the_url_is_neither_logged_nor_told(everything_logged: pytest.LogCaptureFixture) -> None:
    source = {"type": "query", "name": "ticket"}
    route = {"name": "orders", "path": "/orders", "upstream": "http://orders.test"}
    config = {
        "authentication": {"router": {"jwt": {"jwks": [{"url": "https://idp.test/keys"}], "sources": [source]}}},
        "rest": {"routes": [route]},
        "policies": {"authenticate": "measure"},
    }
    services = {"http://orders.test": FakeService(ServiceAwayError())}
    async with RouterTester(config, subgraphs=users(), services=services) as router:
        response = await router.request("GET", f"/orders?ticket={CANARY}")
        assert response.status == 502
        assert CANARY not in str(router.log_lines) + response.body.decode() + router.metrics()
    assert CANARY not in everything_logged.text


async def test_what_goes_wrong_with_a_service_is_told_without_the_query_string() -> None:
    forwarder = Forwarder()
    async with hostile_server(raw_then_close(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")) as server:
        url = f"http://127.0.0.1:{server.port}/orders?ticket={CANARY}"
        request = ForwardRequest(method="GET", url=url, headers=CIMultiDict(), body=b"", timeout_seconds=5)
        with pytest.raises(MalformedResponseError) as caught:
            await forwarder.forward(request)
    await forwarder.aclose()
    assert CANARY not in str(caught.value)


async def test_spans_hold_no_token() -> None:
    exporter = InMemorySpanExporter()
    tracing = Tracing(TracingSection(), SimpleSpanProcessor(exporter), resource={})
    telemetry = Telemetry(metrics=Metrics(), tracing=tracing)
    request = Request(
        door="rest",
        method="GET",
        path=f"/reset/{JWT}",
        query_string=f"ticket={CANARY}",
        route="/reset/{token}",
        route_name="reset",
        headers=CIMultiDictProxy(CIMultiDict({"authorization": f"Bearer {CANARY}", "cookie": CANARY})),
    )
    telemetry.request_finished(telemetry.request_started(request), request, Response(status=200))
    telemetry.close()
    [span] = exporter.get_finished_spans()
    assert span.attributes is not None
    assert CANARY not in span.to_json()
    assert REDACTED in str(span.attributes["url.path"])


SECRETS = """
authentication:
  router:
    hmac: {keys: [{id: partner, secret: "SECRET-and-more"}]}
    jwt: {jwks: [{keys: [{kty: oct, k: "SECRET"}], algorithms: [HS256]}], sources: [{name: x-ticket}]}
    custom: [{use: "tests.router.test_redaction:Custom", config: {api_key: "SECRET", clientSecret: "SECRET"}}]
headers:
  all:
    request:
      - {insert: {name: Authorization, value: "SECRET"}}
      - {insert: {name: x-ticket, value: "SECRET"}}
      - {propagate: {named: x-api-key, default: "SECRET"}}
      - {insert: {name: x-source, value: "Bearer SECRET"}}
rest: {routes: [{name: a, path: /a, upstream: "http://a", request: {headers: {add: {X-Auth-Token: "SECRET"}}}}]}
ratelimit:
  global: {capacity: 1, interval: 1m}
  storage: {redis: {urls: ["redis://user:SECRET@localhost:6379"]}}
coprocessor: {url: "http://co.test/?access_token=SECRET"}
plugins: [{use: "tests.router.test_redaction:Custom", config: {password: "SECRET", sink: stdout}}]
subgraphs: {a: {routing_url: "http://a", schema: {subgraph_url: "http://a", headers: {x: "SECRET"}}}}
"""


def test_the_configuration_is_shown_without_secrets(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    path.write_text(SECRETS.replace("SECRET", CANARY))
    shown = show_config(load_config([path], {}))
    assert CANARY not in shown
    assert yaml.safe_load(shown)["plugins"][0]["config"] == {"password": REDACTED, "sink": "stdout"}


def test_the_command_shows_secrets_of_the_environment_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNER_SECRET", f"{CANARY}-0123456789")
    path = tmp_path / "router.yaml"
    path.write_text('authentication: {router: {hmac: {keys: [{id: p, secret: "${env.PARTNER_SECRET}"}]}}}')
    result = CliRunner().invoke(app, ["config", "show", str(path)])
    assert result.exit_code == 0
    assert CANARY not in result.output


@pytest.mark.parametrize(
    "text",
    [
        'authentication: {router: {hmac: {keys: [{id: p, secret: "X"}]}}}',
        'headers: {all: {request: [{insert: {name: authorization, value: "X\\n"}}]}}',
        'override_subgraph_url: {a: 3}\nsupergraph: {listen: "redis://u:X@h"}',
        'supergraph: {path: "http://h/?token=X"}',
    ],
)
def test_a_mistake_in_a_configuration_does_not_quote_secrets(tmp_path: Path, text: str) -> None:
    path = tmp_path / "router.yaml"
    path.write_text(text.replace("X", CANARY))
    with pytest.raises(ConfigError) as caught:
        load_config([path], {})
    assert CANARY not in str(caught.value)


def test_log_lines_and_tracebacks_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError(f"cannot use Bearer {CANARY}")
    fields = {"url": f"https://user:{CANARY}@idp.test", "headers": {"a": f"Basic {CANARY}"}}
    logging.getLogger("test.redaction").error("failed", exc_info=error, extra=fields)
    assert CANARY in caplog.text
    [record] = caplog.records
    record.exc_text = None
    assert CANARY not in FieldFormatter().format(record)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("/a?page=2&monkey=1", "/a?page=2&monkey=1"),
        ("/a?token=x&page=2", f"/a?token={REDACTED}&page=2"),
        ("/a?access_token=x", f"/a?access_token={REDACTED}"),
        ("redis://:pass@host/0", f"redis://{REDACTED}@host/0"),
        ("-----BEGIN PRIVATE KEY-----\nabc", REDACTED),
        ("Bearer abc, more", f"{REDACTED}, more"),
        ("/a/eyJhbGci.eyJzdWIi.c2ln/b", f"/a/{REDACTED}/b"),
        ("id-eyJhbGci.eyJzdWIi.c2ln", f"id-{REDACTED}"),
        ("eyJhbGci, eyJhbGci. eyJ.", "eyJhbGci, eyJhbGci. eyJ."),
        ("x" * 1000, "x" * 1000),
    ],
)
def test_what_looks_like_a_credential_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("piece", ["eyJ", "eyJ-", "bearer ", "&token", "://", "-----BEGIN PRIVATE KEY"])
def test_a_text_that_is_made_to_be_searched_again_and_again_is_read_once(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    assert len(mask(text)) <= len(text)  # with a pattern that starts anew at each piece this takes several seconds


def test_values_are_masked_wherever_they_stand() -> None:
    assert redact({"a": ["Bearer x", 1], "b": None}) == {"a": [REDACTED, 1], "b": None}


@pytest.mark.parametrize(
    "name", ["authorization", "Cookie", "X-API-Key", "x-auth-token", "shared_key", "clientSecret", "password", "apikey"]
)
def test_a_name_tells_that_a_credential_stands_there(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["parser_max_tokens", "key", "keys", "x-request-id", "path", "groups_claim"])
def test_other_names_do_not(name: str) -> None:
    assert not is_secret_name(name)


def test_the_canary_would_be_found() -> None:
    assert CANARY in orjson.dumps({"a": CANARY}).decode()
