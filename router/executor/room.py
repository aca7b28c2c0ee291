"""How much memory one response may take, asked before it is taken.

An object that stands in a thousand places is one object in the store, and a thousand in the response: small answers
can make a response, or a request for other entities, that no machine can hold. Whatever grows with the number of places
takes room, in bytes of JSON that it comes to at least.
"""


class TooLargeError(Exception):
    """There is no room left."""


class Room:
    """What is left of it, in bytes."""

    __slots__ = ("left",)

    def __init__(self, size_bytes: int) -> None:
        self.left = size_bytes

    def take(self, size_bytes: int) -> None:
        """Take some of it; raises ``TooLargeError`` if there is less."""
        self.left -= size_bytes
        if self.left < 0:
            raise TooLargeError

    def take_value(self, value: object) -> None:
        """Take what a value's JSON comes to at least. Lists that occur more than once are looked at once."""
        self._take_value(value, {})

    def _take_value(self, value: object, sizes: dict[int, int]) -> None:
        if type(value) is str:
            self.take(len(value))
        elif type(value) is dict:
            self.take(1 + LEAST_ENTRY_BYTES * len(value) + sum(map(len, value)))
            for inner in value.values():
                if type(inner) in _SIZED:
                    self._take_value(inner, sizes)
        elif type(value) is list:
            if id(value) in sizes:
                self.take(sizes[id(value)])
                return
            before = self.left
            self.take(1 + len(value))
            for inner in value:
                if type(inner) in _SIZED:
                    self._take_value(inner, sizes)
            sizes[id(value)] = before - self.left


class Growth:
    """How large answers can become together, by standing in several places."""

    __slots__ = ("_answer_bytes", "_places")

    def __init__(self) -> None:
        self._answer_bytes = 0
        self._places = 1

    def add(self, answer_bytes: int, most_places: int) -> None:
        """An answer arrived, no part of which goes into more places than so many."""
        self._answer_bytes += answer_bytes
        self._places *= max(most_places, 1)

    @property
    def is_shared(self) -> bool:
        """Whether anything stands in several places."""
        return self._places > 1

    @property
    def most_bytes(self) -> int:
        """They are not larger: what stands in many places may hold what does so, too."""
        return self._answer_bytes * self._places


LEAST_ENTRY_BYTES = 4
"""What a key and its value take at least, without the key's text."""

_SIZED = (str, dict, list)
"""Other values have no size to speak of."""
