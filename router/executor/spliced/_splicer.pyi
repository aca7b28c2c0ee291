from typing import Any, final

from router.executor.spliced.shapes import Shape
from router.executor.spliced.spliced_plan import AnsweredFetch, Response

@final
class Cutter:
    """Reads answers of one shape; cutter.c says how. Raises ``ValueError`` and ``TypeError`` for what is no shape."""

    def __new__(cls, shape: Shape) -> Cutter: ...
    def cut(self, body: bytes, /) -> tuple[list[bytes | None], tuple[list[Any], ...]] | None:
        """The pieces of an answer, and the columns of what was noted; ``None`` if it is not of the shape.

        This is to look at; a ``Splice`` keeps what it cuts to itself.
        """

@final
class Splicer:
    """A plan; splicer.c says what is refused.

    Args:
        fetches: ``None`` for a fetch that is not made.
        limit: How many representations a request may have; less than none for any number.
        most_bytes: How long a response may be, and the representations of a call, equal ones included.
        unusual: Raised where a run is not what the plan expects.

    Raises:
        ValueError: Something is not where the plan says, or would be part of itself.
    """

    def __new__(
        cls,
        fetches: tuple[AnsweredFetch | None, ...],
        response: Response,
        limit: int,
        most_bytes: int,
        unusual: type[Exception],
    ) -> Splicer: ...

@final
class Splice:
    """One run of a plan.

    Every method raises the plan's ``unusual``, and ``ValueError`` or ``IndexError`` if it is asked for what is not its
    turn, or not in the plan.
    """

    def __new__(cls, splicer: Splicer, /) -> Splice: ...
    def take(self, fetch: int, body: bytes, /) -> None:
        """Take the answer to a fetch."""

    def request(self, fetch: int, entries: list[bytes], /) -> bytes | None:
        """The body of a fetch with the entries of its variables; ``None`` if there is nothing to ask for."""

    def response(self) -> bytes:
        """The response, which has nothing but data."""
