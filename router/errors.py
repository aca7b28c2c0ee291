"""The one list of error codes, for GraphQL and REST alike.

A request error is one of two kinds: ``ClientError`` (the request is at fault, its message is safe to show) and
``InternalError`` (we or a subgraph are at fault: logged in full, shown by code only). The documented table of codes is
generated from these classes.
"""

from collections.abc import Mapping


class RequestError(Exception):
    """A request ends here.

    Attributes:
        code: What programs read: ``errors[].extensions.code`` in GraphQL, ``code`` in a problem document.
        status: The HTTP status of both doors.
        title: The sentence that ``application/problem+json`` calls its title; the same for every instance of a code.
        headers: Sent with the answer, for example ``WWW-Authenticate`` or ``Retry-After``.
    """

    code = "INTERNAL_SERVER_ERROR"
    status = 500
    title = "The gateway failed."

    def __init__(self, message: str = "", *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message or self.title)
        self.headers: Mapping[str, str] = headers or {}


class ClientError(RequestError):
    """The request is at fault; its message is safe to show."""

    code = "BAD_REQUEST"
    status = 400
    title = "The request is not valid."


class InternalError(RequestError):
    """We or a subgraph are at fault; logged in full, shown by code only."""
