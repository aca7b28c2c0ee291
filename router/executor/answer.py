"""Reading what came back from a subgraph: an HTTP response, or none, becomes data and errors.

    upstream ──▶ answer ──▶ merge, errors
                 ▲ you are here

Nothing that a subgraph sends may raise. What is malformed is replaced by an error that says so.
"""

from dataclasses import dataclass, field

from router.executor.codec import MalformedJSONError, decode_json, fits_in_response
from router.executor.outcome import FetchAnswer, FetchFailure, FetchOutcome
from router.executor.walk import Stored

HTTP_ERROR = "SUBREQUEST_HTTP_ERROR"
MALFORMED_RESPONSE = "SUBREQUEST_MALFORMED_RESPONSE"

MAX_PATH_LENGTH = 500
"""No place in a response is deeper; paths are cut here."""


@dataclass(frozen=True, slots=True)
class SubgraphError:
    """An error of a subgraph, or about one, with a sane shape.

    Attributes:
        path: As the subgraph sent it, up to the first segment that is no segment; ``None`` if it concerns the fetch.
    """

    message: str
    path: tuple[str | int, ...] | None = None
    extensions: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)  # not frozen: that takes three times as long to make
class SubgraphAnswer:
    """A GraphQL response of a subgraph; ``data`` is ``None`` if there is none to merge."""

    data: Stored | None
    errors: list[SubgraphError]


def malformed(reason: str, path: tuple[str | int, ...] | None = None) -> SubgraphError:
    """The error for an answer that is not what GraphQL says; ``reason`` names no content of it."""
    return SubgraphError(f"The subgraph's response is malformed: {reason}.", path, {"code": MALFORMED_RESPONSE})


def read_outcome(outcome: FetchOutcome) -> SubgraphAnswer:
    """Data and errors of ``outcome``."""
    if isinstance(outcome, FetchFailure):
        return SubgraphAnswer(None, [SubgraphError(outcome.message, None, {"code": outcome.code})])
    if 200 <= outcome.status < 300:
        return _read_success(outcome)
    return _read_status_error(outcome)


def _read_success(answer: FetchAnswer) -> SubgraphAnswer:
    response = _graphql_response(answer)
    if isinstance(response, SubgraphError):
        return SubgraphAnswer(None, [response])
    return _read_response(response)


def _read_status_error(answer: FetchAnswer) -> SubgraphAnswer:
    failure = SubgraphError(
        f"The subgraph answered with HTTP status {answer.status}.",
        None,
        {"code": HTTP_ERROR, "http": {"status": answer.status}},
    )
    response = _graphql_response(answer)
    if isinstance(response, SubgraphError):
        return SubgraphAnswer(None, [failure])
    read = _read_response(response)
    told = any(error.extensions.get("code") != MALFORMED_RESPONSE for error in read.errors)
    return read if told else SubgraphAnswer(read.data, [failure])


def _graphql_response(answer: FetchAnswer) -> Stored | SubgraphError:
    if not _is_json(answer.content_type):
        return malformed("its content type is not JSON")
    try:
        response = decode_json(answer.body)
    except MalformedJSONError:
        return malformed("it is not JSON")
    if type(response) is not dict:
        return malformed("it is not an object")
    if "data" not in response and "errors" not in response:
        return malformed("it has neither data nor errors")
    return response


def _is_json(content_type: str) -> bool:
    # Without a content type the body decides.
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type in ("", "application/json") or media_type.endswith("+json")


def _read_response(response: Stored) -> SubgraphAnswer:
    errors = _read_errors(response.get("errors"))
    data = response.get("data")
    if type(data) is dict:
        return SubgraphAnswer(data, errors)
    if data is not None:
        errors.append(malformed("its data is not an object"))
    elif not errors:
        # https://spec.graphql.org/September2025/#sec-Response-Format
        errors.append(malformed("it has no data, and no errors that say why"))
    return SubgraphAnswer(None, errors)


def _read_errors(errors: object) -> list[SubgraphError]:
    if errors is None:
        return []
    if type(errors) is not list:
        return [malformed("its errors are not a list")]
    return [_read_error(error) for error in errors]


def _read_error(error: object) -> SubgraphError:
    if type(error) is not dict:
        return malformed("one of its errors is not an object")
    message = error.get("message")
    if type(message) is not str:
        message = "The subgraph did not say what went wrong."
    return SubgraphError(message, _read_path(error.get("path")), _read_extensions(error.get("extensions")))


def _read_path(path: object) -> tuple[str | int, ...] | None:
    if type(path) is not list:
        return None
    segments: list[str | int] = []
    for segment in path[:MAX_PATH_LENGTH]:
        if type(segment) is str or (type(segment) is int and segment >= 0):
            segments.append(segment)
        else:
            break
    return tuple(segments)


def _read_extensions(extensions: object) -> dict[str, object]:
    if type(extensions) is not dict:
        return {}
    return extensions if fits_in_response(extensions) else {}
