"""The request id: the caller's if it is harmless, else a new one."""

import re
import uuid
from collections.abc import Callable

from router.policy.pipeline import Policy
from router.policy.request import Request, Response

_HARMLESS = re.compile(r"[\w.:-]{1,128}", re.ASCII)


def new_id() -> str:
    """A random UUID."""
    return str(uuid.uuid4())


class RequestId(Policy):
    """Gives every request an id, and tells it to the client."""

    name = "request_id"

    def __init__(self, *, header: str, echo: bool, make: Callable[[], str] = new_id) -> None:
        self._header = header
        self._echo = echo
        self._make = make

    async def on_request(self, request: Request) -> Response | None:
        """Set ``request.id``."""
        given = request.headers.getall(self._header, [])
        # An id from outside goes into logs and headers: one of another form, or a second one, is not taken over.
        request.id = given[0] if len(given) == 1 and _HARMLESS.fullmatch(given[0]) else self._make()
        if self._echo:
            request.response_headers[self._header] = request.id
        return None
