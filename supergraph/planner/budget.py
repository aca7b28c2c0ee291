"""Limits of one planning run, and what is held against them.

Whether a plan is found does not depend on ``evaluations``: when these are used up, each position takes the first
complete answer, which is built without comparing. Only what is too large even for that is refused.
"""

from dataclasses import dataclass

from supergraph.errors import PlanningError
from supergraph.operation.model import SelectionSet


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerLimits:
    """What planning one operation may cost.

    Attributes:
        evaluations: Combinations of openings tried in one plan before the search takes what it has.
        evaluations_per_position: The same for one position with given entries.
        evaluations_in_all: Combinations that even a plan without comparisons may take.
        units: Fields and type conditions of the operation with its fragments expanded.
        written: Fields and type conditions that are written into requests, each as often as it is. It can be a power of
            the depth where interfaces have to be asked type by type.
    """

    evaluations: int = 20_000
    evaluations_per_position: int = 400
    evaluations_in_all: int = 80_000
    units: int = 20_000
    written: int = 100_000


DEFAULT_LIMITS = PlannerLimits()


class Budget:
    """What one planning run has used."""

    __slots__ = ("_limits", "spent", "written")

    def __init__(self, limits: PlannerLimits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self.spent = 0
        self.written = 0

    def spend(self) -> None:
        """Note one evaluation; raises ``PlanningError`` when there were too many even for a first answer."""
        self.spent += 1
        if self.spent > self._limits.evaluations_in_all:
            raise too_complex(f"needs more than {self._limits.evaluations_in_all} evaluations to be planned")

    def write(self, units: int) -> None:
        """Note units of requests; raises ``PlanningError`` when there were too many."""
        self.written += units
        if self.written > self._limits.written:
            raise too_complex(f"needs requests that select more than {self._limits.written} fields")

    def is_exhausted(self, at_position: int = 0) -> bool:
        """Whether there is nothing left for comparisons, here or at all."""
        return self.spent > self._limits.evaluations or at_position > self._limits.evaluations_per_position


def check_size(selection: SelectionSet, limits: PlannerLimits) -> None:
    """Refuse an operation that selects too much to be planned; raises ``PlanningError``."""
    left = limits.units
    pending = [selection]
    while pending:
        current = pending.pop()
        left -= len(current.units)
        if left < 0:
            raise too_complex(f"selects more than {limits.units} fields with its fragments expanded")
        pending += (unit.selection for unit in current.units if unit.selection is not None)
        pending += (part.selection for part in current.deferred)


def too_complex(what: str) -> PlanningError:
    """The error for an operation that would take too long."""
    return PlanningError(f"The operation {what}; ask for less in one operation.", code="QUERY_PLAN_COMPLEXITY_EXCEEDED")
