"""Conditions of ``@skip`` and ``@include``: conjunctions of variables that must be true or false.

Literal conditions are decided here. Conditions on variables are kept, so that one plan serves every value.
https://spec.graphql.org/September2025/#sec--skip
"""

from collections.abc import Iterable

from graphql import BooleanValueNode, DirectiveNode, VariableNode

from supergraph.operation.model import Condition, Conditions

ALWAYS: Conditions = ()


def read_conditions(directives: Iterable[DirectiveNode]) -> Conditions | None:
    """When ``directives`` let their selection through: ``None`` means never."""
    found: list[Condition] = []
    for directive in directives:
        name = directive.name.value
        if name not in ("skip", "include"):
            continue
        for argument in directive.arguments or ():
            match argument.value:
                case VariableNode(name=variable):
                    found.append(Condition(variable.value, wanted=name == "include"))
                case BooleanValueNode(value=value) if value != (name == "include"):
                    return None
                case _:
                    pass
    return conjoin(tuple(found), ALWAYS)


def conjoin(left: Conditions, right: Conditions) -> Conditions | None:
    """Both at once; ``None`` if they contradict each other."""
    if not left and not right:
        return ALWAYS
    both = frozenset((*left, *right))
    if len({condition.variable for condition in both}) < len(both):
        return None
    return tuple(sorted(both))


def without(conditions: Conditions, known: Conditions) -> Conditions:
    """``conditions`` less those that are known to hold."""
    if not known or not conditions:
        return conditions
    return tuple(condition for condition in conditions if condition not in known)


def implies(stronger: Conditions, weaker: Conditions) -> bool:
    """Whether ``weaker`` holds whenever ``stronger`` does."""
    # A loop, and no generator: this is asked for every pair of conditional requests at one place.
    for condition in weaker:  # noqa: SIM110
        if condition not in stronger:
            return False
    return True


def shared(alternatives: Iterable[Conditions]) -> Conditions:
    """The conditions that stand in every one of ``alternatives``."""
    first, *others = alternatives
    return tuple(condition for condition in first if all(condition in other for other in others))
