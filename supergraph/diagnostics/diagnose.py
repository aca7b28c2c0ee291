"""From the errors and hints of a composition to diagnostics.

    Composition, sources ──▶ diagnose ──▶ Diagnostic ──▶ text | JSON | SARIF | GitHub
                             ▲ you are here

The result depends on the composition and the sources only, not on the order in which subgraphs were given.
"""

from collections.abc import Iterable, Mapping

from supergraph.compose.result import Composition
from supergraph.diagnostics.coordinates import Definitions
from supergraph.diagnostics.extents import Lines
from supergraph.diagnostics.model import Diagnostic, Place, SdlSource, Severity
from supergraph.diagnostics.rules import rule_of
from supergraph.errors import CompositionError, Hint, HintLevel, SourceLocation

_MOST_PLACES_IN_CURE = 3
_SEVERITIES = {HintLevel.WARN: Severity.WARNING, HintLevel.INFO: Severity.INFO, HintLevel.DEBUG: Severity.DEBUG}


def diagnose(composition: Composition, sources: Mapping[str, SdlSource]) -> tuple[Diagnostic, ...]:
    """Every error and hint as a diagnostic: by severity, then by place.

    Args:
        composition: What ``compose`` gave.
        sources: Where each subgraph's SDL came from, by subgraph name. What is missing here is told without excerpt.
    """
    places = _Places(sources)
    entries: list[CompositionError | Hint] = [*composition.errors, *composition.hints]
    found = (_diagnostic(entry, places) for entry in entries)
    return tuple(sorted(dict.fromkeys(found), key=_order))


def _diagnostic(entry: CompositionError | Hint, places: "_Places") -> Diagnostic:
    severity = _SEVERITIES[entry.level] if isinstance(entry, Hint) else Severity.ERROR
    rule = rule_of(entry.code, is_error=severity is Severity.ERROR)
    found = places.of(entry)
    return Diagnostic(
        severity=severity,
        code=entry.code,
        message=entry.message,
        coordinate=entry.coordinate,
        places=found,
        cure=rule.cure.format(at=entry.coordinate or "the element", places=_in_words(found)),
        meaning=rule.meaning,
    )


def _order(diagnostic: Diagnostic) -> tuple[object, ...]:
    places = [(place.label, place.line, place.column) for place in diagnostic.places]
    return (diagnostic.severity.rank, places, diagnostic.code, diagnostic.coordinate or "", diagnostic.message)


def _in_words(places: Iterable[Place]) -> str:
    """``a.graphql:3, b.graphql:5 and c.graphql:8``; a long list is cut."""
    named = list(dict.fromkeys(f"{place.label}:{place.line}" for place in places))
    if not named:
        return "the subgraphs"
    if len(named) > _MOST_PLACES_IN_CURE:
        named[_MOST_PLACES_IN_CURE - 1 :] = [f"{len(named) - _MOST_PLACES_IN_CURE + 1} more places"]
    return ", ".join(named[:-1]) + " and " + named[-1] if len(named) > 1 else named[0]


class _Places:
    """Finds places in sources, each of which is read once."""

    __slots__ = ("_definitions", "_lines", "_sources")

    def __init__(self, sources: Mapping[str, SdlSource]) -> None:
        self._sources = sources
        self._lines: dict[str, Lines] = {}
        self._definitions: dict[str, Definitions] = {}

    def of(self, entry: CompositionError | Hint) -> tuple[Place, ...]:
        """The places that an entry names; if it names none, where its coordinate is defined."""
        locations: Iterable[SourceLocation] = entry.locations
        if not entry.locations and entry.coordinate is not None:
            locations = self._defined(entry.coordinate)
        return tuple(dict.fromkeys(map(self._place, locations)))

    def _place(self, location: SourceLocation) -> Place:
        name = location.subgraph
        source = self._sources.get(name)
        if source is None:
            return Place(
                subgraph=name,
                label=name,
                path=None,
                line=location.line,
                column=location.column,
                end_column=location.column + 1,
                source_line=None,
            )
        if name not in self._lines:
            self._lines[name] = Lines(source.text)
        extent = self._lines[name].extent(location.line, location.column)
        return Place(
            subgraph=name,
            label=source.label,
            path=source.path,
            line=extent.line,
            column=extent.column,
            end_column=extent.end_column,
            source_line=extent.source_line,
        )

    def _defined(self, coordinate: str) -> Iterable[SourceLocation]:
        for name in sorted(self._sources):
            if name not in self._definitions:
                self._definitions[name] = Definitions(self._sources[name].text)
            for line, column in self._definitions[name].find(coordinate):
                yield SourceLocation(name, line, column)
