"""Limits of one planning run, and the count that is held against them.

Feasibility never depends on the budget: the first solution of a position is built without search. When the budget is
used up the search keeps the best it has.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannerLimits:
    """What planning one operation may cost.

    Attributes:
        evaluations: Combinations of openings tried in one plan.
        evaluations_per_position: The same for one position with given entries.
    """

    evaluations: int = 20_000
    evaluations_per_position: int = 400


DEFAULT_LIMITS = PlannerLimits()
