"""A need that follows from another need is left out, so that requests with the same real needs look alike."""

from collections.abc import Mapping

from supergraph.planner.drafts import Draft
from supergraph.planner.levels import levels_of


def prune_needs(drafts: list[Draft]) -> list[Draft]:
    """Transitive reduction of the dependency graph."""
    levels = levels_of(drafts)
    for draft in drafts:
        if len(draft.needs) > 1:
            implied = _needs_of(draft.needs, levels)
            draft.needs = {need: None for need in draft.needs if need not in implied}
    return drafts


def _needs_of(drafts: Mapping[Draft, None], levels: Mapping[Draft, int]) -> set[Draft]:
    """Everything that some of these wait for, but what is made before all of them."""
    first = min(map(levels.__getitem__, drafts))
    found: set[Draft] = set()
    stack = list(drafts)
    while stack:
        new = [need for need in stack.pop().needs if need not in found and levels[need] >= first]
        found.update(new)
        stack += new
    return found
