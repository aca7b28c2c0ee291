"""The size of a request body.

The http layer reads a body, decompresses it, and stops one byte after the limit: so what it hands over says whether
the body was too large, and a policy decides what that means.
"""

from multidict import istr

from router.errors import RequestTooLargeError
from router.policy.pipeline import PromptPolicy
from router.policy.request import Request, Response

_ABSURD_DIGITS = 19
_CONTENT_LENGTH = istr("content-length")


class BodySize(PromptPolicy):
    """Refuses a body that is larger than the limit, or says it is."""

    name = "body_size"
    priority = 2700

    def __init__(self, *, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._limit_digits = len(str(limit_bytes))

    def decide(self, request: Request) -> Response | None:
        """Raise ``RequestTooLargeError`` when the body is beyond the limit."""
        if len(request.body) > self._limit_bytes or self._declares_more(request):
            raise RequestTooLargeError(f"The request body may have {self._limit_bytes} bytes")
        return None

    def _declares_more(self, request: Request) -> bool:
        """Whether ``Content-Length`` says that the body is beyond the limit."""
        text = request.headers.get(_CONTENT_LENGTH)
        if text is None or len(text) < self._limit_digits:
            return False
        digits = text.lstrip("0")
        if not digits.isdecimal():
            return False
        # Python does not read numbers of thousands of digits.
        return len(digits) >= _ABSURD_DIGITS or int(digits) > self._limit_bytes
