"""The order of requests: at which stage each can start."""

from collections.abc import Iterable

from supergraph.planner.drafts import Draft


def levels_of(drafts: Iterable[Draft]) -> dict[Draft, int]:
    """For each request the length of the longest chain of needs before it."""
    levels: dict[Draft, int] = {}

    def level(draft: Draft) -> int:
        known = levels.get(draft)
        if known is None:
            known = levels[draft] = 1 + max((level(need) for need in draft.needs), default=-1)
        return known

    for draft in drafts:
        level(draft)
    return levels


def depends_on(draft: Draft, other: Draft) -> bool:
    """Whether ``other`` must have finished before ``draft`` can start."""
    seen: set[Draft] = set()
    stack = [draft]
    while stack:
        for need in stack.pop().needs:
            if need is other:
                return True
            if need not in seen:
                seen.add(need)
                stack.append(need)
    return False
