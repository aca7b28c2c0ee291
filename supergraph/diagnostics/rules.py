"""One rule for each code: what the code stands for, and what to do about it."""

from supergraph.diagnostics.error_rules import ERROR_RULES
from supergraph.diagnostics.hint_rules import HINT_RULES
from supergraph.diagnostics.rule import Rule

_UNKNOWN = Rule("Something in the subgraphs is not as it should be.", "Change what the message names.")


def rule_of(code: str, *, is_error: bool) -> Rule:
    """The rule of an error or a hint; a general one for a code that has none."""
    return (ERROR_RULES if is_error else HINT_RULES).get(code, _UNKNOWN)
