"""Errors that say why a value was made null: with the errors of subgraphs, or apart from them.

    execute ──▶ value_completion ──▶ GraphqlResult
                ▲ you are here

By the specification a null in a position that cannot be null is an error. Some clients take any error for a failure of
the whole; for them these can be told under ``extensions.valueCompletion`` instead.
https://spec.graphql.org/September2025/#sec-Handling-Execution-Errors
"""

from collections.abc import Iterable

from msgspec.structs import replace

from router.executor.errors import INVALID_RESPONSE
from router.graphql.result import ErrorObject, GraphqlResult

EXTENSION = "valueCompletion"


def tell_apart(result: GraphqlResult) -> GraphqlResult:
    """The result with the errors of value completion among its extensions."""
    errors, completion = split(result.errors)
    if not completion:
        return result
    return replace(result, errors=errors, extensions={**result.extensions, EXTENSION: list(completion)})


def split(errors: Iterable[ErrorObject]) -> tuple[tuple[ErrorObject, ...], tuple[ErrorObject, ...]]:
    """The errors of subgraphs and requests, and those of value completion."""
    told: list[ErrorObject] = []
    completion: list[ErrorObject] = []
    for error in errors:
        (completion if _is_completion(error) else told).append(error)
    return tuple(told), tuple(completion)


def _is_completion(error: ErrorObject) -> bool:
    # A subgraph may use the same code; its errors name it.
    extensions = error.get("extensions")
    return isinstance(extensions, dict) and extensions.get("code") == INVALID_RESPONSE and "service" not in extensions
