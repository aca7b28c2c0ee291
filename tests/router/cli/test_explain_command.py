import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from router.cli import app
from tests.live_gateway import compose_supergraph


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["explain", *map(str, arguments)])


@pytest.fixture
def supergraph(tmp_path: Path) -> Path:
    path = tmp_path / "supergraph.graphql"
    path.write_text(compose_supergraph("http://u/graphql", "http://r/graphql").sdl)
    return path


@pytest.fixture
def operation(tmp_path: Path) -> Path:
    path = tmp_path / "operation.graphql"
    path.write_text("{ __typename users { name reviews } }")
    return path


def test_text_names_subgraph_key_and_cause(supergraph: Path, operation: Path) -> None:
    result = run("--supergraph", supergraph, operation)
    assert result.exit_code == 0
    assert "reviews for User at users, stage 1" in result.stdout
    assert "by the key { id }" in result.stdout
    assert "for User.reviews" in result.stdout


def test_text_that_is_no_terminal_has_no_colour(supergraph: Path, operation: Path) -> None:
    assert "\x1b" not in run("--supergraph", supergraph, operation).stdout


def test_json_is_for_programs(supergraph: Path, operation: Path) -> None:
    explanation = json.loads(run("--supergraph", supergraph, operation, "--format", "json").stdout)
    assert set(explanation) == {"requests", "stages", "evaluations", "reasons", "savings"}
    assert [reason["subgraph"] for reason in explanation["reasons"]] == ["users", "reviews"]


def test_an_operation_that_does_not_fit_ends_with_1(supergraph: Path, tmp_path: Path) -> None:
    path = tmp_path / "wrong.graphql"
    path.write_text("{ nothing }")
    result = run("--supergraph", supergraph, path)
    assert result.exit_code == 1
    assert "GRAPHQL_VALIDATION_FAILED" in result.stderr


def test_a_missing_file_ends_with_1(supergraph: Path, tmp_path: Path) -> None:
    assert run("--supergraph", supergraph, tmp_path / "missing.graphql").exit_code == 1


def test_a_missing_option_ends_with_2(operation: Path) -> None:
    assert run(operation).exit_code == 2
