"""What programs see: JSON, SARIF, workflow commands."""

import json
from dataclasses import replace

import pytest

from supergraph.diagnostics import Diagnostic, Place, Severity, render_github, to_json, to_sarif

ORDERS = Place(
    subgraph="orders",
    label="sub/orders.graphql",
    path="sub/orders.graphql",
    line=14,
    column=3,
    end_column=8,
    source_line="  price: Int",
)
REMOTE = Place(
    subgraph="users",
    label="http://u/graphql",
    path=None,
    line=2,
    column=1,
    end_column=2,
    source_line=None,
)


def diagnostic(
    *places: Place, severity: Severity = Severity.ERROR, code: str = "SOME_CODE", coordinate: str | None = "T.f"
) -> Diagnostic:
    return Diagnostic(
        severity=severity,
        code=code,
        message="100% wrong:\nall, of it",
        coordinate=coordinate,
        places=places,
        cure="Mend it.",
        meaning=f"{code} is about things.",
    )


def test_the_json_of_a_diagnostic() -> None:
    assert to_json(diagnostic(ORDERS, severity=Severity.WARNING)) == {
        "severity": "warning",
        "code": "SOME_CODE",
        "message": "100% wrong:\nall, of it",
        "coordinate": "T.f",
        "cure": "Mend it.",
        "locations": [
            {
                "subgraph": "orders",
                "file": "sub/orders.graphql",
                "line": 14,
                "column": 3,
                "end_column": 8,
                "source": "  price: Int",
            }
        ],
    }


def test_sarif_of_nothing_is_a_run_without_results() -> None:
    log = to_sarif([], version="1.2")
    assert log["version"] == "2.1.0"
    assert log["runs"] == [
        {
            "tool": {"driver": {"name": "supergate", "version": "1.2", "rules": []}},
            "columnKind": "unicodeCodePoints",
            "results": [],
        }
    ]


def run_of(*diagnostics: Diagnostic) -> dict[str, list[dict[str, object]]]:
    [run] = json.loads(json.dumps(to_sarif(diagnostics, version="1")))["runs"]
    return {"results": run["results"], "rules": run["tool"]["driver"]["rules"]}


def test_sarif_lists_each_rule_once_with_its_description() -> None:
    run = run_of(diagnostic(code="B_CODE"), diagnostic(code="A_CODE"), diagnostic(code="B_CODE", coordinate="U"))
    assert [rule["id"] for rule in run["rules"]] == ["A_CODE", "B_CODE"]
    assert run["rules"][0]["shortDescription"] == {"text": "A_CODE is about things."}
    assert [(result["ruleId"], result["ruleIndex"]) for result in run["results"]] == [
        ("B_CODE", 1),
        ("A_CODE", 0),
        ("B_CODE", 1),
    ]


def test_sarif_puts_a_result_at_the_first_place_and_relates_the_others() -> None:
    [result] = run_of(diagnostic(ORDERS, REMOTE))["results"]
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "sub/orders.graphql"},
                "region": {"startLine": 14, "startColumn": 3, "endColumn": 8, "snippet": {"text": "  price: Int"}},
            },
            "logicalLocations": [{"fullyQualifiedName": "T.f"}],
        }
    ]
    assert result["relatedLocations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "http://u/graphql"},
                "region": {"startLine": 2, "startColumn": 1, "endColumn": 2},
            },
            "id": 1,
            "message": {"text": "in subgraph users"},
        }
    ]


def test_sarif_names_the_element_if_there_is_no_place() -> None:
    [result] = run_of(diagnostic())["results"]
    assert result["locations"] == [{"logicalLocations": [{"fullyQualifiedName": "T.f"}]}]


def test_sarif_of_what_has_neither_place_nor_element() -> None:
    [result] = run_of(diagnostic(coordinate=None))["results"]
    assert "locations" not in result


def test_sarif_names_the_element_beside_a_place_only_if_there_is_one() -> None:
    [result] = run_of(diagnostic(ORDERS, coordinate=None))["results"]
    assert "logicalLocations" not in str(result)


def test_sarif_escapes_file_names() -> None:
    odd = Place(
        subgraph="o", label="a b/ü.graphql", path="a b/ü.graphql", line=1, column=1, end_column=2, source_line=None
    )
    [result] = run_of(diagnostic(odd))["results"]
    assert "'uri': 'a%20b/%C3%BC.graphql'" in str(result)


@pytest.mark.parametrize(
    ("severity", "level"),
    [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note"), (Severity.DEBUG, "none")],
)
def test_sarif_levels(severity: Severity, level: str) -> None:
    run = run_of(diagnostic(severity=severity))
    assert [result["level"] for result in run["results"]] == [level]
    assert run["rules"][0]["defaultConfiguration"] == {"level": level}


def test_a_workflow_command_has_its_place_and_escapes() -> None:
    assert render_github([diagnostic(ORDERS)]) == (
        "::error file=sub/orders.graphql,line=14,col=3,endColumn=7,title=SOME_CODE::"
        "100%25 wrong:%0Aall, of it%0AMend it."
    )


def test_a_workflow_command_escapes_its_properties() -> None:
    odd = Place(subgraph="o", label="x", path="a,b:c%.graphql", line=1, column=1, end_column=2, source_line=None)
    assert "file=a%2Cb%3Ac%25.graphql,line=1" in render_github([diagnostic(odd)])


def test_a_workflow_command_stands_at_the_first_place_that_is_in_a_file() -> None:
    command = render_github([diagnostic(REMOTE, ORDERS)])
    assert command.startswith("::error file=sub/orders.graphql,line=14,")
    assert "At http://u/graphql:2:1, sub/orders.graphql:14:3%0A" in command


def test_a_workflow_command_without_a_file() -> None:
    assert render_github([diagnostic(REMOTE)]).startswith("::error title=SOME_CODE::100%25")


@pytest.mark.parametrize(
    ("severity", "start"),
    [
        (Severity.WARNING, "::warning title=SOME_CODE::"),
        (Severity.INFO, "::notice title=SOME_CODE::"),
        (Severity.DEBUG, "::debug::SOME_CODE: "),
    ],
)
def test_the_commands_of_hints(severity: Severity, start: str) -> None:
    assert render_github([diagnostic(severity=severity)]).startswith(start)


def test_each_command_has_a_line_of_its_own() -> None:
    assert len(render_github([diagnostic(), diagnostic()]).splitlines()) == 2


def test_a_line_that_would_fill_a_report_is_left_out() -> None:
    endless = replace(ORDERS, source_line="x" * 2001)
    assert str(to_json(diagnostic(endless))).endswith("'source': None}]}")
    assert "snippet" not in str(run_of(diagnostic(endless)))
