"""Lists that projection has completed: one that stands in many places of a response is completed once.

project ◀──▶ completed lists
             ▲ you are here

Entities are merged into every object that stands for them, so what they hold is shared. Lists in lists would make any
number of places of that; objects alone only make as many as there are already.
"""

from typing import Final

MAX_TOLD: Final = 100
"""In how many places a list is completed that is not as it should be: its errors are told for each of them."""

ListKey = tuple[object, int]
"""What completes it, and the id of the stored list."""


class CompletedLists:
    """Those of one payload."""

    __slots__ = ("_found", "_times")

    def __init__(self) -> None:
        self._found: dict[ListKey, tuple[object]] = {}
        self._times: dict[ListKey, int] = {}

    def find(self, key: ListKey) -> tuple[object] | None:
        """The completed list, in a tuple."""
        return self._found.get(key)

    def add(self, key: ListKey, completed: object, *, is_clean: bool) -> None:
        """Remember a list; one with errors only when they were told often enough."""
        if is_clean:
            self._found[key] = (completed,)
            return
        times = self._times[key] = self._times.get(key, 0) + 1
        if times == MAX_TOLD:
            self._found[key] = (completed,)
