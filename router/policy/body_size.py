"""The size of a request body.

The http layer reads a body, decompresses it, and stops one byte after the limit: so what it hands over says whether
the body was too large, and a policy decides what that means.
"""

from router.errors import RequestTooLargeError
from router.policy.pipeline import Policy
from router.policy.request import Request, Response

_ABSURD_DIGITS = 19


class BodySize(Policy):
    """Refuses a body that is larger than the limit, or says it is."""

    name = "body_size"
    priority = 2700

    def __init__(self, *, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes

    async def on_request(self, request: Request) -> Response | None:
        """Raise ``RequestTooLargeError`` when the body is beyond the limit."""
        if len(request.body) > self._limit_bytes or _declared_bytes(request) > self._limit_bytes:
            raise RequestTooLargeError(f"The request body may have {self._limit_bytes} bytes")
        return None


def _declared_bytes(request: Request) -> float:
    """What ``Content-Length`` says; 0 if it says nothing."""
    declared = request.headers.get("content-length", "").lstrip("0")
    if not declared.isdecimal():
        return 0
    # Python does not read numbers of thousands of digits.
    return int(declared) if len(declared) < _ABSURD_DIGITS else float("inf")
