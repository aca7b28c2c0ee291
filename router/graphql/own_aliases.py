"""The client's aliases, put back where the plan of a template has others.

execute ──▶ own_aliases ──▶ GraphqlResult
            ▲ you are here
"""

from collections.abc import Mapping
from dataclasses import replace

from router.graphql.result import ErrorObject, GraphqlResult
from supergraph.operation.model import Operation


def with_own_aliases(result: GraphqlResult, operation: Operation) -> GraphqlResult:
    """The result as the client's document names it: in data and in the paths of errors.

    Our names are made of a hash of the supergraph and stand in quotes, so that nothing else in data is like them.
    Replacing them in bytes takes microseconds; a projection of its own for each document would take a hundred times as
    long to compile.
    """
    if operation.lifted is None or not operation.lifted.aliases:
        return result
    data = result.data
    if data is not None:
        for ours, alias in operation.lifted.aliases:
            data = data.replace(b'"%b"' % ours.encode(), b'"%b"' % alias.encode())
    own = dict(operation.lifted.aliases)
    return replace(result, data=data, errors=tuple(_at_own_path(error, own) for error in result.errors))


def _at_own_path(error: ErrorObject, own: Mapping[str, str]) -> ErrorObject:
    path = error.get("path")
    if not isinstance(path, list):
        return error
    return {**error, "path": [own.get(step, step) if isinstance(step, str) else step for step in path]}
