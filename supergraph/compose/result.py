"""What composition takes and gives."""

from dataclasses import dataclass

from supergraph.errors import CompositionError, Hint


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A service and its schema, as the user hands it in."""

    name: str
    url: str
    sdl: str


@dataclass(frozen=True, slots=True)
class Composition:
    """The outcome: a supergraph, or the errors that prevent it.

    Attributes:
        sdl: The supergraph; ``None`` if there are errors.
        errors: All errors of the first stage that has any.
        hints: What composed but deserves a look.
    """

    sdl: str | None
    errors: tuple[CompositionError, ...] = ()
    hints: tuple[Hint, ...] = ()
