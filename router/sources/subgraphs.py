"""Subgraphs by file, by URL or in place, and the supergraph that they compose to.

    rover's supergraph.yaml ─┐
                             ├─▶ subgraphs ──▶ compose ──▶ Supergraph
    router.yaml ─────────────┘   ▲ you are here

Both files have the same shape below ``subgraphs``.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import Field

from router.config.load import load_section
from router.config.section import Section
from router.config.supergraph import SubgraphSection
from router.sources.errors import SourceError
from router.sources.garbage import collector_paused
from router.sources.sdl import SdlLoader
from supergraph import Composition, Subgraph, Supergraph, compose, read_supergraph
from supergraph.errors import CompositionError, Hint, HintLevel

logger = logging.getLogger(__name__)


class RoverFile(Section):
    """A ``supergraph.yaml``, as the rover command line reads it."""

    federation_version: str | int | float | None = None
    """Accepted; one composer serves all versions."""

    subgraphs: Mapping[str, SubgraphSection] = Field(min_length=1)


def read_rover_file(path: Path, environ: Mapping[str, str]) -> Mapping[str, SubgraphSection]:
    """The subgraphs that a ``supergraph.yaml`` names; raises ``ConfigError``."""
    return load_section(RoverFile, [path], environ).subgraphs


async def load_subgraphs(sections: Mapping[str, SubgraphSection]) -> list[Subgraph]:
    """Read the SDL of every subgraph, those that take time at the same time.

    Raises ``SourceError`` that names every subgraph without an SDL.
    """
    return [loaded.subgraph for loaded in await SdlLoader().load(sections)]


async def compose_supergraph(sections: Mapping[str, SubgraphSection]) -> Supergraph:
    """Load and compose subgraphs; raises ``SourceError`` with every composition error."""
    loaded = await load_subgraphs(sections)
    with collector_paused():
        composition = compose(loaded)
    if composition.sdl is None:
        raise SourceError(describe_errors(composition))
    for hint in composition.hints:
        if hint.level is HintLevel.WARN:
            logger.warning("composition hint", extra={"code": hint.code, "detail": hint.message})
    with collector_paused():
        return read_supergraph(composition.sdl)


def describe_errors(composition: Composition) -> str:
    """Every error on a line of its own, and how many there are."""
    count = len(composition.errors)
    lines = [describe(error) for error in composition.errors]
    return "\n".join([*lines, f"The subgraphs do not compose: {count} error{'s' if count != 1 else ''}."])


def describe(entry: CompositionError | Hint) -> str:
    """``CODE subgraph:line:column: message``, with every place that is known."""
    places = _places([f"{place.subgraph}:{place.line}:{place.column}" for place in entry.locations])
    return f"{entry.code} {places}{entry.message}"


def _places(places: Sequence[str]) -> str:
    return f"{', '.join(dict.fromkeys(places))}: " if places else ""
