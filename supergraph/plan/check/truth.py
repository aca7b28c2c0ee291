"""The variables of conditions, and the truths of them that a plan is executed for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from graphql import DirectiveNode, VariableNode, print_ast

from supergraph.operation.model import Conditions, Operation, SelectionSet
from supergraph.plan.query_plan import QueryPlan

MAX_CONDITION_VARIABLES = 5
"""Beyond it not all truths are tried, but enough for any two variables to be seen on and off in all combinations."""

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
    # The numbers of two variables differ in some bit: there they are on and off, and off and on.
    yield dict.fromkeys(names, True)
    yield dict.fromkeys(names, False)
    for bit in range((len(names) - 1).bit_length()):
        for on in (0, 1):
            yield {name: number >> bit & 1 == on for number, name in enumerate(names)}


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
