from pathlib import Path

import pytest

from tests.cases.loader import load_cases, read_cases, update_case

TEXT = """# title: two operations on one graph
# needs: patience
--- subgraph a
type Query { t: Int }
--- operation
{ t }
--- fetches
1 a { t }
--- operation
query($v: Int) { t }
--- variables
{"v": 1}
--- labels
one two
--- fetches
1 a { t }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "two.txt"
    path.write_text(TEXT)
    return path


def test_every_operation_is_a_case_on_the_subgraphs_of_its_file(file: Path) -> None:
    first, second = load_cases(file.parent)

    assert [str(first), str(second)] == ["two", "two-1"]
    assert first.subgraphs == second.subgraphs
    assert first.subgraphs[0].body == "type Query { t: Int }"
    assert first.headers == {"title": "two operations on one graph", "needs": "patience"}


def test_a_case_has_its_own_variables_labels_and_expectations(file: Path) -> None:
    first, second = load_cases(file.parent)

    assert (first.operation.variables, first.labels) == ({}, frozenset())
    assert (second.operation.variables, second.labels) == ({"v": 1}, frozenset({"one", "two"}))
    assert second.expected == {"fetches": "1 a { t }"}


def test_an_update_changes_one_block_of_one_case(file: Path) -> None:
    update_case(load_cases(file.parent)[1], "fetches", "1 b { t }")

    assert file.read_text() == TEXT[::-1].replace("} t { a 1", "} t { b 1", 1)[::-1]


def test_an_update_adds_a_block_that_is_not_there(file: Path) -> None:
    update_case(load_cases(file.parent)[0], "plan", "QueryPlan {}")

    assert read_cases(file, file.read_text())[0].expected == {"fetches": "1 a { t }", "plan": "QueryPlan {}"}
