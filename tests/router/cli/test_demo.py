import os
import socket
from pathlib import Path

import jwt
import pytest
import typer
from typer.testing import CliRunner

from router.cli.demo import (
    GATEWAY,
    HOST,
    DemoError,
    Ports,
    check_ports,
    demo,
    running_child,
    wait_until_healthy,
    watch,
)
from router.cli.demo_token import AUDIENCE, ISSUER, make_demo_token
from tests.free_ports import free_port

NOW = 1_700_000_000
PORTS = Ports(gateway=4000, users=4101, orders=4102, products=4103, metrics=9090)


def test_a_taken_port_is_named_with_what_needs_it() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=rf"^this port is taken: {port} \(orders\); stop what listens there"):
            check_ports({"orders": port})


def test_a_port_that_two_want_is_refused() -> None:
    with pytest.raises(DemoError, match=r"^port 4101 is given for the gateway and users; each needs one of its own$"):
        check_ports({"the gateway": 4101, "users": 4101, "orders": 4102})


def test_free_ports_pass() -> None:
    check_ports({"users": free_port(), "orders": free_port()})


def test_the_demo_refuses_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(demo)
    result = CliRunner().invoke(app, ["--config", str(tmp_path / "router.yaml")])
    assert result.exit_code == 1
    assert result.stderr == (
        f"error: there is no {tmp_path}/router.yaml; "
        "run the demo in a checkout of Supergate, or name a file with --config\n"
    )


def test_the_ports_reach_the_configuration_by_environment() -> None:
    assert PORTS.environment() == {
        "USERS_PORT": "4101",
        "ORDERS_PORT": "4102",
        "PRODUCTS_PORT": "4103",
        "METRICS_PORT": "9090",
    }


def test_the_token_can_be_checked_with_the_published_key() -> None:
    token = make_demo_token(now_seconds=NOW)
    key = jwt.PyJWK(dict(token.jwks["keys"][0]))
    claims = jwt.decode(
        token.text, key, algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER, options={"verify_exp": False}
    )
    assert (claims["sub"], claims["plan"], claims["exp"] - claims["iat"]) == ("u1", "pro", 12 * 3600)


def test_the_published_key_has_no_private_part() -> None:
    assert "d" not in make_demo_token(now_seconds=NOW).jwks["keys"][0]


def test_each_start_has_keys_of_its_own() -> None:
    assert make_demo_token(now_seconds=NOW).jwks != make_demo_token(now_seconds=NOW).jwks


async def test_a_child_runs_while_its_context_lasts() -> None:
    port = free_port()
    async with running_child("subgraphs.users", "--port", str(port), environment=os.environ) as process:
        await wait_until_healthy("users", process, port)
        assert process.returncode is None
    assert process.returncode == 0


async def test_a_child_that_cannot_start_is_reported() -> None:
    port = free_port()
    async with running_child("subgraphs.users", "--unknown", environment=os.environ) as process:
        with pytest.raises(DemoError, match=r"^users could not start \(exit code 2\)"):
            await wait_until_healthy("users", process, port)


async def test_a_subgraph_that_stops_by_itself_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    async with running_child("subgraphs.users", "--sdl", environment=os.environ) as process:
        await watch({"users": process})
    expected = "users has stopped with exit code 0; to start it again: python -m subgraphs.users\n"
    assert capsys.readouterr().err == expected


async def test_the_demo_ends_with_its_gateway() -> None:
    async with running_child("subgraphs.users", "--sdl", environment=os.environ) as process:
        with pytest.raises(DemoError, match=r"^the gateway has stopped with exit code 0$"):
            await watch({GATEWAY: process})
