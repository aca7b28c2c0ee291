"""Every code that composition can produce has a meaning and a cure."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import DirectiveLocation

import supergraph
from supergraph.diagnostics.error_rules import ERROR_RULES
from supergraph.diagnostics.hint_rules import HINT_RULES
from supergraph.diagnostics.rule import Rule
from supergraph.diagnostics.rules import rule_of
from tests.supergraph.compose.test_error_codes import CASES as ERROR_CASES
from tests.supergraph.compose.test_hint_codes import CASES as HINT_CASES

CODE = re.compile(r"[A-Z]+(_[A-Z]+)+")
PARTS_OF_CODES = {"FIELD_ARGUMENT", "INPUT_FIELD"}
CONSTANTS = {"NOTHING_PROVIDED", "ROOT_TYPES"}
WHOLE_PACKAGE = Path(supergraph.__file__).parent
RULES = [*ERROR_RULES.items(), *HINT_RULES.items()]


def written_codes() -> Iterator[str]:
    """Every string in the source of composition that has the form of a code."""
    files = [*(WHOLE_PACKAGE / "compose").rglob("*.py"), WHOLE_PACKAGE / "spec/link.py", WHOLE_PACKAGE / "errors.py"]
    others = {location.name for location in DirectiveLocation} | PARTS_OF_CODES | CONSTANTS
    for file in [*files, WHOLE_PACKAGE / "api/inaccessible.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and CODE.fullmatch(text) and text not in others:
                yield text


RAISED_OUTSIDE_COMPOSITION = {
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "INTERNAL_SERVER_ERROR",
    "QUERY_PLANNING_FAILED",
    "QUERY_PLAN_COMPLEXITY_EXCEEDED",
}


@pytest.mark.parametrize("code", sorted(set(written_codes()) - RAISED_OUTSIDE_COMPOSITION))
def test_a_code_in_the_source_has_a_rule(code: str) -> None:
    assert code in ERROR_RULES or code in HINT_RULES


def test_the_source_was_searched() -> None:
    assert {"INVALID_FIELD_SHARING", "UNUSED_ENUM_TYPE", "REFERENCED_INACCESSIBLE"} <= set(written_codes())


def test_every_error_that_is_tested_has_a_rule() -> None:
    assert {case.code for case in ERROR_CASES} - set(ERROR_RULES) == set()


def test_every_hint_that_is_tested_has_a_rule() -> None:
    assert {case[0] for case in HINT_CASES} - set(HINT_RULES) == set()


@pytest.mark.parametrize(("code", "rule"), RULES, ids=[f"{number}-{code}" for number, (code, _) in enumerate(RULES)])
def test_a_rule_is_two_plain_sentences(code: str, rule: Rule) -> None:
    cure = rule.cure.format(at="Type.field", places="a.graphql:1")
    assert rule.meaning.endswith(".")
    assert cure.endswith((".", '"'))
    assert "\n" not in rule.meaning + cure
    assert code not in cure


def test_a_code_may_be_an_errors_and_a_hints() -> None:
    code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
    assert rule_of(code, is_error=True) != rule_of(code, is_error=False)


def test_a_code_without_rule_still_has_a_cure() -> None:
    assert rule_of("NEVER_HEARD_OF", is_error=True).cure == "Change what the message names."
