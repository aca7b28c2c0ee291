"""Reading a supergraph: one SDL document becomes the value that everything else starts from."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import GraphQLSchema

from supergraph.views import SubgraphView


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Supergraph:
    """A supergraph, read and ready to plan on; immutable.

    Attributes:
        sdl: The document as it was read.
        id: Hash of ``sdl``.
        schema: All types of the supergraph, hidden ones included, without link and join machinery.
        api_schema: What clients see.
        subgraphs: By original name, in the order of ``join__Graph``.
    """

    sdl: str
    id: str
    schema: GraphQLSchema
    api_schema: GraphQLSchema
    subgraphs: Mapping[str, SubgraphView]


def read_supergraph(sdl: str) -> Supergraph:
    """Read a supergraph SDL (join 0.1 to 0.5); raises ``SupergraphError``."""
    raise NotImplementedError
