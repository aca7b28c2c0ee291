"""Subgraphs by file, by URL or in place, and the supergraph that they compose to.

    rover's supergraph.yaml ─┐
                             ├─▶ sections ──▶ SDLs ──▶ compose ──▶ Supergraph
    router.yaml ─────────────┘   ▲ you are here        ▲ and here

Both files have the same shape below ``subgraphs``.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from router.config.load import load_section
from router.config.section import Section
from router.config.supergraph import SubgraphSection
from router.sources.errors import DoesNotComposeError
from router.sources.garbage import collector_paused
from router.sources.sdl import LoadedSdl
from supergraph import Composition, Supergraph, compose, read_supergraph
from supergraph.diagnostics import Severity, diagnose, render_text, summary
from supergraph.errors import HintLevel

logger = logging.getLogger(__name__)


class RoverFile(Section):
    """A ``supergraph.yaml``, as the rover command line reads it."""

    federation_version: str | int | float | None = None
    """Accepted; one composer serves all versions."""

    subgraphs: Mapping[str, SubgraphSection] = Field(min_length=1)


def read_rover_file(path: Path, environ: Mapping[str, str]) -> Mapping[str, SubgraphSection]:
    """The subgraphs that a ``supergraph.yaml`` names; raises ``ConfigError``."""
    return load_section(RoverFile, [path], environ).subgraphs


def compose_supergraph(loaded: Sequence[LoadedSdl]) -> Supergraph:
    """Compose subgraphs; raises ``DoesNotComposeError`` with every composition error."""
    with collector_paused():
        composition = compose([each.subgraph for each in loaded])
    if composition.sdl is None:
        raise _does_not_compose(composition, loaded)
    for hint in composition.hints:
        if hint.level is HintLevel.WARN:
            logger.warning("composition hint", extra={"code": hint.code, "detail": hint.message})
    with collector_paused():
        return read_supergraph(composition.sdl)


def _does_not_compose(composition: Composition, loaded: Sequence[LoadedSdl]) -> DoesNotComposeError:
    """Every error with its places, excerpts and cure, and how many there are."""
    diagnostics = diagnose(composition, {each.subgraph.name: each.source for each in loaded})
    errors = tuple(each for each in diagnostics if each.severity is Severity.ERROR)
    report = f"{render_text(errors, colour=False)}\n\nerror: the subgraphs do not compose: {summary(errors)}"
    return DoesNotComposeError(report, errors)
