"""Answers to what is not HTTP, and so never reaches the policies. They look like every other error."""

import orjson
from multidict import CIMultiDict

from router.policy.request import Response

_REFUSALS = {
    400: ("BAD_REQUEST", "The request is not valid HTTP."),
    414: ("URI_TOO_LONG", "The request line is too long; send the operation by POST."),
    431: ("HEADERS_TOO_LARGE", "The headers are too large."),
    500: ("INTERNAL_SERVER_ERROR", "The gateway failed."),
    501: ("NOT_IMPLEMENTED", "The transfer coding of the request is not known here."),
    505: ("HTTP_VERSION_NOT_SUPPORTED", "The gateway speaks HTTP/1.1."),
}


def refusal(status: int) -> Response:
    """The answer of this status."""
    code, text = _REFUSALS[status]
    body = orjson.dumps({"errors": [{"message": text, "extensions": {"code": code}}]})
    return Response(
        status=status, body=body, headers=CIMultiDict({"content-type": "application/json"}), error_codes=(code,)
    )
