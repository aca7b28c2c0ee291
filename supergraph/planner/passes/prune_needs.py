"""A need that follows from another need is left out, so that requests with the same real needs look alike."""

from supergraph.planner.drafts import Draft


def prune_needs(drafts: list[Draft]) -> list[Draft]:
    """Transitive reduction of the dependency graph."""
    for draft in drafts:
        if len(draft.needs) > 1:
            implied = _needs_of(draft.needs)
            draft.needs = {need: None for need in draft.needs if need not in implied}
    return drafts


def _needs_of(drafts: dict[Draft, None]) -> set[Draft]:
    """Everything that some of these wait for."""
    found: set[Draft] = set()
    stack = list(drafts)
    while stack:
        new = [need for need in stack.pop().needs if need not in found]
        found.update(new)
        stack += new
    return found
