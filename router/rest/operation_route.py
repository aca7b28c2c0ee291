"""A route that runs an operation: one JSON object out of as many subgraphs as it takes.

    Request ──▶ policies ──▶ OperationRoute ──▶ graphql stage ──▶ JSON object | problem
                             ▲ you are here

The operation is read and checked when the snapshot is built. The members of its ``data`` are the members of the
answer. If a part of it failed, ``on_partial`` decides: the rest with ``errors`` beside it, or 502 (504 if time ran
out). If nothing is left, there is no answer to give, and it is 502 or 504 in both cases.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import orjson

from router.config.rest import RouteSection
from router.errors import BadGatewayError, GatewayTimeoutError, NotAcceptableError, NotFoundError
from router.policy.request import Request, Response
from router.rest.errors import OperationRefusedError
from router.rest.parameters import Variable, read_variables

_TIMEOUT = "GATEWAY_TIMEOUT"
_NO_WEIGHT = re.compile(r"q\s*=\s*0(\.0*)?")


class OperationResult(Protocol):
    """What an operation came to."""

    @property
    def data(self) -> bytes | None:
        """JSON of ``data``; ``None`` if nothing was executed."""

    @property
    def errors(self) -> tuple[Mapping[str, object], ...]:
        """GraphQL error objects."""

    @property
    def error_codes(self) -> tuple[str, ...]:
        """Their codes."""


class RunOperation(Protocol):
    """Runs an operation on behalf of a request; raises ``RequestError`` where it is refused."""

    async def __call__(
        self, request: Request, /, *, document: str, operation_name: str | None, variables: Mapping[str, object]
    ) -> OperationResult:
        """Run it."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OperationRoute:
    """An operation route, ready to answer.

    Attributes:
        document: The text of the operation.
        variables: Its variables and where their values come from.
    """

    section: RouteSection
    document: str
    operation_name: str | None
    variables: tuple[Variable, ...]
    run: RunOperation

    async def answer(self, request: Request, path_parameters: Mapping[str, str]) -> Response:
        """Run the operation; raises ``RequestError``."""
        if not _accepts_json(request.headers.getall("accept", [])):
            raise NotAcceptableError("The answer is application/json.")
        variables = read_variables(self.variables, request, path_parameters)
        result = await self.run(
            request, document=self.document, operation_name=self.operation_name, variables=variables
        )
        data = result.data
        if data is None:
            raise OperationRefusedError(_messages(result.errors), code=result.error_codes[0])
        self._check_found(data, result.errors)
        if result.errors and (self.section.on_partial == "fail" or data == b"null"):
            raise _failure(result)
        response = Response(
            status=200 if result.errors else self.section.success_status,
            body=_with_errors(data, result.errors) if result.errors else data,
            error_codes=result.error_codes,
        )
        response.headers["content-type"] = "application/json"
        return response

    def _check_found(self, data: bytes, errors: Sequence[Mapping[str, object]]) -> None:
        if self.section.not_found_when is None or data == b"null":
            return
        path = self.section.not_found_when.split(".")
        # A member that is null because its subgraph failed is not known to be absent.
        if _is_null(orjson.loads(data), path) and not any(_is_about(error, path) for error in errors):
            raise NotFoundError


def _accepts_json(accept: Sequence[str]) -> bool:
    """Whether a client that sends these ``Accept`` lines can be answered; the most specific range decides.

    https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
    """
    weights: dict[str, bool] = {}
    for media_range in ",".join(accept).lower().split(","):
        name, *parameters = (part.strip() for part in media_range.split(";"))
        if name:
            weights[name] = not any(_NO_WEIGHT.fullmatch(parameter) for parameter in parameters)
    if not weights:
        return True
    return next((weights[name] for name in ("application/json", "application/*", "*/*") if name in weights), False)


def _is_null(data: object, path: Sequence[str]) -> bool:
    for step in path:
        if not isinstance(data, dict):
            break  # null, or a list, which has no one member of this name
        data = data.get(step)
    return data is None


def _is_about(error: Mapping[str, object], path: Sequence[str]) -> bool:
    """Whether an error may have made the member at ``path`` null."""
    place = error.get("path")
    if not isinstance(place, list | tuple):
        return True
    length = min(len(place), len(path))
    return list(place[:length]) == list(path[:length])


def _failure(result: OperationResult) -> BadGatewayError | GatewayTimeoutError:
    detail = _messages(result.errors)
    if set(result.error_codes) == {_TIMEOUT}:
        return GatewayTimeoutError(detail)
    return BadGatewayError(detail)


def _messages(errors: Sequence[Mapping[str, object]]) -> str:
    return " ".join(str(error.get("message", "")) for error in errors)


def _with_errors(data: bytes, errors: Sequence[Mapping[str, object]]) -> bytes:
    """``errors`` as one more member of the object; the operation has no member of that name."""
    members = data.strip()[1:-1].strip()
    comma = b"," if members else b""
    return b'{%b%b"errors":%b}' % (members, comma, orjson.dumps(errors))
