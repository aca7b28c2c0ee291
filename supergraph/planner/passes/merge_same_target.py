"""Two requests to one subgraph for the same objects become one, where nothing has to wait longer for it.

The types behind one position decide for themselves, so two of them may open the same subgraph at different stages. The
earlier request moves into the later one if all that needs its answer comes after the later one anyway.
"""

from itertools import combinations

from supergraph.planner.drafts import Draft
from supergraph.planner.levels import depends_on, levels_of


def merge_same_target(drafts: list[Draft]) -> list[Draft]:
    """Merge until no pair is left that can be."""
    remaining = list(drafts)
    while (pair := _mergeable_pair(remaining)) is not None:
        early, late = pair
        _move(early, late, remaining)
        remaining.remove(early)
    return remaining


def _mergeable_pair(drafts: list[Draft]) -> tuple[Draft, Draft] | None:
    groups: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        if draft.is_entity:
            groups.setdefault((draft.graph, draft.path), []).append(draft)
    if all(len(group) == 1 for group in groups.values()):
        return None
    levels = levels_of(drafts)
    for group in groups.values():
        for pair in combinations(group, 2):
            early, late = sorted(pair, key=levels.__getitem__)
            if _can_merge(early, late, drafts, levels):
                return early, late
    return None


def _can_merge(early: Draft, late: Draft, drafts: list[Draft], levels: dict[Draft, int]) -> bool:
    if early.contexts or late.contexts or depends_on(late, early) or depends_on(early, late):
        return False
    for type_name in early.inputs.keys() & late.inputs.keys():
        ours, theirs = late.nodes[type_name], early.nodes[type_name]
        if ours is not theirs and not (ours.type == theirs.type and theirs.granted <= ours.granted):
            return False
    return all(levels[draft] > levels[late] for draft in drafts if early in draft.needs)


def _move(early: Draft, late: Draft, drafts: list[Draft]) -> None:
    late.selection.merge(early.selection)
    for type_name, template in early.inputs.items():
        late.inputs.setdefault(type_name, template)
        late.nodes.setdefault(type_name, early.nodes[type_name])
    late.needs |= early.needs
    for draft in drafts:
        if early in draft.needs:
            del draft.needs[early]
            draft.needs[late] = None
