"""Every plan that a test makes goes through the static checker, and a plan that does not answer its operation fails it.

The public function ``plan`` is exchanged before the first test module is imported, so that whoever imports it by value,
the gateway's worker threads included, gets the one that checks. A problem is noted and not raised: a planner's caller
may turn exceptions into answers, and a test of that would then pass.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import supergraph.planner
from supergraph import Operation, QueryPlan, Supergraph
from supergraph.operation.defer import with_all_parts
from supergraph.operation.select import with_deferred_parts
from supergraph.plan.check import check_plan
from supergraph.planner import DEFAULT_LIMITS, PlannerLimits


class Planner(Protocol):
    """``supergraph.plan``."""

    def __call__(
        self,
        supergraph: Supergraph,
        operation: Operation,
        *,
        labels: frozenset[str] = frozenset(),
        defer: bool = False,
        limits: PlannerLimits = DEFAULT_LIMITS,
    ) -> QueryPlan:
        """Plan an operation."""


def checked(make_plan: Planner, note: Callable[[str], None]) -> Planner:
    """A planner that also notes what is wrong with its plans."""

    def plan(
        supergraph: Supergraph,
        operation: Operation,
        *,
        labels: frozenset[str] = frozenset(),
        defer: bool = False,
        limits: PlannerLimits = DEFAULT_LIMITS,
    ) -> QueryPlan:
        query_plan = make_plan(supergraph, operation, labels=labels, defer=defer, limits=limits)
        planned = with_deferred_parts(supergraph, operation) if defer else operation
        everything = replace(planned, selection=with_all_parts(planned.selection)) if planned.blocks else planned
        for problem in check_plan(supergraph, everything, query_plan):
            note(f"{planned.text}\n{problem}")
        return query_plan

    return plan


_problems: list[str] = []
unchecked_plan = supergraph.planner.plan
checked_plan = checked(unchecked_plan, _problems.append)


def check_every_plan() -> None:
    """Exchange ``plan`` wherever it has been imported already; later imports take it from its own package."""
    for module in list(sys.modules.values()):
        for name, value in list(vars(module).items()):
            if value is unchecked_plan and module.__name__ != __name__:
                setattr(module, name, checked_plan)


def take_problems() -> list[str]:
    """The problems that have been noted since this was asked the last time."""
    found = _problems[:]
    _problems.clear()
    return found
