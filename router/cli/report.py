"""How ``supergate compose`` tells errors and hints.

With ``--format json`` stdout gets one object: ``sdl`` (null if there are errors), ``errors`` and ``hints``, lists of
the objects that ``supergraph.diagnostics.as_json`` describes.
"""

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from importlib import metadata

import orjson

from router.cli.console import give, say
from supergraph import Composition
from supergraph.diagnostics import Diagnostic, Severity, render_github, render_text, summary, to_json, to_sarif


class Format(StrEnum):
    """For whom errors and hints are told."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def report(diagnostics: Sequence[Diagnostic], composition: Composition, format_: Format) -> None:
    """Tell what was found: text on stderr, what is for programs on stdout."""
    match format_:
        case Format.TEXT:
            _report_text(diagnostics, is_composed=composition.sdl is not None)
        case Format.JSON:
            _give_json(
                {
                    "sdl": composition.sdl,
                    "errors": [to_json(each) for each in diagnostics if each.severity is Severity.ERROR],
                    "hints": [to_json(each) for each in diagnostics if each.severity is not Severity.ERROR],
                }
            )
        case Format.SARIF:
            _give_json(to_sarif(diagnostics, version=metadata.version("supergate")))
        case Format.GITHUB:
            if diagnostics:
                give(render_github(diagnostics))


def _report_text(diagnostics: Sequence[Diagnostic], *, is_composed: bool) -> None:
    if diagnostics:
        say(render_text(diagnostics, colour=colour_wanted()))
        say("")
    if not is_composed:
        say(f"error: the subgraphs do not compose: {summary(diagnostics)}")


def colour_wanted() -> bool:
    """Whether stderr is a terminal and its owner has nothing against colours, https://no-color.org."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _give_json(value: object) -> None:
    give(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
