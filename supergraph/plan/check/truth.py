"""The variables of conditions, and the truths of them that a plan is executed for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from graphql import DirectiveNode, VariableNode, print_ast

from supergraph.operation.model import Conditions, Operation, SelectionSet
from supergraph.plan.query_plan import QueryPlan

MAX_CONDITION_VARIABLES = 5
"""Beyond it only the truths with at most one variable off, or at most one on, are tried."""

Truth = Mapping[str, bool]


def condition_variables(operation: Operation, plan: QueryPlan) -> set[str]:
    """The variables that the operation or the plan depends on."""
    found = {condition.variable for fetch in plan.fetches for condition in fetch.conditions}
    pending = [operation.selection]
    seen: set[SelectionSet] = set()
    while pending:
        selection = pending.pop()
        if selection in seen:
            continue
        seen.add(selection)
        for unit in selection.units:
            found |= {condition.variable for condition in unit.conditions}
            if unit.selection is not None:
                pending.append(unit.selection)
    return found


def truths(names: Sequence[str]) -> Iterator[Truth]:
    """The truths to try; the first has all variables on."""
    if len(names) <= MAX_CONDITION_VARIABLES:
        for values in product((True, False), repeat=len(names)):
            yield dict(zip(names, values, strict=True))
        return
    for most in (True, False):
        yield dict.fromkeys(names, most)
        for name in names:
            yield {**dict.fromkeys(names, most), name: not most}


def holds(conditions: Conditions, truth: Truth) -> bool:
    """Whether all conditions hold."""
    return all(truth[condition.variable] == condition.wanted for condition in conditions)


def is_included(directives: Iterable[DirectiveNode] | None, truth: Truth) -> bool:
    """Whether a selection in a fetch's text is asked for."""
    for directive in directives or ():
        if directive.name.value in {"include", "skip"} and directive.arguments:
            value = directive.arguments[0].value
            # A variable that the operation does not have in a condition is in the fetch's text alone: taken as true.
            on = truth.get(value.name.value, True) if isinstance(value, VariableNode) else print_ast(value) == "true"
            if on != (directive.name.value == "include"):
                return False
    return True
