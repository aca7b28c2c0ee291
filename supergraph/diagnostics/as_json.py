"""Diagnostics for programs: plain values for JSON, of a shape that is kept.

    {"severity": "error", "code": "FIELD_TYPE_MISMATCH", "message": "...", "coordinate": "Product.price", "cure": "...",
     "locations": [{"subgraph": "orders", "file": "orders.graphql", "line": 14, "column": 3, "end_column": 8,
                    "source": "  price: String"}]}

``coordinate`` may be null, and so may ``source``, which is also left out where a line is very long. A file that an SDL
was not read from is what it was read from: a URL, or ``package.module:schema``. Keys may be added; none is
taken away.
"""

from collections.abc import Sequence

from supergraph.diagnostics.model import Diagnostic, Place

Json = str | int | float | bool | None | Sequence["Json"] | dict[str, "Json"]


def to_json(diagnostic: Diagnostic) -> dict[str, Json]:
    """One diagnostic as an object."""
    return {
        "severity": diagnostic.severity.value,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "coordinate": diagnostic.coordinate,
        "cure": diagnostic.cure,
        "locations": [_location(place) for place in diagnostic.places],
    }


def _location(place: Place) -> dict[str, Json]:
    return {
        "subgraph": place.subgraph,
        "file": place.label,
        "line": place.line,
        "column": place.column,
        "end_column": place.end_column,
        "source": place.snippet,
    }
