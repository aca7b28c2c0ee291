"""``supergate policies``."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from router.cli import app

CONFIG = """
policies: {csrf: measure, rate_limit: {routes: {orders: off}, plans: {pro: measure}}}
ratelimit: {global: {capacity: 5, interval: 1m}}
security: {ip: {deny: [203.0.113.0/24]}}
rest: {routes: [{name: orders, method: GET, path: "/orders", upstream: "http://orders.test"}]}
"""


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["policies", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("router.yaml").write_text(CONFIG)


def listed(*arguments: str) -> dict[str, str]:
    lines = run("--config", "router.yaml", *arguments).stdout.splitlines()[1:]
    return {line.split()[1]: line.split()[2] for line in lines}


def test_the_policies_stand_in_the_order_in_which_they_are_asked() -> None:
    found = list(listed())
    assert found[:4] == ["request_id", "observe", "security_headers", "body_size"]
    assert [name for name in found if name in ("ip", "cors", "csrf", "authorize", "rate_limit")] == [
        "ip", "cors", "csrf", "authorize", "rate_limit",
    ]  # fmt: skip


def test_each_has_the_mode_of_that_route_and_plan() -> None:
    assert listed()["csrf"] == "measure"
    assert listed()["rate_limit"] == "enforce"
    assert listed("--route", "orders")["rate_limit"] == "off"
    assert listed("--plan", "pro")["rate_limit"] == "measure"


def test_an_unknown_route_is_told_with_those_that_there_are() -> None:
    result = run("--config", "router.yaml", "--route", "order")
    assert result.exit_code == 2
    assert "graphql, orders" in result.stderr


def test_a_plugin_that_cannot_be_loaded_is_told_without_a_traceback() -> None:
    Path("router.yaml").write_text("plugins: [{use: 'no.such:Plugin'}]")
    result = run("--config", "router.yaml")
    assert result.exit_code == 1
    assert "plugins[0].use" in result.stderr
