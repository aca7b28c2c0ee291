"""Requests that ask one subgraph the same of the same types, at different places, become one.

The earlier one may wait for the later one if nothing that needs its answer gets later by that: the response is complete
only when both are there. Entities that stand at both places are then fetched once.
"""

from itertools import combinations

from supergraph.planner.drafts import Draft
from supergraph.planner.levels import Order
from supergraph.planner.templates import templates_of
from supergraph.planner.text import selection_text


def merge_equal_requests(drafts: list[Draft]) -> list[Draft]:
    """Merge until no pair is left that can be."""
    groups: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        if draft.is_entity and not draft.contexts:
            asked = (
                draft.graph,
                draft.block,
                draft.conditions,
                selection_text(draft.selection),
                templates_of(draft),
            )
            groups.setdefault(asked, []).append(draft)
    order = Order(drafts)
    merged: set[Draft] = set()
    for group in groups.values():
        remaining = _merge_levels(group, order)
        while (pair := _mergeable_pair(remaining, order)) is not None:
            _merge(*pair, order)
            remaining.remove(pair[0])
        merged.update(draft for draft in group if draft not in remaining)
    return [draft for draft in drafts if draft not in merged]


def _merge_levels(group: list[Draft], order: Order) -> list[Draft]:
    """Requests of one level can always be merged; returns the one that is left of each level."""
    last: dict[int, Draft] = {}
    for draft in group:
        level = order.levels[draft]
        if level in last:
            _merge(last[level], draft, order)
        last[level] = draft
    return list(last.values())


def _mergeable_pair(group: list[Draft], order: Order) -> tuple[Draft, Draft] | None:
    for pair in combinations(group, 2):
        early, late = sorted(pair, key=order.levels.__getitem__)
        if order.can_wait(early, late):
            return early, late
    return None


def _merge(early: Draft, late: Draft, order: Order) -> None:
    late.paths = [*early.paths, *late.paths]
    order.move(early, late)
