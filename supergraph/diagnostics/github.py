"""Diagnostics as workflow commands, which GitHub Actions turns into notes beside the lines of a change.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from collections.abc import Iterator, Sequence

from supergraph.diagnostics.model import Diagnostic, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice", Severity.DEBUG: "debug"}


def render_github(diagnostics: Sequence[Diagnostic]) -> str:
    """One command for each diagnostic, on a line of its own; empty if there are none."""
    return "\n".join(map(_command, diagnostics))


def _command(diagnostic: Diagnostic) -> str:
    command = _COMMANDS[diagnostic.severity]
    text = f"{diagnostic.message}\n{_others(diagnostic)}{diagnostic.cure}"
    if command == "debug":  # takes no properties
        return f"::debug::{_escape(f'{diagnostic.code}: {text}')}"
    properties = ",".join(f"{name}={_escape_property(value)}" for name, value in _properties(diagnostic))
    return f"::{command} {properties}::{_escape(text)}"


def _properties(diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    place = next((place for place in diagnostic.places if place.path is not None), None)
    if place is not None and place.path is not None:
        yield "file", place.path
        yield "line", str(place.line)
        yield "col", str(place.column)
        yield "endColumn", str(place.end_column - 1)
    yield "title", diagnostic.code


def _others(diagnostic: Diagnostic) -> str:
    """The places besides the one at which the note is shown."""
    if len(diagnostic.places) < 2:
        return ""
    return f"At {', '.join(map(str, diagnostic.places))}\n"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
