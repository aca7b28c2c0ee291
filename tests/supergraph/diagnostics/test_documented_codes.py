"""The table of codes in the documentation is the table in the program."""

from collections.abc import Mapping
from pathlib import Path

from supergraph.diagnostics.error_rules import ERROR_RULES
from supergraph.diagnostics.hint_rules import HINT_RULES
from supergraph.diagnostics.rule import Rule

DOCUMENT = Path(__file__).parents[3] / "docs" / "composition-codes.md"


def table(rules: Mapping[str, Rule]) -> str:
    """What stands between the lines of the document's head and its next section."""
    rows = [
        f"| `{code}` | {rule.meaning} | {rule.cure.format(at='`Type.field`', places='`file:line`')} |"
        for code, rule in rules.items()
    ]
    return "\n".join(["| code | meaning | cure |", "| --- | --- | --- |", *rows])


def test_every_error_is_documented() -> None:
    assert table(ERROR_RULES) in DOCUMENT.read_text(encoding="utf-8")


def test_every_hint_is_documented() -> None:
    assert table(HINT_RULES) in DOCUMENT.read_text(encoding="utf-8")
