"""Diagnostics as SARIF, the exchange format of static analysis tools.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections.abc import Sequence
from urllib.parse import quote

from supergraph.diagnostics.as_json import Json
from supergraph.diagnostics.model import Diagnostic, Place, Severity

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.DEBUG: "none"}
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def to_sarif(diagnostics: Sequence[Diagnostic], *, version: str) -> dict[str, Json]:
    """A log with one run; ``version`` is that of the tool."""
    firsts = {diagnostic.code: diagnostic for diagnostic in reversed(diagnostics)}
    rules = sorted(firsts)
    driver: dict[str, Json] = {
        "name": "supergate",
        "version": version,
        "rules": [_rule(firsts[code]) for code in rules],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, rules.index(diagnostic.code)) for diagnostic in diagnostics],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(diagnostic: Diagnostic) -> dict[str, Json]:
    return {
        "id": diagnostic.code,
        "shortDescription": {"text": diagnostic.meaning},
        "fullDescription": {"text": diagnostic.meaning},
        "defaultConfiguration": {"level": _LEVELS[diagnostic.severity]},
    }


def _result(diagnostic: Diagnostic, rule_index: int) -> dict[str, Json]:
    result: dict[str, Json] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule_index,
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": f"{diagnostic.message}\n{diagnostic.cure}"},
    }
    if diagnostic.severity is Severity.DEBUG:
        result["kind"] = "informational"  # the only results that may have no level
    first, others = diagnostic.places[:1], diagnostic.places[1:]
    if first:
        result["locations"] = [_location(first[0], diagnostic.coordinate)]
    elif diagnostic.coordinate is not None:
        result["locations"] = [{"logicalLocations": [{"fullyQualifiedName": diagnostic.coordinate}]}]
    if others:
        result["relatedLocations"] = [
            {**_location(place, None), "id": number, "message": {"text": f"in subgraph {place.subgraph}"}}
            for number, place in enumerate(others, start=1)
        ]
    return result


def _location(place: Place, coordinate: str | None) -> dict[str, Json]:
    region: dict[str, Json] = {
        "startLine": place.line,
        "startColumn": place.column,
        "endColumn": place.end_column,
    }
    if place.snippet is not None:
        region["snippet"] = {"text": place.snippet}
    uri = quote(place.path if place.path is not None else place.label, safe="/:%?=&#@[]!$'()*+,;~-._")
    location: dict[str, Json] = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}
    if coordinate is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": coordinate}]
    return location
