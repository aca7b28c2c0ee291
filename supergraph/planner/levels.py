"""The order of requests: at which stage each can start, and who waits for whom."""

import math
from collections.abc import Iterable

from supergraph.planner.drafts import Draft


def levels_of(drafts: Iterable[Draft]) -> dict[Draft, int]:
    """For each request the length of the longest chain of needs before it."""
    levels: dict[Draft, int] = {}
    for draft in drafts:
        _find_level(draft, levels)
    return levels


def _find_level(draft: Draft, levels: dict[Draft, int]) -> int:
    known = levels.get(draft)
    if known is None:
        known = levels[draft] = 1 + max((_find_level(need, levels) for need in draft.needs), default=-1)
    return known


class Order:
    """Which requests may be made together, while they are being merged.

    A request moves only into one of its own level or a later one, and only if all that wait for it come later still. So
    no merge changes the level of anything, and levels need to be found only once.

    Attributes:
        moved: What is part of another request by now.
    """

    def __init__(self, drafts: Iterable[Draft]) -> None:
        self.levels = levels_of(drafts)
        self.moved: set[Draft] = set()
        self._dependants: dict[Draft, dict[Draft, None]] = {}
        for draft in self.levels:
            for need in draft.needs:
                self._dependants.setdefault(need, {})[draft] = None

    def waited_for(self, draft: Draft) -> float:
        """The level at which the first request that waits for ``draft`` is made."""
        return min((self.levels[each] for each in self._dependants.get(draft, ())), default=math.inf)

    def can_wait(self, early: Draft, late: Draft) -> bool:
        """Whether ``early`` may be made when ``late`` is, which is not before it."""
        if self.waited_for(early) <= self.levels[late]:
            return False
        return not self._depends_on(late, early)

    def _depends_on(self, draft: Draft, other: Draft) -> bool:
        level = self.levels[other]
        seen: set[Draft] = set()
        stack = [draft]
        while stack:
            current = stack.pop()
            if other in current.needs:
                return True
            new = [need for need in current.needs if need not in seen and self.levels[need] > level]
            seen.update(new)
            stack += new
        return False

    def move(self, early: Draft, late: Draft) -> None:
        """Let everything that waits for ``early`` wait for ``late``, which waits for what ``early`` needs."""
        self.moved.add(early)
        late.needs |= early.needs
        for need in early.needs:
            dependants = self._dependants[need]
            dependants.pop(early, None)
            dependants[late] = None
        for draft in self._dependants.pop(early, ()):
            del draft.needs[early]
            draft.needs[late] = None
            self._dependants.setdefault(late, {})[draft] = None
