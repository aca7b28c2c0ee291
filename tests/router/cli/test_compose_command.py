"""``supergate compose``: for people, programs, code scanning and workflows."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from router.cli import app
from router.cli.report import colour_wanted

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])\n'
USERS = LINK + 'type Query {\n  me: User\n}\n"A person"\ntype User @key(fields: "id") {\n  id: ID!\n  name: String\n}\n'
REVIEWS = LINK + 'type User @key(fields: "id") {\n  id: ID!\n  reviews: [String]\n}\n'
CLASH = REVIEWS.replace("reviews: [String]", "name: String")
AWAY = "http://127.0.0.1:9/graphql"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, users=USERS, reviews=REVIEWS)
    return tmp_path


def write(folder: Path, **sdls: str) -> None:
    """Write the subgraphs' files and the ``supergraph.yaml`` that names them."""
    entries = [f'  {name}: {{routing_url: "http://{name}", schema: {{file: {name}.graphql}}}}\n' for name in sdls]
    (folder / "supergraph.yaml").write_text("subgraphs:\n" + "".join(entries))
    for name, sdl in sdls.items():
        (folder / f"{name}.graphql").write_text(sdl)


def compose(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["compose", "--config", "supergraph.yaml", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.usefixtures("folder")
def test_the_supergraph_goes_to_stdout_and_nothing_else_is_said() -> None:
    result = compose()
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("schema\n")


def test_an_error_is_shown_where_it_is_with_a_cure(folder: Path) -> None:
    write(folder, users=USERS, reviews=CLASH)
    result = compose()
    assert (result.exit_code, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert lines[0].startswith("error[INVALID_FIELD_SHARING]: ")
    assert lines[1:-2] == [
        " --> reviews.graphql:4:3 (reviews)",
        "  |",
        "4 |   name: String",
        "  |   ^^^^",
        " --> users.graphql:8:3 (users)",
        "  |",
        "8 |   name: String",
        "  |   ^^^^",
        "  = cure: Add @shareable to User.name where it is missing (reviews.graphql:4 and users.graphql:8), "
        "or keep it in one subgraph only.",
    ]
    assert lines[-1] == "error: the subgraphs do not compose: 1 error"


def test_the_order_of_the_file_changes_nothing(folder: Path) -> None:
    write(folder, users=USERS, reviews=CLASH)
    first = compose("--hints", "debug").stderr
    write(folder, reviews=CLASH, users=USERS)
    assert compose("--hints", "debug").stderr == first


def test_a_satisfiability_error_shows_the_operation_and_the_missing_hop(folder: Path) -> None:
    reviews = REVIEWS.replace('@key(fields: "id")', '@key(fields: "id", resolvable: false)')
    write(folder, users=USERS, reviews=reviews)
    result = compose()
    assert result.exit_code == 1
    assert "error[SATISFIABILITY_ERROR]" in result.stderr
    assert "  query {\n    me {\n      reviews\n    }\n  }\n" in result.stderr
    assert '- from subgraph "users":' in result.stderr
    assert 'cannot move to subgraph "reviews"' in result.stderr
    assert " --> reviews.graphql:4:3 (reviews)" in result.stderr


def test_an_output_is_not_touched_by_a_failure(folder: Path) -> None:
    write(folder, users=USERS, reviews=CLASH)
    (folder / "out.graphql").write_text("old")
    assert compose("-o", "out.graphql").exit_code == 1
    assert (folder / "out.graphql").read_text() == "old"


@pytest.mark.usefixtures("folder")
def test_an_output_that_cannot_be_written_is_told() -> None:
    result = compose("-o", "no/out.graphql")
    assert result.exit_code == 1
    assert "error: no/out.graphql: cannot be written: No such file or directory" in result.stderr


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ([], ["warning[INCONSISTENT_DESCRIPTION]"]),
        (["--hints", "none"], []),
        (["--hints", "warning"], ["warning[INCONSISTENT_DESCRIPTION]"]),
        (["--hints", "debug"], ["warning[INCONSISTENT_DESCRIPTION]", "debug[UNUSED_ENUM_TYPE]"]),
    ],
    ids=["default", "none", "warning", "debug"],
)
def test_hints_are_told_down_to_a_level(folder: Path, choice: list[str], told: list[str]) -> None:
    write(folder, users=USERS + "enum Idle { A }", reviews=REVIEWS.replace("type User", '"Somebody"\ntype User'))
    result = compose(*choice)
    assert result.exit_code == 0
    assert [line.split(":")[0] for line in result.stderr.splitlines() if "]: " in line] == told


def test_json_has_errors_with_places_and_cures(folder: Path) -> None:
    write(folder, users=USERS, reviews=CLASH)
    result = compose("--format", "json", "--hints", "none")
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["sdl"], answer["hints"]) == (1, None, [])
    [error] = answer["errors"]
    assert (error["code"], error["coordinate"], error["severity"]) == ("INVALID_FIELD_SHARING", "User.name", "error")
    assert error["cure"].startswith("Add @shareable to User.name")
    assert error["locations"][0] == {
        "subgraph": "reviews",
        "file": "reviews.graphql",
        "line": 4,
        "column": 3,
        "end_column": 7,
        "source": "  name: String",
    }


def test_json_has_all_hints_and_the_supergraph(folder: Path) -> None:
    write(folder, users=USERS + "enum Idle { A }", reviews=REVIEWS)
    answer = json.loads(compose("--format", "json", "-o", "out.graphql").stdout)
    assert [hint["code"] for hint in answer["hints"]] == ["UNUSED_ENUM_TYPE"]
    assert answer["sdl"] == (folder / "out.graphql").read_text()


def test_sarif_is_for_code_scanning(folder: Path) -> None:
    write(folder, users=USERS, reviews=CLASH)
    result = compose("--format", "sarif")
    assert result.exit_code == 1
    [run] = json.loads(result.stdout)["runs"]
    [found] = run["results"]
    assert (run["tool"]["driver"]["name"], found["ruleId"]) == ("supergate", "INVALID_FIELD_SHARING")
    assert found["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "reviews.graphql"}


def test_workflow_commands_are_for_github(folder: Path) -> None:
    write(folder, users=USERS, reviews=CLASH)
    result = compose("--format", "github")
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "::error file=reviews.graphql,line=4,col=3,endColumn=6,title=INVALID_FIELD_SHARING::"
    )


@pytest.mark.parametrize(("format_", "printed"), [("github", ""), ("sarif", '  "version": "2.1.0"')])
def test_other_formats_keep_the_supergraph_for_the_output(folder: Path, format_: str, printed: str) -> None:
    result = compose("--format", format_, "-o", "out.graphql")
    assert result.exit_code == 0
    assert printed in result.stdout
    assert "join__Graph" not in result.stdout
    assert "join__Graph" in (folder / "out.graphql").read_text()


def test_sdl_from_python_composes_with_files(folder: Path) -> None:
    (folder / "shop.py").write_text(f"def make():\n    return {REVIEWS!r}\n")
    (folder / "supergraph.yaml").write_text(
        'subgraphs:\n  users: {routing_url: "http://u", schema: {file: users.graphql}}\n'
        '  reviews: {routing_url: "http://r", schema: {python: "shop:make"}}\n'
    )
    result = compose()
    assert result.exit_code == 0
    assert "reviews: [String]" in result.stdout


def test_a_subgraph_that_is_away_is_named(folder: Path) -> None:
    (folder / "supergraph.yaml").write_text(f'subgraphs: {{users: {{schema: {{subgraph_url: "{AWAY}"}}}}}}')
    result = compose()
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f'error: subgraph "users": {AWAY} cannot be reached')


def test_the_last_copy_of_a_subgraph_that_is_away_is_composed(folder: Path) -> None:
    (folder / "supergraph.yaml").write_text(f'subgraphs: {{users: {{schema: {{subgraph_url: "{AWAY}"}}}}}}')
    (folder / ".supergate").mkdir()
    (folder / ".supergate" / "users.graphql").write_text(USERS)
    result = compose("--allow-missing")
    assert result.exit_code == 0
    assert "type User" in result.stdout
    assert 'note: subgraph "users" is away, so its SDL of ' in result.stderr


@pytest.mark.parametrize("arguments", [["--format", "xml"], ["--hints", "all"]])
@pytest.mark.usefixtures("folder")
def test_an_unknown_choice_is_bad_usage(arguments: list[str]) -> None:
    assert compose(*arguments).exit_code == 2


class Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_terminals_get_colours(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wanted: bool) -> None:  # noqa: FBT001 - a table
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", Terminal())
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert colour_wanted() is wanted
