"""Stage 6: the printed supergraph is read back, as the gateway will read it.

That gives the query graphs for satisfiability, tests the printer with every composition, and finds what is wrong with
the whole: broken GraphQL rules and misuse of ``@inaccessible``.
"""

import re
from dataclasses import dataclass

from graphql import GraphQLSchema

from supergraph.api.inaccessible import check_inaccessible
from supergraph.api.schema import build_schemas
from supergraph.compose.problems import Problems
from supergraph.errors import SupergraphError
from supergraph.query_graph import QueryGraphs
from supergraph.reader.document import parse_document
from supergraph.reader.features import read_features
from supergraph.reader.views import read_views

_COORDINATE = re.compile(r"\b[_A-Za-z]\w*\.[_A-Za-z]\w*(\(\w+:\))?")


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The supergraph as its readers see it."""

    api_schema: GraphQLSchema
    query_graphs: QueryGraphs


def read_back(sdl: str, problems: Problems) -> ReadBack | None:
    """Read a printed supergraph; ``None`` if it is wrong, which is then in ``problems``."""
    try:
        document = parse_document(sdl)
        features = read_features(document)
        hidden = check_inaccessible(document, features)
        if hidden:
            problems.errors += hidden
            return None
        schema, api_schema = build_schemas(document, features)
        return ReadBack(api_schema, QueryGraphs(schema, read_views(document, features)))
    except SupergraphError as error:
        found = _COORDINATE.search(str(error))
        message = f"The merged supergraph is not valid: {error}"
        # The reader refuses things the merge has no rule against: a key through a field that other subgraphs widen.
        code = "UNSUPPORTED_FEATURE" if error.code == SupergraphError.code else error.code
        problems.error(code, message, coordinate=found.group() if found else None)
        return None
