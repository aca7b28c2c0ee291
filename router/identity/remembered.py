"""What was found out about a credential, for a while."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values that are used again for ``seconds``; beyond ``limit`` the one that was put first is forgotten.

    Args:
        seconds: How long a value is good; 0 remembers nothing.
        clock: Monotonic seconds.
    """

    def __init__(self, *, seconds: float, limit: int, clock: Callable[[], float]) -> None:
        self._seconds = seconds
        self._limit = limit
        self._clock = clock
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, if it is still good."""
        known = self._values.get(key)
        return known[1] if known is not None and self._clock() < known[0] else None

    def put(self, key: K, value: V) -> None:
        """Remember a value from now on."""
        if self._seconds <= 0:
            return
        self._values[key] = self._clock() + self._seconds, value
        self._values.move_to_end(key)
        if len(self._values) > self._limit:
            self._values.popitem(last=False)
