"""From a line and a column to the words that stand there.

A location is that of a node's first token. That is its description if it has one, which is not what anybody wants to
look at: it is skipped. Lines end as GraphQL says, so that line numbers agree with the parser's.
https://spec.graphql.org/September2025/#sec-Line-Terminators
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|[\n\r]")
_STRING = r'"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n\r])*"'
_DESCRIPTION = re.compile(rf"(?:{_STRING})(?:[\s,\ufeff]|#[^\n\r]*)*(?=[A-Za-z_])")
_WORDS = re.compile(
    r'@\w+(?:\((?:[^()"\n\r]|"(?:\\.|[^"\\\n\r])*")*\))?'  # a directive, with its arguments
    r"|(?:extend[ \t]+)?(?:type|interface|union|enum|input|scalar)[ \t]+\w+"
    r"|(?:extend[ \t]+)?schema\b|directive[ \t]+@\w+"
    r'|\$?\w+|"(?:\\.|[^"\\\n\r])*"|[^\n\r]'
)


@dataclass(frozen=True, slots=True)
class Extent:
    """Part of a line: ``column`` to ``end_column``, which is not part of it."""

    line: int
    column: int
    end_column: int
    source_line: str


class Lines:
    """A text by its lines."""

    __slots__ = ("_lines", "_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines: dict[int, str] = {}  # a whole schema may be one line, and many places be on it
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def extent(self, line: int, column: int) -> Extent:
        """What starts at a place; for a place outside the text, the nearest one inside."""
        line = max(1, min(line, len(self._starts)))
        start = min(self._starts[line - 1] + max(1, column) - 1, len(self._text))
        if description := _DESCRIPTION.match(self._text, start):
            start = description.end()
            line = self._line_at(start)
        first = self._starts[line - 1]
        words = _WORDS.match(self._text, start)
        end = words.end() if words else start + 1
        return Extent(line, start - first + 1, end - first + 1, self._line(line))

    def _line_at(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def _line(self, line: int) -> str:
        if line not in self._lines:
            start = self._starts[line - 1]
            end = _LINE_END.search(self._text, start)
            self._lines[line] = self._text[start : end.start() if end else len(self._text)]
        return self._lines[line]
