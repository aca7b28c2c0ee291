"""What was found out about lines that come again and again.

``functools.lru_cache`` forgets what was not used for longest, and costs twice as much as this to ask: every line of
every head is looked up.
"""

from collections.abc import Hashable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(dict[K, V]):
    """A dictionary that forgets everything when it is full: what is asked for often is soon back.

    Args:
        limit: How many entries ``keep`` may make.
    """

    __slots__ = ("_limit",)

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def keep(self, key: K, value: V) -> None:
        """Remember this, too."""
        if len(self) >= self._limit:
            self.clear()
        self[key] = value
