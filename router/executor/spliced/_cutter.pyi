from typing import Any, final

from router.executor.spliced.shapes import Shape

@final
class Cutter:
    """Reads answers of one shape; cutter.c says how."""

    def __new__(cls, shape: Shape) -> Cutter: ...
    def cut(self, body: bytes, /) -> tuple[list[bytes | None], tuple[list[Any], ...]] | None:
        """The pieces of an answer, and the columns of what was noted; ``None`` if it is not of the shape."""

    def locate(self, body: bytes, /) -> tuple[int, int] | None:
        """Where the data of an answer begins and ends; ``None`` if it is not of the shape."""

def fill(pieces: list[bytes | None], places: list[int], texts: list[bytes], numbers: list[int] | int, /) -> None:
    """Put texts into the holes of pieces: for each place the text of its number.

    Numbers are a list, or the first of numbers that follow one another.
    """

def number_values(values: list[Any], /) -> tuple[dict[Any, int], list[int]]:
    """The distinct values with numbers in the order in which they come, and the number of each value."""
