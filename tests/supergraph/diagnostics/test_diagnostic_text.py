"""What people see."""

import re

import pytest

from supergraph.diagnostics import Diagnostic, Place, Severity, printable, render_text, summary
from supergraph.diagnostics.text import excerpt


def place(source: str | None = "  price: Int", column: int = 3, end: int = 8, **rest: object) -> Place:
    values = {"subgraph": "orders", "label": "orders.graphql", "path": "orders.graphql", "line": 14, **rest}
    return Place(column=column, end_column=end, source_line=source, **values)  # type: ignore[arg-type]  # a test's short form


def diagnostic(*places: Place, message: str = "It is wrong.", severity: Severity = Severity.ERROR) -> Diagnostic:
    return Diagnostic(
        severity=severity,
        code="SOME_CODE",
        message=message,
        coordinate="Product.price",
        places=places,
        cure="Mend it.",
        meaning="Things can be wrong.",
    )


def test_an_error_is_told_like_a_compilers() -> None:
    assert render_text([diagnostic(place(), place("price: String", 1, 6, line=7, label="x.graphql"))]) == (
        "error[SOME_CODE]: It is wrong.\n"
        "  --> orders.graphql:14:3 (orders)\n"
        "   |\n"
        "14 |   price: Int\n"
        "   |   ^^^^^\n"
        "  --> x.graphql:7:1 (orders)\n"
        "   |\n"
        " 7 | price: String\n"
        "   | ^^^^^\n"
        "   = cure: Mend it."
    )


def test_diagnostics_are_apart() -> None:
    text = render_text([diagnostic(severity=Severity.WARNING), diagnostic(severity=Severity.INFO)])
    assert (
        text
        == "warning[SOME_CODE]: It is wrong.\n  = cure: Mend it.\n\ninfo[SOME_CODE]: It is wrong.\n  = cure: Mend it."
    )


def test_further_lines_of_a_message_are_indented() -> None:
    assert "error[SOME_CODE]: one\n  two\n" in render_text([diagnostic(message="one\ntwo")])


def test_colours_change_nothing_but_the_colour() -> None:
    found = [diagnostic(place())]
    coloured = render_text(found, colour=True)
    assert "\x1b[1;31merror[SOME_CODE]\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_text(found)


def test_a_place_without_source_has_no_excerpt() -> None:
    text = render_text([diagnostic(place(None, label="orders"))])
    assert text == "error[SOME_CODE]: It is wrong.\n  --> orders:14:3\n   = cure: Mend it."


@pytest.mark.parametrize(
    ("line", "column", "end", "marker"),
    [
        ("\tprice", 2, 7, "\t^^^^^"),
        ("名 price", 3, 8, "   ^^^^^"),
        ("名", 1, 2, "^^"),
        ("e\u0301 x", 4, 5, "  ^"),
        ("type {", 7, 8, "      ^"),
    ],
)
def test_the_marker_stands_below_what_it_marks(line: str, column: int, end: int, marker: str) -> None:
    assert excerpt(place(line, column, end))[1] == marker


@pytest.mark.parametrize("column", [1, 50, 400])
def test_a_long_line_is_cut_around_the_marker(column: int) -> None:
    line = "." * (column - 1) + "HERE" + "." * (400 - column)
    shown, marker = excerpt(place(line, column, column + 4))
    assert len(shown) <= 122
    start = marker.index("^")
    assert shown[start : start + len(marker.strip())] == "HERE"


def test_a_marker_does_not_leave_a_cut_line() -> None:
    shown, marker = excerpt(place("x" * 400, 1, 401))
    assert shown == "x" * 120 + "…"
    assert marker == "^" * 120


def test_terminals_get_no_control_characters_from_subgraphs() -> None:
    evil = "\x1b[2J\u202e\u2028\r"
    text = render_text([diagnostic(place(f"a{evil}", label=f"l{evil}"), message=f"m{evil}")])
    assert not set(evil) - set("[2J") & set(text)
    assert printable("a\x00b\tc", keep="\t") == "a\N{REPLACEMENT CHARACTER}b\tc"


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], "no problems"),
        ([Severity.ERROR], "1 error"),
        ([Severity.WARNING, Severity.ERROR, Severity.ERROR], "2 errors, 1 warning"),
        ([Severity.INFO, Severity.DEBUG, Severity.DEBUG], "1 note, 2 details"),
    ],
)
def test_a_summary_counts(severities: list[Severity], expected: str) -> None:
    assert summary([diagnostic(severity=severity) for severity in severities]) == expected
