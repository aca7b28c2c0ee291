"""``supergate policies test``: verdicts on a request."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from router.cli import app
from supergraph import Subgraph, compose

CONFIG = """
policies: {rate_limit: {plans: {pro: measure}}}
ratelimit: {policies: [{name: per-plan, key: consumer.id, plans: {free: {capacity: 2, interval: 1m}}}]}
security: {ip: {deny: [203.0.113.0/24]}, bots: {deny_user_agents: [sqlmap]}}
authorization: {require_authentication: true}
rest: {routes: [{name: closed, method: GET, path: "/closed", terminate: {status: 410}, require: {scopes: [[see]]}}]}
subgraphs: {users: {routing_url: "http://users.test", schema: {file: users.graphql}}}
"""
USERS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@requiresScopes"])
type Query { me: User }
type User { name: String mail: String @requiresScopes(scopes: [["mail"]]) }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("router.yaml").write_text(CONFIG)
    Path("users.graphql").write_text(USERS)
    Path("me.graphql").write_text("{ me { name mail } }")


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["policies", "test", "--config", "router.yaml", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def verdicts(result: Result) -> dict[str, list[str]]:
    """The words of each policy's line, by its name."""
    lines = [line.split() for line in result.stdout.splitlines()[1:-1]]
    return {words[1]: words[2:] for words in lines}


def test_each_policy_says_in_order_what_it_would_do() -> None:
    result = run("--op", "me.graphql", "--as", "consumer=acme,plan=free")
    found = verdicts(result)
    assert result.exit_code == 0
    assert list(found)[:2] == ["request_id", "observe"]
    assert found["rate_limit"] == ["pass"]
    assert result.stdout.splitlines()[-1] == "The request passes, and asks users."


def test_a_refusal_is_told_with_its_code_and_ends_with_1() -> None:
    result = run("--op", "me.graphql")
    assert result.exit_code == 1
    assert verdicts(result)["authorize"][:2] == ["refuse", "UNAUTHENTICATED"]
    assert verdicts(result)["rate_limit"] == ["not", "reached"]


def test_a_policy_that_measures_tells_what_it_would_refuse() -> None:
    result = run("--op", "me.graphql", "--as", "consumer=acme,plan=pro", "--times", "3")
    assert result.exit_code == 0
    assert verdicts(result)["rate_limit"][:3] == ["would", "refuse", "RATE_LIMITED"]


def test_a_limit_is_reached_by_sending_often() -> None:
    caller = ("--op", "me.graphql", "--as", "consumer=acme,plan=free", "--times")
    assert verdicts(run(*caller, "2"))["rate_limit"] == ["pass"]
    assert verdicts(run(*caller, "3"))["rate_limit"][0] == "refuse"


def test_address_and_headers_are_those_of_the_request() -> None:
    assert verdicts(run("--op", "me.graphql", "--ip", "203.0.113.4"))["ip"][:2] == ["refuse", "IP_DENIED"]
    found = verdicts(run("--op", "me.graphql", "--header", "user-agent: sqlmap/1"))
    assert found["bots"][:2] == ["refuse", "BOT_DENIED"]


def test_fields_that_the_caller_may_not_see_are_told() -> None:
    poor = verdicts(run("--op", "me.graphql", "--as", "consumer=a,plan=free"))
    rich = verdicts(run("--op", "me.graphql", "--as", "consumer=a,plan=free,scopes=mail+more"))
    assert poor["field_authorization"] == ["pass", "leaves", "out", "me.mail"]
    assert rich["field_authorization"] == ["pass"]


def test_a_rest_request_can_be_tried() -> None:
    poor = run("--request", "GET /closed", "--as", "consumer=a")
    assert verdicts(poor)["authorize"][:2] == ["refuse", "FORBIDDEN"]
    rich = run("--request", "GET /closed", "--as", "consumer=a,scopes=see")
    assert rich.stdout.splitlines()[-1] == "The answer has status 410 and code ROUTE_TERMINATED."


def test_machines_get_the_same_as_json() -> None:
    told = json.loads(run("--op", "me.graphql", "--json").stdout)
    assert (told["status"], told["codes"]) == (401, ["UNAUTHENTICATED"])
    assert {"policy": "cors", "outcome": "pass", "code": "", "message": ""} in told["verdicts"]


def test_a_supergraph_that_was_composed_before_can_be_used() -> None:
    composed = compose([Subgraph(name="people", url="http://people.test", sdl=USERS)])
    Path("supergraph.graphql").write_text(composed.sdl or "")
    result = run("--op", "me.graphql", "--as", "consumer=a", "--supergraph", "supergraph.graphql")
    assert result.stdout.splitlines()[-1] == "The request passes, and asks people."


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "--op"),
        (("--op", "me.graphql", "--request", "GET /closed"), "--op"),
        (("--op", "me.graphql", "--as", "acme"), "consumer="),
        (("--op", "me.graphql", "--as", "name=acme"), "consumer="),
        (("--op", "me.graphql", "--header", "x"), "name: value"),
        (("--op", "me.graphql", "--variables", "{"), "not JSON"),
    ],
)
def test_what_cannot_be_a_request_is_told(arguments: tuple[str, ...], problem: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert problem in result.stderr


def test_an_operation_that_is_not_valid_is_told_by_the_answer() -> None:
    Path("me.graphql").write_text("{ nobody }")
    result = run("--op", "me.graphql", "--as", "consumer=a")
    assert "GRAPHQL_VALIDATION_FAILED" in result.stdout.splitlines()[-1]


def test_without_a_subcommand_the_policies_are_listed() -> None:
    result = CliRunner().invoke(app, ["policies", "--config", "router.yaml"])
    assert result.exit_code == 0
    assert "rate_limit" in result.stdout
