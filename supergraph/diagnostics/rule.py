"""The shape of a rule."""

from typing import NamedTuple


class Rule(NamedTuple):
    """What a code stands for.

    Attributes:
        meaning: One sentence that is true of every diagnostic with the code.
        cure: One line of advice. ``{at}`` becomes the schema coordinate, ``{places}`` a list of ``file:line``.
    """

    meaning: str
    cure: str
