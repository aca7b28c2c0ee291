"""What a diagnostic consists of."""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_SNIPPET = 2_000


class Severity(StrEnum):
    """How much a diagnostic matters, the most important first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"

    @property
    def rank(self) -> int:
        """0 for errors, more for what matters less."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SdlSource:
    """Where the SDL of one subgraph came from, and its text.

    Attributes:
        label: What people call the place: a path, a URL, ``package.module:schema``.
        text: The SDL, with which lines and columns agree.
        path: The file that ``text`` is the content of, ``/`` between its parts; ``None`` if it is not in a file.
    """

    label: str
    text: str
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One side of a diagnostic.

    Attributes:
        label: The source's label, or the name of the subgraph if its source is not known.
        path: The source's file, if it has one.
        line: From 1; ``column`` likewise, in characters.
        end_column: One after the last marked character, on the same line.
        source_line: The line itself; ``None`` if the source is not known.
    """

    subgraph: str
    label: str
    path: str | None
    line: int
    column: int
    end_column: int
    source_line: str | None

    @property
    def snippet(self) -> str | None:
        """The line, unless it is so long (a schema without line breaks) that it would fill a report."""
        return self.source_line if self.source_line is not None and len(self.source_line) <= LONGEST_SNIPPET else None

    def __str__(self) -> str:
        return f"{self.label}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """An error or a hint with everything that a person needs to mend it.

    Attributes:
        cure: One line that says what to do.
        meaning: One line that says what the code stands for, the same for all diagnostics of the code.
    """

    severity: Severity
    code: str
    message: str
    coordinate: str | None
    places: tuple[Place, ...]
    cure: str
    meaning: str
