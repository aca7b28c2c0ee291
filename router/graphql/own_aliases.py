"""The client's aliases, put back where the plan of a template has others.

    execute ──▶ own_aliases ──▶ GraphqlResult
                ▲ you are here

For nearly all operations there is nothing to do.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from router.graphql.result import GraphqlResult
from supergraph.operation.model import Operation


def with_own_aliases(result: GraphqlResult, operation: Operation) -> GraphqlResult:
    """The result as the client's document names it: in data, in errors and in extensions.

    Our names are made of a hash of the supergraph and stand in quotes, so that nothing else in data is like them.
    Replacing them in bytes takes microseconds; a projection of its own for each document would take a hundred times as
    long to compile.
    """
    if operation.lifted is None or not operation.lifted.aliases:
        return result
    only_data = result.only_data
    if only_data is not None:
        for ours, alias in operation.lifted.aliases:
            only_data = only_data.replace(b'"%b"' % ours.encode(), b'"%b"' % alias.encode())
    own = dict(operation.lifted.aliases)
    return replace(
        result,
        only_data=only_data,
        errors=tuple(_renamed_entries(error, own) for error in result.errors),
        extensions=_renamed_entries(result.extensions, own),
    )


def _renamed_entries(entries: Mapping[str, object], own: Mapping[str, str]) -> dict[str, object]:
    return {own.get(key, key): _renamed(value, own) for key, value in entries.items()}


def _renamed(value: object, own: Mapping[str, str]) -> object:
    """``value`` with our names replaced wherever they are: paths stand in extensions, too."""
    match value:
        case str():
            return own.get(value, value)
        case list() | tuple():
            return [_renamed(item, own) for item in value]
        case dict():
            return _renamed_entries(value, own)
        case _:
            return value
