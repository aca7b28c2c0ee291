"""The parameters of a GraphQL request, from a body or a query string.

    bytes ──▶ parameters ──▶ documents ──▶ plans ──▶ execute
              ▲ you are here

https://http-spec.graphql.org/September2026/#sec-GraphQL-over-HTTP-Request
"""

from collections.abc import Mapping
from urllib.parse import parse_qs

import msgspec

from router.executor.codec import MalformedJSONError, decode_json
from router.graphql.errors import (
    BadGraphqlRequestError,
    BatchingNotEnabledError,
    InvalidJsonError,
    PersistedQueryNotSupportedError,
)

LIMIT_NESTING = 200
"""Of lists and objects in the JSON of a request."""

LIMIT_PARAMETERS = 100
"""Of a query string, those that are ignored included."""

JsonObject = Mapping[str, object]


class GraphqlParameters(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What the client asks for, under the names that the JSON of a request has for it."""

    query: str
    operation_name: str | None = None
    variables: JsonObject = {}
    extensions: JsonObject = {}


_usual = msgspec.json.Decoder(GraphqlParameters)


def parameters_from_body(body: bytes) -> GraphqlParameters:
    """Read the JSON body of a POST; raises ``BadGraphqlRequestError``."""
    # Nearly every body is as it should be, and then this costs a third.
    if body.count(b"[") + body.count(b"{") <= LIMIT_NESTING:
        try:
            parameters = _usual.decode(body)
        except (ValueError, RecursionError):
            pass  # what comes next finds out what is wrong, or that it is only unusual
        else:
            if parameters.query and parameters.operation_name != "":
                return parameters
    return _parameters_from_any_body(body)


def _parameters_from_any_body(body: bytes) -> GraphqlParameters:
    values = _decode(body, "The body")
    if isinstance(values, list):
        raise BatchingNotEnabledError
    if not isinstance(values, dict):
        raise BadGraphqlRequestError("The body must be a JSON object.")
    return _checked(values)


def parameters_from_query_string(query_string: str) -> GraphqlParameters:
    """Read the query string of a GET; raises ``BadGraphqlRequestError``."""
    try:
        given = parse_qs(query_string, keep_blank_values=True, errors="strict", max_num_fields=LIMIT_PARAMETERS)
    except UnicodeDecodeError as error:
        raise BadGraphqlRequestError("The query string is not percent-encoded UTF-8.") from error
    except ValueError as error:
        raise BadGraphqlRequestError(f"The query string has more than {LIMIT_PARAMETERS} parameters.") from error
    values: dict[str, object] = {}
    for name in ("query", "operationName", "variables", "extensions"):
        if name not in given:
            continue
        if len(given[name]) > 1:
            raise BadGraphqlRequestError(f'The parameter "{name}" is given twice.')
        text = given[name][0]
        if name in ("variables", "extensions"):
            values[name] = _decode(text.encode(), f'The parameter "{name}"') if text else None
        else:
            values[name] = text or None
    return _checked(values)


def _decode(text: bytes, what: str) -> object:
    try:
        value = decode_json(text)
    except MalformedJSONError as error:
        raise InvalidJsonError(f"{what} is not JSON: {error}.") from error
    # What is shallow enough here can be coerced, printed and encoded later without counting again. Only text with many
    # brackets can be deep, and nearly none has.
    if text.count(b"[") + text.count(b"{") > LIMIT_NESTING and _is_deep(value):
        raise BadGraphqlRequestError(f"{what} nests more than {LIMIT_NESTING} lists and objects.")
    return value


def _is_deep(value: object) -> bool:
    """Whether lists and objects nest more than ``LIMIT_NESTING`` times."""
    level: list[object] = [value]
    for _ in range(LIMIT_NESTING + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return any(isinstance(value, dict | list) for value in level)


def _checked(values: Mapping[str, object]) -> GraphqlParameters:
    query = values.get("query")
    extensions = _object(values, "extensions")
    if query is None and "persistedQuery" in extensions:
        raise PersistedQueryNotSupportedError
    if not isinstance(query, str) or not query:
        raise BadGraphqlRequestError('The parameter "query" must be a GraphQL document as a string.')
    operation_name = values.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadGraphqlRequestError('The parameter "operationName" must be a string.')
    return GraphqlParameters(
        query=query,
        operation_name=operation_name or None,
        variables=_object(values, "variables"),
        extensions=extensions,
    )


def _object(values: Mapping[str, object], name: str) -> JsonObject:
    value = values.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadGraphqlRequestError(f'The parameter "{name}" must be a JSON object.')
    return value
