"""Why a REST request is refused."""

from collections.abc import Mapping

from router.errors import ClientError


class BadPathError(ClientError):
    """The path is not one that a client would send, and could mean different things to different servers."""

    title = "The path is not valid."


class BadParameterError(ClientError):
    """A value in the path, the query string or the body is not what the operation's variable takes."""

    code = "INVALID_PARAMETER"
    title = "A parameter is not valid."


class OperationRefusedError(ClientError):
    """The operation of a route was refused, with the code that the GraphQL door would give."""

    code = "GRAPHQL_VALIDATION_FAILED"
    title = "The operation of this route cannot run with these values."

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class TerminatedError(ClientError):
    """The configuration closes this route; status, message and headers are its own."""

    code = "ROUTE_TERMINATED"
    status = 503
    title = "This route is closed."

    def __init__(self, message: str, *, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(message, headers=headers)
        self.status = status
