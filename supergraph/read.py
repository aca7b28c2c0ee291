"""Reading a supergraph: one SDL document becomes the value that everything else starts from."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import GraphQLSchema

from supergraph.api.schema import build_request_schema, build_schemas
from supergraph.errors import SupergraphError
from supergraph.query_graph import QueryGraphs
from supergraph.reader.document import parse_document
from supergraph.reader.features import READABLE_ONLY, Features, check_supported, read_features
from supergraph.reader.views import read_views
from supergraph.views import SubgraphView


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Supergraph:
    """A supergraph, read and ready to plan on; immutable.

    Attributes:
        sdl: The document as it was read.
        id: Hash of ``sdl``.
        schema: All types of the supergraph, hidden ones included, without link and join machinery.
        api_schema: What clients see.
        request_schema: ``api_schema`` and the directives that a request may use besides: ``@defer``, and ``@stream`` if
            the subgraphs declare it.
        subgraphs: By original name, in the order of ``join__Graph``.
        query_graphs: What can be reached from where.
        features: What the document links, to find directives such as ``@authenticated`` by their local names.
        unserved: Linked features that were read but that no request can be served with; empty for nearly all.
    """

    sdl: str
    id: str
    schema: GraphQLSchema
    api_schema: GraphQLSchema
    request_schema: GraphQLSchema
    subgraphs: Mapping[str, SubgraphView]
    query_graphs: QueryGraphs
    features: Features = field(default_factory=Features)
    unserved: tuple[str, ...] = ()


def read_supergraph(sdl: str | bytes) -> Supergraph:
    """Read a supergraph SDL (join 0.1 to 0.5); raises ``SupergraphError``."""
    text = _decode(sdl)
    document = parse_document(text)
    features = read_features(document)
    check_supported(features)
    schema, api_schema = build_schemas(document, features)
    views = read_views(document, features)
    return Supergraph(
        sdl=text,
        id=hashlib.sha256(text.encode()).hexdigest(),
        schema=schema,
        api_schema=api_schema,
        request_schema=build_request_schema(schema, api_schema),
        subgraphs=views,
        query_graphs=QueryGraphs(schema, views),
        features=features,
        unserved=tuple(feature.identity for feature in features.all if feature.name in READABLE_ONLY),
    )


def _decode(sdl: str | bytes) -> str:
    try:
        text = sdl.decode() if isinstance(sdl, bytes) else sdl
        text.encode()
    except UnicodeError as error:
        raise SupergraphError("The document is not UTF-8 text.", code="INVALID_GRAPHQL") from error
    return text
