"""The block ``include_subgraph_errors``: what clients see of subgraphs' errors."""

from collections.abc import Mapping

from router.config.section import Section


class IncludeSubgraphErrors(Section):
    """Whether clients see the messages of subgraphs' errors. The codes they always see."""

    all: bool = False
    """For every subgraph that is not named below."""

    subgraphs: Mapping[str, bool] = {}
    """For single subgraphs."""

    def shows(self, subgraph: str) -> bool:
        """Whether messages of this subgraph are shown."""
        return self.subgraphs.get(subgraph, self.all)
