"""The GraphQL door: an HTTP request becomes GraphQL parameters, a result becomes an HTTP response.

    Request ──▶ graphql door ──▶ graphql stage ──▶ Response
                ▲ you are here

It stands behind the policies, so what is wrong with a request is told only to those who may make one. What is refused
here is told in the format that the client prefers.
https://http-spec.graphql.org/September2026/
"""

from multidict import CIMultiDict, istr

from router.errors import ClientError, MethodNotAllowedError, NotAcceptableError, UnsupportedMediaTypeError
from router.graphql.parameters import GraphqlParameters, parameters_from_body, parameters_from_query_string
from router.graphql.result import GraphqlResult
from router.graphql.stage import GraphqlStage
from router.http.multipart import multipart_response
from router.http.negotiation import ResponseFormat, accepted, is_json
from router.policy.refuse import refuse
from router.policy.request import Request, Response

ALLOWED_METHODS = "GET, OPTIONS, POST"
_ACCEPT, _CONTENT_TYPE = istr("accept"), istr("content-type")


async def answer_graphql(request: Request, stage: GraphqlStage) -> Response:
    """Run the operation that ``request`` asks for; raises ``RequestError`` where no format is agreed, or we fail."""
    if request.method == "OPTIONS":  # no preflight, or the CORS policy would have answered
        return Response(status=204, headers=CIMultiDict({"Allow": ALLOWED_METHODS}))
    if request.method not in ("GET", "POST"):
        raise MethodNotAllowedError(headers={"Allow": ALLOWED_METHODS})
    accept = ", ".join(request.headers.getall(_ACCEPT, ())) or None
    wanted, incremental = accepted(accept)
    incremental = incremental and stage.delivers_deferred_parts
    if wanted is None and not incremental:
        raise NotAcceptableError("The answer is application/graphql-response+json or application/json, in UTF-8.")
    try:
        parameters = _read_parameters(request)
        result = await stage.run(
            request,
            document=parameters.query,
            operation_name=parameters.operation_name,
            variables=parameters.variables,
            incremental=incremental,
        )
    except ClientError as error:
        if wanted is None:
            raise
        refusal = refuse(request, error)
        refusal.headers[_CONTENT_TYPE] = wanted.content_type
        return refusal
    if wanted is None or result.rest is not None:
        return multipart_response(result)
    response = Response(status=_status(result, wanted), body=result.encode(), error_codes=result.error_codes)
    response.headers[_CONTENT_TYPE] = wanted.content_type
    return response


def _status(result: GraphqlResult, wanted: ResponseFormat) -> int:
    """The status of a result.

    A document, operation name or variable that is wrong is status 400. Clients that know ``application/json`` alone
    expect 200 for every well-formed request, as the drafts of GraphQL over HTTP had it until 2026, and take any other
    status for an answer of somebody else; limits and policies keep theirs.
    """
    return 200 if result.only_data is None and wanted.hides_request_errors else result.status


def _read_parameters(request: Request) -> GraphqlParameters:
    content_type = request.headers.get(_CONTENT_TYPE)
    if request.method == "GET":
        # A GET with a body's content type is either a mistake or an attempt to pass for a request that has been
        # preflighted.
        if content_type is not None and not is_json(content_type):
            raise UnsupportedMediaTypeError("A GET request has no content, so it needs no Content-Type.")
        return parameters_from_query_string(request.query_string)
    if not is_json(content_type):
        raise UnsupportedMediaTypeError("The Content-Type of a GraphQL request must be application/json, in UTF-8.")
    return parameters_from_body(request.body)
