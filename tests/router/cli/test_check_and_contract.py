"""``supergate check`` and ``supergate contract``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from router.cli import app
from supergraph import read_supergraph
from tests.composing import compose_fed2

SHOP = """
type Query { product: Product @tag(name: "public") stock(at: ID): Int }
type Product { id: ID @tag(name: "public") price: Int @tag(name: "internal") }
"""


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    compose("old.graphql", SHOP)
    return tmp_path


def compose(name: str, sdl: str) -> None:
    composition = compose_fed2(shop=sdl)
    assert composition.sdl is not None
    Path(name).write_text(composition.sdl)


def test_check_names_breaking_changes_and_fails() -> None:
    compose("new.graphql", SHOP.replace("price: Int", "cost: Int").replace("at: ID", "at: ID!"))
    result = run("check", "--against", "old.graphql", "--supergraph", "new.graphql")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "breaking[FIELD_REMOVED] Product.price: Field Product.price was removed.",
        "breaking[ARG_CHANGED_KIND] Query.stock(at:): Argument Query.stock(at:) has changed type from ID to ID!.",
        "2 breaking changes, no dangerous changes",
    ]


def test_check_names_dangerous_changes_and_passes() -> None:
    compose("new.graphql", SHOP.replace("at: ID", "at: ID, on: ID"))
    result = run("check", "--against", "old.graphql", "--supergraph", "new.graphql")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "no breaking changes, 1 dangerous change"


def test_check_does_not_see_what_clients_do_not_see() -> None:
    compose("old.graphql", SHOP + "type Own @inaccessible { x: Int }")
    compose("new.graphql", SHOP)
    assert run("check", "--against", "old.graphql", "--supergraph", "new.graphql").exit_code == 0


def test_check_composes_first() -> None:
    Path("shop.graphql").write_text("type Query { product: Int }")
    Path("supergraph.yaml").write_text("subgraphs: {shop: {routing_url: 'http://s', schema: {file: shop.graphql}}}")
    result = run("check", "--against", "old.graphql", "--config", "supergraph.yaml")
    assert result.exit_code == 1
    assert "breaking[FIELD_CHANGED_KIND] Query.product" in result.stdout


def test_check_tells_why_it_cannot_compose() -> None:
    Path("shop.graphql").write_text("type Query { product: Product }")
    Path("supergraph.yaml").write_text("subgraphs: {shop: {routing_url: 'http://s', schema: {file: shop.graphql}}}")
    result = run("check", "--against", "old.graphql", "--config", "supergraph.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[INVALID_GRAPHQL]" in result.stderr
    assert " --> shop.graphql:1:" in result.stderr


def test_check_gives_json_to_machines() -> None:
    compose("new.graphql", SHOP.replace("price: Int", "cost: Int"))
    result = run("check", "--against", "old.graphql", "--supergraph", "new.graphql", "--format", "json")
    assert json.loads(result.stdout) == {
        "breaking": [
            {"kind": "FIELD_REMOVED", "coordinate": "Product.price", "message": "Field Product.price was removed."}
        ],
        "dangerous": [],
    }


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--against", "old.graphql"],
        ["--against", "old.graphql", "--supergraph", "a", "--config", "b"],
        ["--supergraph", "old.graphql"],
    ],
)
def test_check_needs_an_old_and_one_new_supergraph(arguments: list[str]) -> None:
    assert run("check", *arguments).exit_code == 2


@pytest.mark.parametrize("arguments", [["old.graphql", "no"], ["no", "old.graphql"]])
def test_check_tells_of_a_file_that_is_missing(arguments: list[str]) -> None:
    against, supergraph = arguments
    result = run("check", "--against", against, "--supergraph", supergraph)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error: no: no such file" in result.stderr


def test_contract_prints_a_supergraph_that_shows_less() -> None:
    result = run("contract", "--supergraph", "old.graphql", "--include", "public", "--exclude", "internal")
    assert (result.exit_code, result.stderr) == (0, "")
    query = read_supergraph(result.stdout).api_schema.query_type
    assert query is not None
    assert list(query.fields) == ["product"]


def test_contract_writes_a_file_that_can_be_a_contract_again() -> None:
    assert run("contract", "--supergraph", "old.graphql", "--exclude", "internal", "-o", "less.graphql").exit_code == 0
    result = run("contract", "--supergraph", "less.graphql", "--include", "public")
    assert list(read_supergraph(result.stdout).api_schema.type_map["Product"].fields) == ["id"]  # type: ignore[attr-defined] # an object type


def test_contract_hides_what_cannot_be_reached() -> None:
    compose("old.graphql", SHOP + "enum Idle { A }")
    result = run("contract", "--supergraph", "old.graphql", "--hide-unreachable")
    assert "Idle" not in read_supergraph(result.stdout).api_schema.type_map


def test_contract_says_which_tag_to_add() -> None:
    compose(
        "old.graphql",
        SHOP.replace("id: ID @tag", 'id: ID @tag(name: "private") @tag').replace('"public") price', '"x") price'),
    )
    result = run("contract", "--supergraph", "old.graphql", "--include", "public")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error: old.graphql: REFERENCED_INACCESSIBLE: " in result.stderr
    assert 'add @tag(name: "public") to Product or to one of its fields, or hide Query.product.' in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say what to hide"),
        (["--include", "a b"], '"a b" is no tag'),
        (["--exclude", ""], '"" is no tag'),
    ],
)
def test_contract_refuses_wrong_usage(arguments: list[str], message: str) -> None:
    result = run("contract", "--supergraph", "old.graphql", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_contract_tells_of_a_file_that_is_no_supergraph() -> None:
    Path("old.graphql").write_text("type Query { a: Int }")
    result = run("contract", "--supergraph", "old.graphql", "--include", "x")
    assert result.exit_code == 1
    assert "INVALID_FEDERATION_SUPERGRAPH" in result.stderr


@pytest.mark.parametrize("command", ["check", "contract"])
def test_help_has_an_example(command: str) -> None:
    assert f"supergate {command} --" in " ".join(run(command, "--help").stdout.split())
