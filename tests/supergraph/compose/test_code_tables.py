"""No code is forgotten: each of the documented ones has a small schema that produces it."""

from collections.abc import Callable

import pytest

from supergraph.compose import Composition, Subgraph, compose
from supergraph.diagnostics.error_rules import ERROR_RULES
from supergraph.diagnostics.hint_rules import HINT_RULES
from supergraph.errors import SupergraphError
from supergraph.read import read_supergraph
from tests.composing import compose_fed2, compose_texts, error_codes, fed2, hint_codes
from tests.supergraph.compose.test_error_codes import CASES as ERROR_CASES
from tests.supergraph.compose.test_error_codes import QUERY
from tests.supergraph.compose.test_hint_codes import CASES as HINT_CASES
from tests.supergraph.compose.test_hint_codes import custom
from tests.supergraph_documents import supergraph_sdl


def compose_within(paths: int) -> Composition:
    """Compose two states of which each has one path."""
    sdl = fed2("type Query { t: T } type T { a: Int }")
    return compose([Subgraph("alpha", "http://alpha", sdl)], max_satisfiability_paths=paths)


OTHER_ERRORS: dict[str, Callable[[], Composition]] = {
    "INVALID_SUBGRAPH_NAME": lambda: compose_texts(_=fed2(QUERY)),
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED": lambda: compose_within(1),
}
READING_ERRORS = {
    "INVALID_FEDERATION_SUPERGRAPH": QUERY,
    "UNSUPPORTED_LINKED_FEATURE": supergraph_sdl(
        "type Query @join__type(graph: A) { a: Int }", links=('url: "https://a.b/c/v1.0", for: SECURITY',)
    ),
}
"""Composition writes no such supergraphs: they come from elsewhere."""
OTHER_HINTS: dict[str, Callable[[], Composition]] = {
    "DIRECTIVE_COMPOSITION_INFO": lambda: compose_fed2(
        alpha=QUERY + ' extend schema @composeDirective(name: "@tag")',
    ),
    "DIRECTIVE_COMPOSITION_WARN": lambda: compose_texts(
        alpha=custom("mark", "1.0", "type Query { a: Int @mark }", composed=True),
        beta=custom("marked", "1.0", "type Query { b: Int @marked }", composed=False),
    ),
    "IMPLICITLY_UPGRADED_FEDERATION_VERSION": lambda: compose_texts(
        alpha='type Query { a: Int @cost(weight: 1) } extend schema @link(url: "https://specs.apollo.dev/cost/v0.1") '
        '@link(url: "https://specs.apollo.dev/federation/v2.3")'
    ),
}
NEVER_PRODUCED = {
    "DOWNSTREAM_SERVICE_ERROR",  # a subgraph answers with an error: only at run time
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE",  # reserved: definitions of composed directives are taken whole
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS",  # reserved as well
}


@pytest.mark.parametrize("code", sorted(ERROR_RULES.keys() - NEVER_PRODUCED))
def test_an_error_code_has_a_schema_that_produces_it(code: str) -> None:
    assert code in {case.code for case in ERROR_CASES} | OTHER_ERRORS.keys() | READING_ERRORS.keys()


@pytest.mark.parametrize("code", sorted(HINT_RULES.keys() - NEVER_PRODUCED))
def test_a_hint_code_has_a_schema_that_produces_it(code: str) -> None:
    assert code in {case[0] for case in HINT_CASES} | OTHER_HINTS.keys()


@pytest.mark.parametrize("code", OTHER_ERRORS)
def test_a_mistake_of_another_kind_is_reported_under_its_code(code: str) -> None:
    composition = OTHER_ERRORS[code]()

    assert composition.sdl is None
    assert error_codes(composition) == [code]


@pytest.mark.parametrize("code", OTHER_HINTS)
def test_what_deserves_a_look_in_links_is_hinted_at(code: str) -> None:
    assert code in hint_codes(OTHER_HINTS[code]())


@pytest.mark.parametrize("code", READING_ERRORS)
def test_a_supergraph_from_elsewhere_is_refused_under_its_code(code: str) -> None:
    with pytest.raises(SupergraphError) as caught:
        read_supergraph(READING_ERRORS[code])

    assert caught.value.code == code


def test_a_code_that_is_never_produced_is_in_no_table_of_cases() -> None:
    assert NEVER_PRODUCED & ({case.code for case in ERROR_CASES} | {case[0] for case in HINT_CASES}) == set()


def test_as_many_paths_as_the_limit_are_checked() -> None:
    assert compose_within(2).errors == ()


def test_the_message_of_the_limit_says_how_high_it_is() -> None:
    (error,) = compose_within(1).errors

    assert "more than 1 paths" in error.message
    assert error.coordinate == "schema"
