"""Diagnostics: what composition found, told like a compiler's messages.

    Composition, sources ──▶ diagnose ──▶ Diagnostic ──▶ text | JSON | SARIF | GitHub

Text in, values out: files are read, and terminals asked, elsewhere.
"""

from supergraph.diagnostics.as_json import to_json
from supergraph.diagnostics.diagnose import diagnose
from supergraph.diagnostics.github import render_github
from supergraph.diagnostics.model import Diagnostic, Place, SdlSource, Severity
from supergraph.diagnostics.sarif import to_sarif
from supergraph.diagnostics.text import printable, render_text, summary

__all__ = [
    "Diagnostic",
    "Place",
    "SdlSource",
    "Severity",
    "diagnose",
    "printable",
    "render_github",
    "render_text",
    "summary",
    "to_json",
    "to_sarif",
]
