"""What the README shows has to be true: its examples are run, its commands and links are looked up."""

import json
import re
import shlex
from pathlib import Path

import pytest
import typer
import yaml

from router.cli import app
from subgraphs.orders.service import EXAMPLE as ORDERS
from subgraphs.products.service import EXAMPLE as PRODUCTS
from subgraphs.users.service import EXAMPLE as USERS
from supergraph import Subgraph, compose, plan, prepare, read_supergraph

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def commands(program: str) -> list[list[str]]:
    """The words behind each call of a program, in console blocks and in running text."""
    calls = re.findall(rf"^\$ {program} ([^#\n]+?) *(?:#.*)?$", README, flags=re.MULTILINE)
    calls += re.findall(rf"`{program} ([^`]+)`", README)
    return [shlex.split(call) for call in dict.fromkeys(calls)]


@pytest.mark.parametrize("operation", blocks("graphql"))
def test_the_plan_in_the_readme_is_the_plan_of_the_query(operation: str) -> None:
    subgraphs = [
        Subgraph(name=each.name, url=f"http://127.0.0.1:{each.port}/graphql", sdl=str(each.schema))
        for each in (USERS, ORDERS, PRODUCTS)
    ]
    sdl = compose(subgraphs).sdl
    assert sdl is not None
    supergraph = read_supergraph(sdl)
    assert plan(supergraph, prepare(supergraph, operation)).pretty().strip() in README


@pytest.mark.parametrize("text", blocks("json"))
def test_json_in_the_readme_is_json(text: str) -> None:
    assert isinstance(json.loads(text), dict)


@pytest.mark.parametrize("text", blocks("yaml"))
def test_yaml_in_the_readme_is_yaml(text: str) -> None:
    assert isinstance(yaml.safe_load(text), dict)


@pytest.mark.parametrize("arguments", commands("supergate"), ids=" ".join)
def test_commands_in_the_readme_exist_with_their_options(arguments: list[str]) -> None:
    command = typer.main.get_command(app)
    context = command.make_context("supergate", [arguments[0], "--help"], resilient_parsing=True)
    subcommand = command.get_command(context, arguments[0])  # type: ignore[attr-defined] # the app is a group
    assert subcommand is not None
    options = {option for parameter in subcommand.params for option in parameter.opts}
    assert {word for word in arguments[1:] if word.startswith("-")} <= options


@pytest.mark.parametrize("target", sorted({target for target, *_ in commands("make")}))
def test_make_targets_in_the_readme_exist(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_in_the_readme_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


@pytest.mark.parametrize("path", re.findall(r"^\| `([\w./]+)` ", README, flags=re.MULTILINE))
def test_folders_in_the_readme_exist(path: str) -> None:
    assert (ROOT / path).exists()
