"""Passes over the fetch graph: each makes it smaller or earlier, none changes what is answered."""

from collections.abc import Callable

from supergraph.planner.drafts import Draft
from supergraph.planner.passes.lift_conditions import lift_conditions
from supergraph.planner.passes.merge_equal_requests import merge_equal_requests
from supergraph.planner.passes.merge_same_target import merge_same_target
from supergraph.planner.passes.prune_needs import prune_needs

Pass = Callable[[list[Draft]], list[Draft]]

PASSES: tuple[Pass, ...] = (
    merge_same_target,  # same subgraph, same objects: one request instead of two
    lift_conditions,  # a request that is conditional as a whole is not made when its condition fails
    merge_equal_requests,  # the same asked at several places is asked once
    prune_needs,  # what another need implies is not a need
)


def optimise(drafts: list[Draft]) -> list[Draft]:
    """Run every pass once, in order."""
    for run in PASSES:
        drafts = run(drafts)
    return drafts


__all__ = ["PASSES", "optimise"]
