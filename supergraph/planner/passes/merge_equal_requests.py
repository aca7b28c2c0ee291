"""Requests that ask one subgraph the same of the same types, at different places, become one.

The earlier one may wait for the later one if nothing that needs its answer gets later by that: the response is complete
only when both are there. Entities that stand at both places are then fetched once.
"""

from supergraph.planner.drafts import Draft
from supergraph.planner.fragments import selection_key
from supergraph.planner.levels import Order
from supergraph.planner.templates import templates_of


def merge_equal_requests(drafts: list[Draft]) -> list[Draft]:
    """Merge until no pair is left that can be."""
    groups: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        if draft.is_entity and not draft.contexts:
            asked = (
                draft.graph,
                draft.block,
                draft.conditions,
                selection_key(draft.selection),
                templates_of(draft),
            )
            groups.setdefault(asked, []).append(draft)
    order = Order(drafts)
    remaining = [_merge_levels(group, order) for group in groups.values() if len(group) > 1]
    # What is asked later may let wait what it needs, so that goes first, again and again.
    remaining.sort(key=lambda group: -max(map(order.levels.__getitem__, group)))
    while any([_merge_pairs(group, order) for group in remaining]):  # noqa: C419 - every group has its turn
        pass
    return [draft for draft in drafts if draft not in order.moved]


def _merge_levels(group: list[Draft], order: Order) -> list[Draft]:
    """Requests of one level can always be merged; returns the one that is left of each level."""
    last: dict[int, Draft] = {}
    for draft in group:
        level = order.levels[draft]
        if level in last:
            _merge(last[level], draft, order)
        last[level] = draft
    return list(last.values())


def _merge_pairs(group: list[Draft], order: Order) -> bool:
    """Merge what can wait into a request of a later level; returns whether there was any."""
    by_level = sorted(group, key=order.levels.__getitem__)
    for index, early in enumerate(by_level):
        limit = order.waited_for(early)
        for late in by_level[index + 1 :]:
            if order.levels[late] >= limit:
                break
            if order.can_wait(early, late):
                _merge(early, late, order)
                break
    left = [draft for draft in group if draft not in order.moved]
    merged = len(left) < len(group)
    group[:] = left
    return merged


def _merge(early: Draft, late: Draft, order: Order) -> None:
    late.paths = [*early.paths, *late.paths]
    order.move(early, late)
