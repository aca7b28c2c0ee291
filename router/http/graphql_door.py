"""The GraphQL door: an HTTP request becomes GraphQL parameters, a result becomes an HTTP response.

    Request ──▶ graphql door ──▶ graphql stage ──▶ Response
                ▲ you are here

It stands behind the policies, so what is wrong with a request is told only to those who may make one.
https://graphql.github.io/graphql-over-http/draft/
"""

from multidict import CIMultiDict

from router.errors import MethodNotAllowedError, NotAcceptableError, UnsupportedMediaTypeError
from router.graphql.parameters import GraphqlParameters, parameters_from_body, parameters_from_query_string
from router.graphql.stage import GraphqlStage
from router.http.multipart import multipart_response
from router.http.negotiation import is_json, response_content_type, takes_deferred_parts
from router.policy.request import Request, Response

ALLOWED_METHODS = "GET, OPTIONS, POST"


async def answer_graphql(request: Request, stage: GraphqlStage) -> Response:
    """Run the operation that ``request`` asks for; raises ``ClientError`` where there is none."""
    if request.method == "OPTIONS":  # no preflight, or the CORS policy would have answered
        return Response(status=204, headers=CIMultiDict({"Allow": ALLOWED_METHODS}))
    if request.method not in ("GET", "POST"):
        raise MethodNotAllowedError(headers={"Allow": ALLOWED_METHODS})
    accept = request.headers.get("accept")
    content_type = response_content_type(accept)
    incremental = takes_deferred_parts(accept) and stage.delivers_deferred_parts
    if content_type is None and not incremental:
        raise NotAcceptableError("The answer is application/graphql-response+json or application/json.")
    parameters = _read_parameters(request)
    result = await stage.run(
        request,
        document=parameters.query,
        operation_name=parameters.operation_name,
        variables=parameters.variables,
        incremental=incremental,
    )
    if content_type is None or result.rest is not None:
        return multipart_response(result)
    response = Response(status=result.status, body=result.encode(), error_codes=result.error_codes)
    response.headers["content-type"] = content_type
    return response


def _read_parameters(request: Request) -> GraphqlParameters:
    content_type = request.headers.get("content-type")
    if request.method == "GET":
        # A GET with a body's content type is either a mistake or an attempt to pass for a request that has been
        # preflighted.
        if content_type is not None and not is_json(content_type):
            raise UnsupportedMediaTypeError("A GET request has no content, so it needs no Content-Type.")
        return parameters_from_query_string(request.query_string)
    if not is_json(content_type):
        raise UnsupportedMediaTypeError("The Content-Type of a GraphQL request must be application/json, in UTF-8.")
    return parameters_from_body(request.body)
