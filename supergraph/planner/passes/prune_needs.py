"""A need that follows from another need is left out, so that requests with the same real needs look alike."""

from supergraph.planner.drafts import Draft
from supergraph.planner.levels import depends_on


def prune_needs(drafts: list[Draft]) -> list[Draft]:
    """Transitive reduction of the dependency graph."""
    for draft in drafts:
        needs = list(draft.needs)
        draft.needs = {
            need: None for need in needs if not any(other is not need and depends_on(other, need) for other in needs)
        }
    return drafts
