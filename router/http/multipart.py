"""A response in parts: what is not deferred, then the deferred parts as they become ready.

    GraphqlResult ──▶ multipart ──▶ Response, with more to write after its body
                      ▲ you are here

Each part is written with the delimiter behind it, so that a client knows at once that the part is complete.
https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md
"""

from router.graphql.result import GraphqlResult
from router.policy.request import Response, Write

CONTENT_TYPE = 'multipart/mixed; boundary="-"; deferSpec=20220824'

_DELIMITER = b"\r\n---"
_HEAD = b"\r\ncontent-type: application/json\r\n\r\n"
_END = b"--\r\n"


def multipart_response(result: GraphqlResult) -> Response:
    """The response to a client that takes deferred parts."""
    rest = result.rest
    body = _DELIMITER + _part(result.encode(has_next=rest is not None))
    response = Response(status=result.status, body=body, error_codes=result.error_codes)
    response.headers["content-type"] = CONTENT_TYPE
    if rest is None:
        response.body += _END
        return response

    async def write_rest(write: Write) -> None:
        async def write_part(payload: bytes) -> None:
            await write(_part(payload))

        await rest(write_part)
        await write(_END)

    response.rest = write_rest
    return response


def _part(payload: bytes) -> bytes:
    return _HEAD + payload + _DELIMITER
