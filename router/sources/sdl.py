"""The SDL of each subgraph, by file, by URL, from Python or in place, and where it came from.

supergraph.yaml ──▶ sections ──▶ load_sdls ──▶ Subgraph and SdlSource of each ──▶ compose, diagnose
                                 ▲ you are here
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from router.config.supergraph import SubgraphSection
from router.sources.copies import Copies
from router.sources.errors import SourceAwayError, SourceError
from router.sources.introspection import fetch_sdl
from router.sources.python_schema import load_python_schema
from router.sources.supergraph_file import read_text
from supergraph import Subgraph
from supergraph.diagnostics import SdlSource


@dataclass(frozen=True, slots=True)
class LoadedSdl:
    """A subgraph, and the source that its errors are shown in."""

    subgraph: Subgraph
    source: SdlSource


@dataclass(slots=True, kw_only=True)
class SdlLoader:
    """How SDLs are loaded.

    Attributes:
        inline_label: What the file with the sections is called, for SDL that stands in it.
        copies: Where the SDL of running subgraphs is kept; ``None`` keeps none.
        allow_missing: Take the copy of a subgraph that is away.
        note: Is told about each copy that was taken.
        files: Every file that was read, or tried, so far.
        known: What to go on with while a running subgraph is away.
        away: For whom that was done, and why.
    """

    inline_label: str = "subgraphs"
    copies: Copies | None = None
    allow_missing: bool = False
    note: Callable[[str], None] = lambda _: None
    files: set[Path] = field(default_factory=set)
    known: Mapping[str, SdlSource] = field(default_factory=dict)
    away: dict[str, str] = field(default_factory=dict)

    async def load(self, sections: Mapping[str, SubgraphSection]) -> list[LoadedSdl]:
        """Load all, those that take time at the same time.

        Raises ``SourceError`` that names every subgraph without an SDL; ``SourceAwayError`` if all may have one later.
        """
        problems: list[SourceError] = []
        sources: dict[str, SdlSource] = {}
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as tasks:

            async def load(name: str, section: SubgraphSection) -> None:
                try:
                    sources[name] = await self._load_one(session, name, section)
                except SourceError as error:
                    problems.append(error)

            for name, section in sections.items():
                tasks.create_task(load(name, section))
        if problems:
            text = "\n".join(sorted(map(str, problems)))
            raise (SourceAwayError if all(isinstance(each, SourceAwayError) for each in problems) else SourceError)(
                text
            )
        return [
            LoadedSdl(Subgraph(name=name, url=section.url, sdl=sources[name].text), sources[name])
            for name, section in sections.items()
        ]

    async def _load_one(self, session: aiohttp.ClientSession, name: str, section: SubgraphSection) -> SdlSource:
        schema = section.schema_source
        if schema.sdl is not None:
            return SdlSource(label=f"{self.inline_label}#subgraphs.{name}.schema.sdl", text=schema.sdl)
        if schema.file is not None:
            return self._read(name, Path(schema.file))
        if schema.python is not None:
            return await self._import(name, section, schema.python)
        assert schema.subgraph_url is not None
        return await self._ask(session, name, section, schema.subgraph_url)

    def _read(self, name: str, path: Path) -> SdlSource:
        self.files.add(path)
        shown = display_path(path)
        return SdlSource(label=shown, text=read_text(path, what=f'the SDL of subgraph "{name}"'), path=shown)

    async def _import(self, name: str, section: SubgraphSection, reference: str) -> SdlSource:
        schema = section.schema_source
        folder = Path(schema.python_path or ".")
        try:
            found = await load_python_schema(reference, folder=folder, timeout_seconds=schema.timeout)
        except SourceError as error:
            raise SourceError(f'subgraph "{name}": {reference}: {error}') from error
        self.files.update(found.files)
        if found.sdl is None:
            raise SourceError(f'subgraph "{name}": {reference}: {found.error}')
        return SdlSource(label=reference, text=found.sdl)

    async def _ask(self, session: aiohttp.ClientSession, name: str, section: SubgraphSection, url: str) -> SdlSource:
        schema = section.schema_source
        headers = {header: value.get_secret_value() for header, value in schema.headers.items()}
        try:
            sdl = await fetch_sdl(session, subgraph=name, url=url, timeout_seconds=schema.timeout, headers=headers)
        except SourceError as error:
            if isinstance(error, SourceAwayError) and name in self.known:
                self.away[name] = str(error)
                return self.known[name]
            return self._copy(name, url, error)
        if self.copies is not None:
            self.copies.keep(name, sdl)
        return SdlSource(label=url, text=sdl)

    def _copy(self, name: str, url: str, error: SourceError) -> SdlSource:
        if not self.allow_missing or self.copies is None:
            raise error
        copy = self.copies.find(name)
        if copy is None:
            raise SourceError(f"{error}; there is no copy of it in {display_path(self.copies.folder)} yet") from error
        self.note(
            f'subgraph "{name}" is away, so its SDL of {copy.time:%Y-%m-%d %H:%M} is used '
            f"({display_path(copy.path)}); {url} did not answer"
        )
        return SdlSource(label=url, text=copy.sdl)


def display_path(path: Path) -> str:
    """``path`` as people and tools like it: from the current folder where it is below that, with ``/``."""
    absolute = path.absolute()
    here = Path.cwd()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()
