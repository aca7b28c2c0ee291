"""``@skip`` and ``@include``: evaluated once per request, into one bit per variable.

variables ──▶ condition bits ──▶ which fetches are made, which fields are projected
              ▲ you are here
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from supergraph.operation.model import Cast, Conditions, Operation, SelectionSet
from supergraph.plan import QueryPlan


@dataclass(frozen=True, slots=True)
class ConditionTest:
    """A conjunction over the bits: all of ``set_bits`` and none of ``clear_bits``."""

    set_bits: int
    clear_bits: int

    def holds(self, bits: int) -> bool:
        """Whether the conjunction is true under ``bits``."""
        return bits & self.set_bits == self.set_bits and not bits & self.clear_bits


@dataclass(frozen=True, slots=True)
class ConditionVariables:
    """The variables that decide something in an operation; variable ``names[i]`` owns bit ``i``.

    Attributes:
        defaults: The bits of the variables whose default is true.
    """

    names: tuple[str, ...]
    defaults: int

    def evaluate(self, variables: Mapping[str, object]) -> int:
        """The bits of the variables that are true.

        A variable without a value takes its default; without one it cannot occur in a condition of a valid operation.
        """
        bits = 0
        for index, name in enumerate(self.names):
            bit = 1 << index
            if variables[name] is True if name in variables else self.defaults & bit:
                bits |= bit
        return bits

    def compile_test(self, conditions: Conditions) -> ConditionTest:
        """The test for ``conditions``, all of whose variables must be in ``names``."""
        set_bits = clear_bits = 0
        for condition in conditions:
            bit = 1 << self.names.index(condition.variable)
            if condition.wanted:
                set_bits |= bit
            else:
                clear_bits |= bit
        return ConditionTest(set_bits, clear_bits)


def condition_variables(operation: Operation, plan: QueryPlan) -> ConditionVariables:
    """The variables in the conditions of ``operation`` and ``plan``."""
    found = set(_variables_in(operation.selection))
    for fetch in plan.fetches:
        found.update(condition.variable for condition in fetch.conditions)
    names = tuple(sorted(found))
    true_by_default = {variable.name for variable in operation.variables if variable.default == "true"}
    return ConditionVariables(names, sum(1 << index for index, name in enumerate(names) if name in true_by_default))


def _variables_in(selection: SelectionSet) -> Iterable[str]:
    for unit in selection.units:
        yield from (condition.variable for condition in unit.conditions)
        inner = unit.selection
        if isinstance(unit, Cast) or inner is not None:
            assert inner is not None
            yield from _variables_in(inner)
    for part in selection.deferred:
        yield from (condition.variable for condition in part.conditions)
        yield from _variables_in(part.selection)
