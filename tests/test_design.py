"""The example in the design document is true, and what it names exists."""

import re
from pathlib import Path

import pytest

from supergraph import QueryPlan, Subgraph, compose, plan, prepare, read_supergraph

ROOT = Path(__file__).parents[1]
DESIGN = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires"])\n'
)
SUBGRAPHS = ("orders", "post", "users")


def block(name: str) -> str:
    """The fenced block of this name."""
    found = re.search(rf"^```graphql {name}\n(.*?)^```$", DESIGN, flags=re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return found[1]


def example() -> QueryPlan:
    composition = compose([Subgraph(name, f"http://{name}", LINK + block(name)) for name in SUBGRAPHS])
    assert composition.sdl is not None, composition.errors
    supergraph = read_supergraph(composition.sdl)
    return plan(supergraph, prepare(supergraph, block("operation")))


def test_the_plan_is_the_plan_of_the_operation() -> None:
    assert example().pretty().strip() in DESIGN


def test_the_store_keeps_what_is_said() -> None:
    sent = " ".join(fetch.operation for fetch in example().fetches)
    assert all(field in sent for field in ("id weight buyer{id}", "cost", "fullName:name"))


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:router|supergraph)/[\w/]*)`", DESIGN))))
def test_a_module_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).is_dir() or (ROOT / f"{path}.py").is_file()
