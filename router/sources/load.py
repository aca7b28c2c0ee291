"""One way in for every place that a supergraph comes from."""

from collections.abc import Mapping
from pathlib import Path

from router.config.model import Config
from router.config.supergraph import SubgraphSection, SupergraphSource
from router.sources.errors import SourceError
from router.sources.subgraphs import compose_supergraph
from router.sources.supergraph_file import load_supergraph_file
from supergraph import Supergraph

Source = Supergraph | Path | Mapping[str, SubgraphSection]
"""A supergraph, a file with one, or subgraphs to compose."""


def configured_source(config: Config) -> Source:
    """Where ``config`` says the supergraph comes from; raises ``SourceError`` if it does not say."""
    match config.supergraph.source:
        case SupergraphSource(file=str(file)):
            return Path(file)
        case _ if config.subgraphs:
            return config.subgraphs
        case _:
            raise SourceError(
                "there is no supergraph to serve; give --supergraph FILE, --compose SUPERGRAPH_YAML, "
                "or a --config FILE that names subgraphs"
            )


async def load_supergraph(source: Source) -> Supergraph:
    """The supergraph that ``source`` leads to; raises ``SourceError``."""
    match source:
        case Supergraph():
            return source
        case Path():
            return load_supergraph_file(source)
        case _:
            return await compose_supergraph(source)
