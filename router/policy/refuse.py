"""How a refusal looks: one place for both doors.

GraphQL gets ``{"errors": [{"message", "extensions": {"code", "request_id"}}]}``, REST gets
``application/problem+json``; status, code and headers are the same.
https://www.rfc-editor.org/rfc/rfc9457
"""

import orjson
from multidict import CIMultiDict

from router.errors import ClientError, RequestError
from router.policy.request import Request, Response

_GRAPHQL_RESPONSE = "application/graphql-response+json"


def refuse(request: Request, error: RequestError) -> Response:
    """The answer to a request that ends with this error."""
    render = _graphql if request.door == "graphql" else _problem
    content_type, body = render(request, error)
    headers = CIMultiDict(error.headers)
    headers["Content-Type"] = content_type
    return Response(status=error.status, body=orjson.dumps(body), headers=headers, error_codes=(error.code,))


def _graphql(request: Request, error: RequestError) -> tuple[str, dict[str, object]]:
    extensions = {"code": error.code}
    if request.id:
        extensions["request_id"] = request.id
    body: dict[str, object] = {"errors": [{"message": public_message(error), "extensions": extensions}]}
    # The newer type only for who asked for it; the older one is what every client reads.
    # https://github.com/graphql/graphql-over-http/blob/main/spec/GraphQLOverHTTP.md
    wanted = any(_GRAPHQL_RESPONSE in accept for accept in request.headers.getall("accept", []))
    return f"{_GRAPHQL_RESPONSE if wanted else 'application/json'}; charset=utf-8", body


def _problem(request: Request, error: RequestError) -> tuple[str, dict[str, object]]:
    return "application/problem+json", {
        "type": "about:blank",
        "status": error.status,
        "title": error.title,
        "detail": public_message(error),
        "code": error.code,
        "request_id": request.id,
    }


def public_message(error: RequestError) -> str:
    """What a client may read: of an internal error no more than its title."""
    return str(error) if isinstance(error, ClientError) else error.title
