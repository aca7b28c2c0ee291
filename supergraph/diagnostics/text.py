"""Diagnostics for people, in the form that compilers have taught them.

    error[FIELD_TYPE_MISMATCH]: Type of field "Product.price" is incompatible across subgraphs: ...
      --> orders.graphql:14:3 (orders)
       |
    14 |   price: String
       |   ^^^^^
      = cure: Give Product.price the same type everywhere: ...

Text from subgraphs is shown without control characters, which a terminal would obey.
"""

import unicodedata
from collections.abc import Iterator, Sequence

from supergraph.diagnostics.model import Diagnostic, Place, Severity

_BOLD, _BLUE, _GREEN, _RESET = "\x1b[1m", "\x1b[1;34m", "\x1b[1;32m", "\x1b[0m"
_COLOURS = {
    Severity.ERROR: "\x1b[1;31m",
    Severity.WARNING: "\x1b[1;33m",
    Severity.INFO: "\x1b[1;36m",
    Severity.DEBUG: "\x1b[2m",
}
_WIDEST_EXCERPT = 120
_BEFORE_MARKER = 40


def render_text(diagnostics: Sequence[Diagnostic], *, colour: bool = False) -> str:
    """All diagnostics, with an empty line between them and none at the end; empty if there are none."""
    return "\n\n".join("\n".join(_lines(diagnostic, _Paint(on=colour))) for diagnostic in diagnostics)


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """How many of each there are, such as ``2 errors, 1 warning``; ``no problems`` if there are none."""
    counted = []
    for severity in Severity:
        count = sum(diagnostic.severity is severity for diagnostic in diagnostics)
        noun = {Severity.INFO: "note", Severity.DEBUG: "detail"}.get(severity, severity.value)
        if count:
            counted.append(f"{count} {noun}{'s' if count > 1 else ''}")
    return ", ".join(counted) or "no problems"


class _Paint:
    def __init__(self, *, on: bool) -> None:
        self.on = on

    def __call__(self, text: str, style: str) -> str:
        return f"{style}{text}{_RESET}" if self.on else text


def _lines(diagnostic: Diagnostic, paint: _Paint) -> Iterator[str]:
    colour = _COLOURS[diagnostic.severity]
    first, *rest = printable(diagnostic.message, keep="\n").split("\n")
    title = paint(f"{diagnostic.severity.value}[{diagnostic.code}]", colour)
    yield f"{title}{paint(f': {first}', _BOLD)}"
    yield from (f"  {line}".rstrip() for line in rest)
    margin = max((len(str(place.line)) for place in diagnostic.places), default=1)
    for place in diagnostic.places:
        yield from _excerpt(place, margin, colour, paint)
    yield f"{' ' * margin}{paint(' = ', _BLUE)}{paint('cure', _GREEN)}: {printable(diagnostic.cure)}"


def _excerpt(place: Place, margin: int, colour: str, paint: _Paint) -> Iterator[str]:
    subgraph = "" if place.subgraph == place.label else f" ({place.subgraph})"
    yield f"{' ' * margin}{paint('-->', _BLUE)} {printable(f'{place}{subgraph}')}"
    if place.source_line is None:
        return
    shown, marker = excerpt(place)
    bar = paint("|", _BLUE)
    yield f"{' ' * margin} {bar}"
    yield f"{paint(str(place.line).rjust(margin), _BLUE)} {bar} {shown}".rstrip()
    padding = marker[: len(marker) - len(marker.lstrip())]
    yield f"{' ' * margin} {bar} {padding}{paint(marker.lstrip(), colour)}"


def excerpt(place: Place) -> tuple[str, str]:
    """The line that ``place`` is on, and a line of ``^`` to print below it; a long line is cut around the place."""
    line = place.source_line or ""
    start = place.column - 1
    cut_before = max(0, start - _BEFORE_MARKER) if len(line) > _WIDEST_EXCERPT else 0
    cut_after = min(len(line), cut_before + _WIDEST_EXCERPT)
    before, after = "…" if cut_before else "", "…" if cut_after < len(line) else ""
    shown = f"{before}{line[cut_before:cut_after]}{after}"
    padding = "".join(_blank(character) for character in f"{before}{line[cut_before:start]}")
    marked = line[start : min(place.end_column - 1, cut_after)]
    width = sum(len(_blank(character)) for character in marked)
    return printable(shown, keep="\t"), padding + "^" * max(1, width)


def printable(text: str, *, keep: str = "") -> str:
    """``text`` with its control characters, but for those in ``keep``, replaced by ``\N{REPLACEMENT CHARACTER}``."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_control(c) and c not in keep else c for c in text)


def _is_control(character: str) -> bool:
    # Control characters, invisible formatting (such as what turns the direction of text around), line ends, surrogates.
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")


def _blank(character: str) -> str:
    """Blanks as wide as ``character`` is in a terminal."""
    if character == "\t":
        return "\t"
    if unicodedata.combining(character):
        return ""
    return "  " if unicodedata.east_asian_width(character) in "WF" else " "
