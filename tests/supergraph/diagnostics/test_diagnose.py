"""From errors and hints to diagnostics: places, marks, cures and their order."""

from itertools import permutations

import pytest

from supergraph.compose import Composition, Subgraph, compose
from supergraph.diagnostics import Diagnostic, SdlSource, Severity, diagnose, render_text
from supergraph.errors import CompositionError, Hint, HintLevel, SourceLocation
from tests.composing import fed2
from tests.supergraph.compose.test_error_codes import CASES as ERROR_CASES
from tests.supergraph.compose.test_error_codes import Case

SOMEWHERE = [case for case in ERROR_CASES if case.code != "NO_QUERIES"]
"""That there is no query is an error of what is not there."""


def source(text: str, label: str = "a.graphql") -> SdlSource:
    return SdlSource(label=label, text=text, path=label)


def diagnosed(**sdls: str) -> tuple[Diagnostic, ...]:
    texts = {name: fed2(sdl) for name, sdl in sdls.items()}
    composition = compose([Subgraph(name, "http://x", text) for name, text in texts.items()])
    return diagnose(composition, {name: source(text, f"{name}.graphql") for name, text in texts.items()})


def located(text: str, line: int, column: int) -> Diagnostic:
    error = CompositionError("INVALID_GRAPHQL", "no", (SourceLocation("a", line, column),))
    [diagnostic] = diagnose(Composition(None, (error,)), {"a": source(text)})
    return diagnostic


def marked(text: str, line: int = 1, column: int = 1) -> str:
    [place] = located(text, line, column).places
    assert place.source_line is not None
    return place.source_line[place.column - 1 : place.end_column - 1]


def test_each_side_of_an_error_has_its_file_line_and_column() -> None:
    [error] = diagnosed(a="type Query {\n  x: Int\n}", b="type Query { y: Int\n x: Int }")
    assert error.code == "INVALID_FIELD_SHARING"
    assert [str(place) for place in error.places] == ["a.graphql:2:3", "b.graphql:2:2"]
    assert [place.source_line for place in error.places] == ["  x: Int", " x: Int }"]


def test_the_cure_names_the_element_and_its_places() -> None:
    [error] = diagnosed(a="type Query {\n  x: Int\n}", b="type Query { y: Int\n x: Int }")
    assert error.cure.startswith("Add @shareable to Query.x where it is missing (a.graphql:2 and b.graphql:2)")


def test_many_places_are_counted_in_the_cure() -> None:
    [error] = diagnosed(**dict.fromkeys("abcde", "type Query { x: Int }"))
    assert "a.graphql:1, b.graphql:1 and 3 more places" in error.cure
    assert len(error.places) == 5


def test_an_unsatisfiable_field_is_shown_where_it_is_defined() -> None:
    a = 'type Query { t: T }\ntype T @key(fields: "id") { id: ID! }'
    errors = diagnosed(a=a, b='type T @key(fields: "id", resolvable: false) {\n  id: ID!\n  far: Int\n}')
    assert [(error.code, [str(place) for place in error.places]) for error in errors] == [
        ("SATISFIABILITY_ERROR", ["b.graphql:3:3"])
    ]


@pytest.mark.parametrize(
    ("coordinate", "place"),
    [
        ("T", (3, 6)),
        ("Query.a", (2, 10)),
        ("Query.a(n:)", (2, 12)),
        ("T.f", (3, 10)),
        ("E.V", (4, 10)),
        ("@d", (5, 12)),
        ("@d(x:)", (5, 14)),
    ],
)
def test_a_coordinate_is_found_in_the_source(coordinate: str, place: tuple[int, int]) -> None:
    text = (
        "schema { query: Q }\ntype Q { a(n: Int): Int }\ntype T { f: Int }\nenum E { V }\ndirective @d(x: Int) on FIELD"
    )
    error = CompositionError("NO_QUERIES", "no", coordinate=coordinate)
    [diagnostic] = diagnose(Composition(None, (error,)), {"a": source(text)})
    assert [(found.line, found.column) for found in diagnostic.places] == [place]


def test_a_coordinate_is_found_in_every_source_that_has_it() -> None:
    errors = (
        CompositionError("NO_QUERIES", "a", coordinate="T.f"),
        CompositionError("NO_QUERIES", "b", coordinate="T"),
    )
    sources = {name: source("type T { f: Int }", name) for name in "ba"}
    found = diagnose(Composition(None, errors), sources)
    assert [str(place) for diagnostic in found for place in diagnostic.places] == ["a:1:6", "b:1:6", "a:1:10", "b:1:10"]


@pytest.mark.parametrize("case", SOMEWHERE, ids=[f"{number}-{case}" for number, case in enumerate(SOMEWHERE)])
def test_every_error_that_is_tested_has_a_place(case: Case) -> None:
    is_whole = case.version in (None, "first")
    texts = {name: sdl if is_whole else fed2(sdl, str(case.version)) for name, sdl in case.subgraphs.items()}
    composition = compose([Subgraph(name, "http://x", text) for name, text in texts.items()])
    told = diagnose(composition, {name: source(text, name) for name, text in texts.items()})
    assert [error.message for error in told if error.severity is Severity.ERROR and not error.places] == []


def test_a_coordinate_is_not_looked_for_in_what_is_not_graphql() -> None:
    error = CompositionError("NO_QUERIES", "no", coordinate="T")
    [diagnostic] = diagnose(Composition(None, (error,)), {"a": source("type {")})
    assert diagnostic.places == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("field: Int", "field"),
        ("type Product @key {", "type Product"),
        ("extend type Product {", "extend type Product"),
        ("extend schema @link", "extend schema"),
        ("directive @mine on FIELD", "directive @mine"),
        ("type: String", "type"),
        ('@key(fields: "a(x: 1) b") { id }', '@key(fields: "a(x: 1) b")'),
        ("@external }", "@external"),
        ("@key(\n", "@key"),
        ('"a value")', '"a value"'),
        ("} more", "}"),
        ("", ""),
    ],
)
def test_what_starts_at_the_place_is_marked(text: str, expected: str) -> None:
    assert marked(text) == expected


@pytest.mark.parametrize(
    "description", ['"d" ', '"""d"""\n', '"""\n"" \\""" d\n"""\n  ', '"d" # a comment\n', '"d",\n']
)
def test_a_description_is_skipped(description: str) -> None:
    assert marked(f"{description}field: Int") == "field"


def test_a_skipped_description_moves_the_line() -> None:
    [place] = located('"""\nd\n"""\n  field: Int', 1, 1).places
    assert (place.line, place.column, place.source_line) == (4, 3, "  field: Int")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_end_as_in_graphql(line_end: str) -> None:
    text = f"first{line_end}sec\x0b\u2028ond{line_end}third"
    assert [marked(text, 2, 4), marked(text, 3, 1)] == ["\x0b", "third"]


@pytest.mark.parametrize(("line", "column"), [(0, 0), (9, 9), (1, 99), (2, 1)])
def test_a_place_outside_the_text_is_no_failure(line: int, column: int) -> None:
    assert located("one", line, column).places


def test_a_subgraph_without_source_is_told_by_its_name() -> None:
    error = CompositionError("INVALID_GRAPHQL", "no", (SourceLocation("a", 3, 4),))
    [diagnostic] = diagnose(Composition(None, (error,)), {})
    assert [(str(place), place.source_line) for place in diagnostic.places] == [("a:3:4", None)]


def test_places_that_are_the_same_are_told_once() -> None:
    text = 'type Query { x: Int } "d" type T { x: Int }'
    error = CompositionError("INVALID_GRAPHQL", "no", (SourceLocation("a", 1, 23), SourceLocation("a", 1, 27)))
    [diagnostic] = diagnose(Composition(None, (error,)), {"a": source(text)})
    assert [place.column for place in diagnostic.places] == [27]


def test_diagnostics_come_by_severity_and_place() -> None:
    hints = tuple(
        Hint("UNUSED_ENUM_TYPE", level.name, level, (SourceLocation("a", line, 1),))
        for level, line in [(HintLevel.DEBUG, 1), (HintLevel.INFO, 1), (HintLevel.WARN, 2), (HintLevel.WARN, 1)]
    )
    found = diagnose(Composition(None, (CompositionError("NO_QUERIES", "no"),), hints), {})
    assert [diagnostic.severity for diagnostic in found] == [
        Severity.ERROR,
        Severity.WARNING,
        Severity.WARNING,
        Severity.INFO,
        Severity.DEBUG,
    ]
    assert [diagnostic.places[0].line for diagnostic in found[1:3]] == [1, 2]


def test_the_same_entry_twice_is_told_once() -> None:
    error = CompositionError("NO_QUERIES", "no")
    assert len(diagnose(Composition(None, (error, error)), {})) == 1


def test_the_order_of_subgraphs_changes_nothing() -> None:
    sdls = {
        "a": 'type Query { x: Int z: E } enum E { A B } type T @key(fields: "id") { id: ID! p: Int }',
        "b": 'type Query { x: String } enum E { A } type T @key(fields: "id") { id: Int! p: Int }',
        "c": 'type Query { x: Int y(e: E): E } enum E { C } "other" type T @key(fields: "id") { id: ID! q: Int }',
    }
    told = {render_text(diagnosed(**{name: sdls[name] for name in order})) for order in permutations(sdls)}
    assert len(told) == 1
    assert "FIELD_TYPE_MISMATCH" in told.pop()
