"""Requests that ask one subgraph the same of the same types, at different places, become one.

The earlier one may wait for the later one if nothing that needs its answer gets later by that: the response is complete
only when both are there. Entities that stand at both places are then fetched once.
"""

from itertools import combinations

from supergraph.planner.drafts import Draft
from supergraph.planner.levels import depends_on, levels_of
from supergraph.planner.templates import templates_of
from supergraph.planner.text import selection_text


def merge_equal_requests(drafts: list[Draft]) -> list[Draft]:
    """Merge until no pair is left that can be."""
    remaining = list(drafts)
    while (pair := _mergeable_pair(remaining)) is not None:
        early, late = pair
        late.paths = [*early.paths, *late.paths]
        late.needs |= early.needs
        remaining.remove(early)
        for draft in remaining:
            if early in draft.needs:
                del draft.needs[early]
                draft.needs[late] = None
    return remaining


def _mergeable_pair(drafts: list[Draft]) -> tuple[Draft, Draft] | None:
    groups: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        if draft.is_entity and not draft.contexts:
            asked = (draft.graph, draft.conditions, selection_text(draft.selection), templates_of(draft))
            groups.setdefault(asked, []).append(draft)
    if all(len(group) == 1 for group in groups.values()):
        return None
    levels = levels_of(drafts)
    for group in groups.values():
        for pair in combinations(group, 2):
            early, late = sorted(pair, key=levels.__getitem__)
            dependants = (draft for draft in drafts if early in draft.needs)
            if all(levels[draft] > levels[late] for draft in dependants) and not depends_on(late, early):
                return early, late
    return None
