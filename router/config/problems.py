"""What is wrong with a configuration, each mistake with its place."""

from collections.abc import Sequence
from dataclasses import dataclass

from router.redaction import mask


@dataclass(frozen=True, slots=True, order=True)
class ConfigProblem:
    """One mistake. Line and column count from 1; 0 where a mistake has no place in a file."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        message = mask(self.message)  # it may quote what was given
        if not self.file:
            return message
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {message}"


class ConfigError(Exception):
    """A configuration cannot be used; ``problems`` holds every mistake that was found."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))
