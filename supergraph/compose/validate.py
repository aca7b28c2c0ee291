"""Stage 3: hold one subgraph against federation's rules. All rules run, so that all errors are told at once."""

from collections.abc import Callable

from supergraph.compose.problems import Problems
from supergraph.compose.rules.auth import check_auth
from supergraph.compose.rules.context import check_contexts
from supergraph.compose.rules.cost import check_cost
from supergraph.compose.rules.external import check_external
from supergraph.compose.rules.field_sets import check_field_sets
from supergraph.compose.rules.interfaces import check_interfaces
from supergraph.compose.rules.shareable import check_shareable
from supergraph.compose.usage import Usage

Rule = Callable[[Usage, Problems], None]

RULES: tuple[Rule, ...] = (
    check_field_sets,
    check_external,
    check_shareable,
    check_interfaces,
    check_auth,
    check_cost,
    check_contexts,
)


def validate_subgraph(usage: Usage, problems: Problems) -> None:
    """Report everything that is wrong with one subgraph."""
    for rule in RULES:
        rule(usage, problems)
