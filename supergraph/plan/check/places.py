"""What is known of a position: values, so that positions of which the same is known are one.

An interface in an interface in an interface has, for thirty object types each, thousands of positions; what has been
fetched of them is nearly always the same. So a place is never changed. A fetch makes a new place of an old one, and
whoever led to the old one and is written by the same selection leads to the same new one. The cost of checking is then
that of the different places, and not of the ways to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Arguments = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A store key of one object type at one position.

    Attributes:
        name: The field that it holds.
        depth: How many lists are around the value.
        writers: The fetches that write it.
        place: Of a composite field, the position below.
    """

    name: str
    arguments: Arguments
    depth: int
    writers: frozenset[int]
    place: "Place | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A position: the object types that can stand there, and what is known of each.

    Attributes:
        path: Response keys, for messages.
        cells: By object type and store key.
        notes: Why objects of a type could not be sent to a subgraph.
    """

    path: str
    types: frozenset[str]
    cells: Mapping[tuple[str, str], Cell] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


class Draft:
    """A place while one fetch writes it."""

    __slots__ = ("cells", "notes", "path", "types")

    def __init__(self, place: Place) -> None:
        self.path = place.path
        self.types = place.types
        self.cells = dict(place.cells)
        self.notes = dict(place.notes)

    def finished(self) -> Place:
        """The new place."""
        return Place(self.path, self.types, self.cells, self.notes)
