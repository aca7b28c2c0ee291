"""How plans and explanations are shown: in colour where people look at them, and nowhere else."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from router.cli import app
from tests.live_gateway import compose_supergraph

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    supergraph, operation = tmp_path / "supergraph.graphql", tmp_path / "operation.graphql"
    supergraph.write_text(compose_supergraph("http://u/graphql", "http://r/graphql").sdl)
    operation.write_text("{ users { name reviews } }")
    return ["--supergraph", str(supergraph), str(operation)]


def shown(command: str, files: list[str], **environment: str) -> str:
    result = CliRunner().invoke(app, [command, *files], env={"NO_COLOR": "", "FORCE_COLOR": "", **environment})
    assert result.exit_code == 0
    return result.stdout


@pytest.mark.parametrize("command", ["plan", "explain"])
def test_a_terminal_gets_colour(command: str, files: list[str]) -> None:
    assert COLOUR.search(shown(command, files, FORCE_COLOR="1", TERM="xterm-256color"))


@pytest.mark.parametrize("command", ["plan", "explain"])
def test_a_pipe_gets_none(command: str, files: list[str]) -> None:
    assert not COLOUR.search(shown(command, files))


@pytest.mark.parametrize("command", ["plan", "explain"])
def test_colour_changes_no_word(command: str, files: list[str]) -> None:
    coloured = shown(command, files, FORCE_COLOR="1", TERM="xterm-256color")
    assert COLOUR.sub("", coloured) == shown(command, files)


@pytest.mark.parametrize("command", ["plan", "explain"])
def test_programs_get_json_without_colour(command: str, files: list[str]) -> None:
    coloured = shown(command, [*files, "--format", "json"], FORCE_COLOR="1", TERM="xterm-256color")
    assert not COLOUR.search(coloured)


def test_an_explanation_tells_what_would_be_saved_and_by_which_directive(files: list[str]) -> None:
    text = shown("explain", files)
    assert "@shareable on User.reviews in users: 1 fewer requests, 1 fewer stages" in text
    assert '@provides(fields: "reviews") on Query.users in users: 1 fewer requests, 1 fewer stages' in text


def test_an_explanation_counts_the_requests_of_each_subgraph(files: list[str]) -> None:
    assert "users: 1, reviews: 1" in shown("explain", files)


def test_deferred_parts_are_planned_apart_where_that_is_asked_for(files: list[str]) -> None:
    Path(files[-1]).write_text("{ users { name ... @defer { reviews } } }")
    assert "Defer {" not in shown("plan", files)
    assert "Defer {" in shown("plan", [*files, "--defer"])
