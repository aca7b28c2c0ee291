"""The size of a request body.

The http layer reads a body, decompresses it, and stops one byte after the limit: so what it hands over says whether
the body was too large, and a policy decides what that means.
"""

from router.errors import RequestTooLargeError
from router.policy.pipeline import Policy
from router.policy.request import Request, Response


class BodySize(Policy):
    """Refuses a body that is larger than the limit, or says it is."""

    name = "body_size"

    def __init__(self, *, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes

    async def on_request(self, request: Request) -> Response | None:
        """Raise ``RequestTooLargeError`` when the body is beyond the limit."""
        declared = request.headers.get("content-length", "")
        if len(request.body) > self._limit_bytes or (declared.isdecimal() and int(declared) > self._limit_bytes):
            raise RequestTooLargeError(f"The request body may have {self._limit_bytes} bytes")
        return None
