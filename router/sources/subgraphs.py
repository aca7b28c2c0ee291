"""Subgraphs by file, by URL or in place, and the supergraph that they compose to.

    rover's supergraph.yaml ─┐
                             ├─▶ sections ──▶ SDLs ──▶ compose ──▶ Supergraph
    router.yaml ─────────────┘   ▲ you are here        ▲ and here

Both files have the same shape below ``subgraphs``.
"""

import asyncio
import logging
import os
import pickle
import sys
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from router.config.load import load_section
from router.config.section import Section
from router.config.supergraph import SubgraphSection
from router.sources.errors import DoesNotComposeError, SourceError
from router.sources.garbage import collector_paused
from router.sources.sdl import LoadedSdl
from supergraph import Supergraph, compose, read_supergraph
from supergraph.diagnostics import Diagnostic, Severity, diagnose, render_text, summary

logger = logging.getLogger(__name__)

COMPOSE_CHILD = Path(__file__).with_name("compose_child.py")


class RoverFile(Section):
    """A ``supergraph.yaml``, as the rover command line reads it."""

    federation_version: str | int | float | None = None
    """Accepted; one composer serves all versions."""

    subgraphs: Mapping[str, SubgraphSection] = Field(min_length=1)


def read_rover_file(path: Path, environ: Mapping[str, str]) -> Mapping[str, SubgraphSection]:
    """The subgraphs that a ``supergraph.yaml`` names; raises ``ConfigError``."""
    return load_section(RoverFile, [path], environ).subgraphs


@dataclass(frozen=True, slots=True)
class Composed:
    """What became of subgraphs, with everything that is to be said about it."""

    sdl: str | None
    diagnostics: tuple[Diagnostic, ...]


def compose_here(loaded: Sequence[LoadedSdl]) -> Composed:
    """Compose subgraphs in this process."""
    with collector_paused():
        composition = compose([each.subgraph for each in loaded])
    return Composed(composition.sdl, diagnose(composition, {each.subgraph.name: each.source for each in loaded}))


async def compose_beside(loaded: Sequence[LoadedSdl], *, program: Path = COMPOSE_CHILD) -> Composed:
    """Compose subgraphs in a process of its own; raises ``SourceError`` if that fails. See ``compose_child``."""
    subgraphs = [each.subgraph for each in loaded]
    sources = {each.subgraph.name: each.source for each in loaded}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", str(program), stdin=PIPE, stdout=PIPE, env=environment, start_new_session=True
    )
    try:
        answer, _ = await process.communicate(pickle.dumps((subgraphs, sources)))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise SourceError(f"the process that composes the subgraphs ended with code {process.returncode}")
    return Composed(*pickle.loads(answer))  # noqa: S301 - from our own child, through a pipe


def supergraph_of(composed: Composed) -> Supergraph:
    """Read what was composed; raises ``DoesNotComposeError`` with every composition error."""
    if composed.sdl is None:
        raise _does_not_compose(composed.diagnostics)
    for diagnostic in composed.diagnostics:
        if diagnostic.severity is Severity.WARNING:
            logger.warning("composition hint", extra={"code": diagnostic.code, "detail": diagnostic.message})
    with collector_paused():
        return read_supergraph(composed.sdl)


def _does_not_compose(diagnostics: Sequence[Diagnostic]) -> DoesNotComposeError:
    """Every error with its places, excerpts and cure, and how many there are."""
    errors = tuple(each for each in diagnostics if each.severity is Severity.ERROR)
    report = f"{render_text(errors, colour=False)}\n\nerror: the subgraphs do not compose: {summary(errors)}"
    return DoesNotComposeError(report, errors)
