"""Lists that projection has completed: one that stands in many places of a response is completed once.

project ◀──▶ completed lists
             ▲ you are here

Entities are merged into every object that stands for them, so what they hold is shared. Lists in lists would make any
number of places of that; objects alone only make as many as there are already.
"""

from typing import Final

MAX_TOLD: Final = 100
"""In how many places a list is completed that is not as it should be: its errors are told for each of them."""


class CompletedLists:
    """Those of one payload, by what completes them and the stored list."""

    __slots__ = ("_found", "_times")

    def __init__(self) -> None:
        # The stored list is kept with its id, so that this is not given to another.
        self._found: dict[tuple[object, int], tuple[object, list[object]]] = {}
        self._times: dict[tuple[object, int], int] = {}

    def find(self, completer: object, stored: list[object]) -> tuple[object] | None:
        """The completed list, in a tuple."""
        found = self._found.get((completer, id(stored)))
        return None if found is None else found[:1]

    def add(self, completer: object, stored: list[object], completed: object, *, is_clean: bool) -> None:
        """Remember a list; one with errors only when they were told often enough."""
        key = completer, id(stored)
        if not is_clean:
            self._times[key] = self._times.get(key, 0) + 1
        if is_clean or self._times[key] >= MAX_TOLD:
            self._found[key] = completed, stored
