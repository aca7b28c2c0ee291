"""From a ``supergraph.yaml`` to a composition and its diagnostics, for every command that composes."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from router.cli.console import say
from router.sources.copies import FOLDER, Copies
from router.sources.garbage import collector_paused
from router.sources.sdl import SdlLoader, display_path
from router.sources.subgraphs import read_rover_file
from supergraph import Composition, compose
from supergraph.diagnostics import Diagnostic, diagnose


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What became of the subgraphs of a file."""

    composition: Composition
    diagnostics: tuple[Diagnostic, ...]
    subgraph_count: int


def compose_file(config: Path, loader: SdlLoader) -> Composed:
    """Load and compose what ``config`` names; raises ``ConfigError`` and ``SourceError``."""
    loader.inline_label = display_path(config)
    loader.copies = Copies(config.absolute().parent / FOLDER)
    loader.note = lambda text: say(f"note: {text}")
    sections = read_rover_file(config, os.environ)
    loader.files.update(Path(s.schema_source.file) for s in sections.values() if s.schema_source.file is not None)
    loaded = asyncio.run(loader.load(sections))
    with collector_paused():
        composition = compose([each.subgraph for each in loaded])
    diagnostics = diagnose(composition, {each.subgraph.name: each.source for each in loaded})
    return Composed(composition=composition, diagnostics=diagnostics, subgraph_count=len(loaded))
