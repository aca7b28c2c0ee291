"""Exit codes and messages: results on stdout, all else on stderr, never a traceback."""

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from router.cli import app
from tests.live_gateway import REVIEWS_SDL, USERS_SDL, compose_supergraph


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def supergraph(tmp_path: Path) -> Path:
    path = tmp_path / "supergraph.graphql"
    path.write_text(compose_supergraph("http://u/graphql", "http://r/graphql").sdl)
    return path


@pytest.fixture
def rover_file(tmp_path: Path) -> Path:
    (tmp_path / "users.graphql").write_text(USERS_SDL)
    (tmp_path / "reviews.graphql").write_text(REVIEWS_SDL)
    path = tmp_path / "supergraph.yaml"
    path.write_text("""
federation_version: =2.3.2
subgraphs:
  users: {routing_url: "http://u/graphql", schema: {file: ./users.graphql}}
  reviews: {routing_url: "http://r/graphql", schema: {file: ./reviews.graphql}}
""")
    return path


def test_version_names_the_gateway() -> None:
    result = run("version")
    assert (result.exit_code, result.stdout.split()[0]) == (0, "supergate")


def test_an_unknown_command_is_bad_usage() -> None:
    assert run("frobnicate").exit_code == 2


def test_compose_prints_the_supergraph(rover_file: Path) -> None:
    result = run("compose", "--config", rover_file)
    assert result.exit_code == 0
    assert "join__Graph" in result.stdout
    assert "type User" in result.stdout


def test_compose_writes_a_file(rover_file: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.graphql"
    result = run("compose", "--config", rover_file, "-o", target)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "type User" in target.read_text()


def test_compose_tells_errors_with_code_and_place(rover_file: Path, tmp_path: Path) -> None:
    (tmp_path / "reviews.graphql").write_text(REVIEWS_SDL.replace("id: ID!", "id: ID! name: String"))
    result = run("compose", "--config", rover_file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "INVALID_FIELD_SHARING" in result.stderr
    assert "users.graphql:6:" in result.stderr


def test_compose_gives_json_to_machines(rover_file: Path, tmp_path: Path) -> None:
    (tmp_path / "reviews.graphql").write_text(REVIEWS_SDL.replace("id: ID!", "id: ID! name: String"))
    result = run("compose", "--config", rover_file, "--format", "json")
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["sdl"]) == (1, None)
    assert answer["errors"][0]["code"] == "INVALID_FIELD_SHARING"
    assert {place["subgraph"] for place in answer["errors"][0]["locations"]} == {"users", "reviews"}


def test_compose_without_a_config_is_bad_usage() -> None:
    assert run("compose").exit_code == 2


def test_compose_tells_of_a_mistake_in_its_file_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "supergraph.yaml"
    path.write_text("subgraphs:\n  a:\n    routing_ulr: x\n    schema: {sdl: x}\n")
    result = run("compose", "--config", path)
    assert result.exit_code == 1
    assert f'{path}:3:5: subgraphs.a.routing_ulr: unknown key; did you mean "routing_url"?' in result.stderr


def test_compose_names_a_missing_schema_file(rover_file: Path, tmp_path: Path) -> None:
    (tmp_path / "users.graphql").unlink()
    result = run("compose", "--config", rover_file)
    assert result.exit_code == 1
    assert (
        f'{tmp_path / "users.graphql"}: no such file (the SDL of subgraph "users" was expected here)' in result.stderr
    )


def test_plan_prints_a_plan(supergraph: Path, tmp_path: Path) -> None:
    operation = tmp_path / "me.graphql"
    operation.write_text("{ me { name reviews } }")
    result = run("plan", "--supergraph", supergraph, operation)
    assert result.exit_code == 0
    assert result.stdout.startswith("QueryPlan {")


def test_plan_gives_json_to_machines(supergraph: Path, tmp_path: Path) -> None:
    operation = tmp_path / "me.graphql"
    operation.write_text("query A { me { name } } query B { me { reviews } }")
    result = run("plan", "--supergraph", supergraph, operation, "--format", "json", "--operation-name", "A")
    assert json.loads(result.stdout)["node"]["serviceName"] == "users"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ me {", ":1:7: Syntax Error: Expected Name, found <EOF>. (GRAPHQL_PARSE_FAILED)"),
        ("{\n  nope }", ":2:3: Cannot query field 'nope' on type 'Query'. (GRAPHQL_VALIDATION_FAILED)"),
    ],
)
def test_plan_tells_what_is_wrong_with_the_operation(supergraph: Path, tmp_path: Path, text: str, message: str) -> None:
    operation = tmp_path / "me.graphql"
    operation.write_text(text)
    result = run("plan", "--supergraph", supergraph, operation)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"error: {operation}{message}" in result.stderr


@pytest.mark.parametrize("command", ["serve", "plan"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(None, "no such file", id="missing"),
        pytest.param("this is not GraphQL", "Syntax Error", id="not GraphQL"),
        pytest.param("type Query { a: Int }", "INVALID_FEDERATION_SUPERGRAPH", id="no supergraph"),
        pytest.param("", "INVALID_GRAPHQL", id="empty"),
    ],
)
def test_a_bad_supergraph_file_is_told(tmp_path: Path, command: str, text: str | None, message: str) -> None:
    path = tmp_path / "supergraph.graphql"
    operation = tmp_path / "op.graphql"
    operation.write_text("{ a }")
    if text is not None:
        path.write_text(text)
    arguments = [command, "--supergraph", path, *([operation] if command == "plan" else ["--workers", "1"])]
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"error: {path}: " in result.stderr
    assert message in result.stderr


def test_serve_without_a_graph_says_how_to_give_one() -> None:
    result = run("serve")
    assert result.exit_code == 1
    assert "give --supergraph FILE, --compose SUPERGRAPH_YAML" in result.stderr


def test_serve_takes_one_source_only(supergraph: Path) -> None:
    assert run("serve", "--supergraph", supergraph, "--compose", supergraph).exit_code == 2


def test_serve_refuses_a_wrong_configuration_with_every_place(tmp_path: Path, supergraph: Path) -> None:
    config = tmp_path / "router.yaml"
    config.write_text("limitz: {}\nserver: {workers: many}\n")
    result = run("serve", "--config", config, "--supergraph", supergraph)
    assert result.exit_code == 1
    assert f'error: {config}:1:1: limitz: unknown key; did you mean "limits"?' in result.stderr
    assert f"error: {config}:2:10: server.workers: input should be a valid integer" in result.stderr


def test_serve_refuses_a_route_whose_operation_is_wrong(tmp_path: Path, supergraph: Path) -> None:
    (tmp_path / "route.graphql").write_text("{\n  nope }")
    config = tmp_path / "router.yaml"
    config.write_text("rest: {routes: [{name: r, path: /r, operation: ./route.graphql}]}")
    result = run("serve", "--config", config, "--supergraph", supergraph, "--workers", "1")
    assert result.exit_code == 1
    assert f"error: {tmp_path / 'route.graphql'}:2:3: route r: Cannot query field" in result.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_serve_says_that_a_port_is_taken(supergraph: Path, workers: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        address = ("--host", "127.0.0.1", "--port", str(port))
        result = run("serve", "--supergraph", supergraph, *address, "--workers", str(workers))
    assert result.exit_code == 1
    assert f"error: 127.0.0.1:{port} is taken" in result.stderr


def test_config_validate_is_quiet_on_stdout(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    path.write_text("version: 1")
    result = run("config", "validate", path)
    assert (result.exit_code, result.stdout) == (0, "")


def test_config_schema_is_a_json_schema() -> None:
    schema = json.loads(run("config", "schema").stdout)
    assert "limits" in schema["properties"]


@pytest.mark.parametrize("command", ["serve", "compose", "plan"])
def test_help_shows_an_example(command: str) -> None:
    assert f"supergate {command} --" in " ".join(run(command, "--help").stdout.split())
