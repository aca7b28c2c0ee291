"""The variables of an operation, read from path, query string and body of a REST request.

Text becomes what the variable's type takes: ``first=10`` an Int, ``tag=a&tag=b`` a list. An input object in the query
string is JSON text. Everything is then held against the type, so that a wrong value is refused with the name that the
client knows it by. What is passed on is JSON, as in a GraphQL request; coercion proper is the operation's business.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs

import orjson
from graphql import (
    GraphQLError,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_input_object_type,
    validate_input_value,
)

from router.errors import UnsupportedMediaTypeError
from router.policy.request import Request
from router.rest.errors import BadParameterError

Source = Literal["path", "query", "body"]

_INT = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_MAX_INT_DIGITS = 20
_MAX_MESSAGE = 300
_MAX_QUERY_PARAMETERS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """A variable of an operation and where its value comes from."""

    name: str
    type: GraphQLInputType
    source: Source
    has_default: bool


def read_variables(
    variables: Sequence[Variable], request: Request, path_parameters: Mapping[str, str]
) -> dict[str, object]:
    """The values of a request's variables; those that are not given are left out.

    Raises:
        BadParameterError: Names every wrong parameter and what was expected.
        UnsupportedMediaTypeError: A body that should be JSON says that it is something else.
    """
    query = _read_query(request.query_string)
    values: dict[str, object] = {}
    problems: list[str] = []
    for variable in variables:
        try:
            match variable.source:
                case "body":
                    given, value = _read_body(request)
                case "path":
                    given, value = True, _value_of_texts([path_parameters[variable.name]], variable.type)
                case "query":
                    texts = query.get(variable.name, [])
                    given, value = bool(texts), _value_of_texts(texts, variable.type) if texts else None
        except ValueError as error:
            problems.append(_problem(variable, "", str(error)))
            continue
        if given:
            values[variable.name] = value
        if given or not variable.has_default:
            problems += _check(variable, value, given=given)
    if problems:
        raise BadParameterError(" ".join(problems))
    return values


def _read_query(query_string: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query_string, keep_blank_values=True, errors="strict", max_num_fields=_MAX_QUERY_PARAMETERS)
    except ValueError:
        raise BadParameterError("The query string is not UTF-8, or has too many parameters.") from None


def _read_body(request: Request) -> tuple[bool, object]:
    if not request.body:
        return False, None
    if not _is_json(request.headers.get("content-type", "")):
        raise UnsupportedMediaTypeError("The body must be application/json.")
    try:
        return True, orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error})") from None


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


def _check(variable: Variable, value: object, *, given: bool) -> list[str]:
    if not given:
        return [_problem(variable, "", "it is missing")] if isinstance(variable.type, GraphQLNonNull) else []
    problems: list[str] = []

    def on_error(error: GraphQLError, path: list[str | int]) -> None:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        problems.append(_problem(variable, place, error.message))

    validate_input_value(value, variable.type, on_error, hide_suggestions=True)
    return problems


def _problem(variable: Variable, place: str, message: str) -> str:
    if len(message) > _MAX_MESSAGE:
        message = message[:_MAX_MESSAGE] + "…"
    what = f"body{place}" if variable.source == "body" else f'{variable.source} parameter "{variable.name}{place}"'
    return f"The {what} must be {variable.type}: {message.rstrip('.')}."


def _value_of_texts(texts: Sequence[str], type_: GraphQLInputType) -> object:
    """What the texts of one parameter mean; raises ``ValueError``."""
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if isinstance(type_, GraphQLList):
        return [_value_of_texts([text], type_.of_type) for text in texts]
    if len(texts) > 1:
        raise ValueError("it is given more than once")
    return _value_of_text(texts[0], type_)


def _value_of_text(text: str, type_: GraphQLInputType) -> object:
    if is_input_object_type(type_):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            raise ValueError("it is not JSON") from None
    match str(type_):
        case "Int" if _INT.fullmatch(text) and len(text) <= _MAX_INT_DIGITS:
            return int(text)
        case "Float" if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        case "Boolean" if text in ("true", "false"):
            return text == "true"
        case _:
            return text  # a string, or not what the type takes, which the check will say
