"""One way in for every place that a supergraph comes from.

Source ──▶ SourceReader ──▶ texts ──▶ build_supergraph ──▶ Supergraph
           ▲ reads again and again    ▲ takes long, so it runs in a thread, and only for new texts
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from router.config.model import Config
from router.config.supergraph import SubgraphSection, SupergraphSource
from router.sources.errors import SourceError
from router.sources.sdl import LoadedSdl, SdlLoader
from router.sources.subgraphs import compose_beside, compose_here, supergraph_of
from router.sources.supergraph_file import read_supergraph_sdl, read_text
from router.sources.supergraph_url import Published, SupergraphUrl, fetch_supergraph
from supergraph import Supergraph

logger = logging.getLogger(__name__)

Source = Supergraph | Path | SupergraphUrl | Mapping[str, SubgraphSection]
"""A supergraph, a file or a URL with one, or subgraphs to compose."""


SMALL_CHARACTERS = 50_000
"""Less SDL than this is composed in the time that a process takes to start."""


@dataclass(frozen=True, slots=True)
class SupergraphText:
    """The SDL of a supergraph, and the file or URL it came from."""

    sdl: str
    origin: str


Texts = Supergraph | SupergraphText | tuple[LoadedSdl, ...]
"""What a supergraph is built from. Equal texts make equal supergraphs."""


def configured_source(config: Config) -> Source:
    """Where ``config`` says the supergraph comes from; raises ``SourceError`` if it does not say."""
    match config.supergraph.source:
        case SupergraphSource(file=str(file)):
            return Path(file)
        case SupergraphSource(url=str(url), poll_interval=seconds):
            return SupergraphUrl(url, seconds)
        case _ if config.subgraphs:
            return config.subgraphs
        case _:
            raise SourceError(
                "there is no supergraph to serve; give --supergraph FILE, --compose SUPERGRAPH_YAML, "
                "or a --config FILE that names subgraphs"
            )


def build_supergraph(texts: Texts) -> Supergraph:
    """Compose or read the supergraph; raises ``SourceError``."""
    match texts:
        case Supergraph():
            return texts
        case SupergraphText(sdl, origin):
            return read_supergraph_sdl(sdl, origin=origin)
        case _:
            return supergraph_of(compose_here(texts))


async def build_beside_requests(texts: Texts) -> Supergraph:
    """As ``build_supergraph``, in a thread; large subgraphs are composed in a process of their own."""
    if isinstance(texts, tuple) and sum(len(each.subgraph.sdl) for each in texts) > SMALL_CHARACTERS:
        return await asyncio.to_thread(supergraph_of, await compose_beside(texts))
    return await asyncio.to_thread(build_supergraph, texts)


class SourceReader:
    """Reads what a source says, again and again.

    Attributes:
        files: Every file that was read, or tried, so far.
        poll_seconds: How often ``poll`` is wanted; ``None`` if nothing comes over the network.
    """

    def __init__(self, source: Source) -> None:
        self.files: set[Path] = set()
        self.poll_seconds = _poll_seconds(source)
        self._source = source
        self._published: Published | None = None
        self._loaded: dict[str, LoadedSdl] = {}
        self._away: frozenset[str] = frozenset()

    async def read(self) -> Texts:
        """Everything; raises ``SourceError``.

        A running subgraph that does not answer is taken to say what it said before, if it ever did.
        """
        match self._source:
            case Supergraph() as supergraph:
                return supergraph
            case Path() as path:
                self.files.add(path)
                return SupergraphText(read_text(path, what="a supergraph SDL"), str(path))
            case SupergraphUrl(url=url):
                self._published = await fetch_supergraph(url, known=self._published)
                return SupergraphText(self._published.text, url)
            case sections:
                return await self._load(sections, sections)

    async def poll(self) -> Texts:
        """As ``read``, but only what comes over the network is read again."""
        if isinstance(self._source, Mapping) and self._loaded:
            return await self._load(self._source, _running(self._source))
        return await self.read()

    async def _load(self, sections: Mapping[str, SubgraphSection], names: Iterable[str]) -> tuple[LoadedSdl, ...]:
        self.files.update(Path(s.schema_source.file) for s in sections.values() if s.schema_source.file is not None)
        loader = SdlLoader(files=self.files, known={name: each.source for name, each in self._loaded.items()})
        loaded = await loader.load({name: sections[name] for name in names})
        self._loaded |= {each.subgraph.name: each for each in loaded}
        self._tell_who_is_away(loader.away)
        return tuple(self._loaded[name] for name in sections)

    def _tell_who_is_away(self, away: Mapping[str, str]) -> None:
        for name in away.keys() - self._away:
            logger.warning("subgraph is away, its last schema stays", extra={"subgraph": name, "detail": away[name]})
        self._away = frozenset(away)


def _running(sections: Mapping[str, SubgraphSection]) -> tuple[str, ...]:
    return tuple(name for name, section in sections.items() if section.schema_source.subgraph_url is not None)


def _poll_seconds(source: Source) -> float | None:
    match source:
        case Supergraph() | Path():
            return None
        case SupergraphUrl(poll_seconds=seconds):
            return seconds
        case sections:
            # All are asked together, as often as the most impatient of them wants it.
            return min((sections[name].schema_source.poll_interval for name in _running(sections)), default=None)
