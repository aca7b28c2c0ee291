"""The one list of error codes, for GraphQL and REST alike.

A request error is one of two kinds: ``ClientError`` (the request is at fault, its message is safe to show) and
``InternalError`` (we or a subgraph are at fault: logged in full, shown by code only). The documented table of codes is
generated from these classes, by ``error_table``.
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


# Who calls ----------------------------------------------------------------------------------------------------------


class UnauthenticatedError(ClientError):
    """A credential is missing, or the one that came is no good: 401 with ``WWW-Authenticate``.

    The challenge is that of bearer tokens; ``error="invalid_token"`` is left out when no credential came at all.
    https://www.rfc-editor.org/rfc/rfc6750#section-3
    """

    code = "UNAUTHENTICATED"
    status = 401
    title = "Authentication is required."
    challenge = "Bearer"

    def __init__(self, message: str = "") -> None:
        super().__init__(message, headers={"WWW-Authenticate": self.challenge})


class InvalidAuthHeaderError(UnauthenticatedError):
    """The credential is not where or what it should be: another scheme, an empty token, two headers."""

    code = "INVALID_AUTH_HEADER"
    title = "The credential is malformed."
    challenge = 'Bearer error="invalid_request"'


class InvalidTokenError(UnauthenticatedError):
    """A token that is not accepted. The client is not told why; the log is."""

    code = "INVALID_TOKEN"
    title = "The token is not valid."
    challenge = 'Bearer error="invalid_token"'


class TokenExpiredError(InvalidTokenError):
    """A token that was good once."""

    code = "TOKEN_EXPIRED"
    title = "The token has expired."


class UnknownSigningKeyError(InvalidTokenError):
    """A token that names a key nobody published."""

    code = "UNKNOWN_SIGNING_KEY"
    title = "The token is signed with an unknown key."


class InvalidApiKeyError(UnauthenticatedError):
    """An API key that is unknown, revoked or expired. The client is not told which; the log is."""

    code = "INVALID_API_KEY"
    title = "The API key is not valid."
    challenge = "ApiKey"


class InvalidCredentialsError(UnauthenticatedError):
    """A user name and password that do not belong together."""

    code = "INVALID_CREDENTIALS"
    title = "The user name or the password is wrong."

    def __init__(self, *, challenge: str) -> None:
        super().__init__()
        self.headers = {"WWW-Authenticate": challenge}


class InvalidSignatureError(UnauthenticatedError):
    """A signed request whose signature does not hold. The client is not told why; the log is."""

    code = "INVALID_SIGNATURE"
    title = "The signature of the request is not valid."
    challenge = "Signature"


class DeniedError(UnauthenticatedError):
    """An authenticator of the user's own, or the service that is asked, refuses the credential."""

    code = "ACCESS_DENIED"
    title = "The credential is refused."


class ForbiddenError(ClientError):
    """The caller is known and may not do this."""

    code = "FORBIDDEN"
    status = 403
    title = "This is not allowed."


# The HTTP request ---------------------------------------------------------------------------------------------------


class IpDeniedError(ForbiddenError):
    """``security.ip`` does not let this address in."""

    code = "IP_DENIED"
    title = "Requests from this address are not allowed."


class BotDeniedError(ForbiddenError):
    """``security.bots`` does not let this user agent in."""

    code = "BOT_DENIED"
    title = "Requests from this user agent are not allowed."


class NotFoundError(ClientError):
    """No route has this path, or a route's operation found nothing."""

    code = "NOT_FOUND"
    status = 404
    title = "There is nothing here."


class MethodNotAllowedError(ClientError):
    """The path exists, for other methods; name them in ``Allow``."""

    code = "METHOD_NOT_ALLOWED"
    status = 405
    title = "This method is not allowed here."


class NotAcceptableError(ClientError):
    """None of the content types in ``Accept`` can be served."""

    code = "NOT_ACCEPTABLE"
    status = 406
    title = "None of the accepted content types can be served."


class RequestTooLargeError(ClientError):
    """The body, decompressed, is larger than ``limits.http_max_request_bytes``."""

    code = "REQUEST_TOO_LARGE"
    status = 413
    title = "The request body is too large."


class UnsupportedMediaTypeError(ClientError):
    """The content type of the request is not one that this door reads."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415
    title = "The content type is not supported."


class CsrfError(ClientError):
    """A web page on another site could have sent this request without asking first."""

    code = "CSRF_ERROR"
    title = "The request could be a cross-site request forgery."


class RateLimitedError(ClientError):
    """A rate limit is spent; ``Retry-After`` says when to come back. The status is configurable."""

    code = "RATE_LIMITED"
    status = 429
    title = "The rate limit is reached."

    def __init__(self, message: str = "", *, status: int = 429, retry_after_seconds: int = 1) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after_seconds)})
        self.status = status


# The operation ------------------------------------------------------------------------------------------------------


class DepthLimitError(ClientError):
    """Fields are nested deeper than ``limits.max_depth``."""

    code = "MAX_DEPTH_LIMIT"
    title = "The operation is nested too deeply."


class HeightLimitError(ClientError):
    """There are more different fields than ``limits.max_height``."""

    code = "MAX_HEIGHT_LIMIT"
    title = "The operation asks for too many fields."


class AliasesLimitError(ClientError):
    """There are more aliases than ``limits.max_aliases``."""

    code = "MAX_ALIASES_LIMIT"
    title = "The operation has too many aliases."


class RootFieldsLimitError(ClientError):
    """There are more root fields than ``limits.max_root_fields``."""

    code = "MAX_ROOT_FIELDS_LIMIT"
    title = "The operation has too many root fields."


class DirectivesLimitError(ClientError):
    """There are more directives than ``limits.max_directives``."""

    code = "MAX_DIRECTIVES_LIMIT"
    title = "The operation has too many directives."


class IntrospectionDepthLimitError(ClientError):
    """Lists of the schema are nested in lists of the schema: the answer would be enormous."""

    code = "MAX_INTROSPECTION_DEPTH_LIMIT"
    title = "The introspection is nested too deeply."


# We or a subgraph ---------------------------------------------------------------------------------------------------


class ClientGoneError(InternalError):
    """The client closed the connection before its answer was there. Nobody sees this but the log and the metrics."""

    code = "CLIENT_CLOSED_REQUEST"
    status = 499
    title = "The client went away."


class UnavailableError(InternalError):
    """Overload, maintenance, or no graph yet; ``Retry-After`` says when to come back."""

    code = "SERVICE_UNAVAILABLE"
    status = 503
    title = "The gateway cannot serve this request now."


class MaintenanceError(UnavailableError):
    """``security.maintenance`` is on."""

    code = "MAINTENANCE"
    title = "The gateway is closed for maintenance."


class AuthenticationUnavailableError(UnavailableError):
    """Credentials cannot be checked, because whoever knows about them is away."""

    code = "AUTHENTICATION_UNAVAILABLE"
    title = "Credentials cannot be checked now."


class CoprocessorError(UnavailableError):
    """The coprocessor did not answer, or not as it should."""

    code = "COPROCESSOR_UNAVAILABLE"
    title = "A service that this request needs is away."


class RateLimitStoreError(UnavailableError):
    """The store of the rate limits is away, and ``ratelimit.on_error`` is ``deny``."""

    code = "RATE_LIMIT_UNAVAILABLE"
    title = "The rate limit cannot be checked now."


class BadGatewayError(InternalError):
    """The service behind a route could not be reached or made no sense."""

    code = "BAD_GATEWAY"
    status = 502
    title = "The service behind this route failed."


class GatewayTimeoutError(InternalError):
    """The time of the request ran out."""

    code = "GATEWAY_TIMEOUT"
    status = 504
    title = "The request took too long."


def error_table() -> tuple[type[RequestError], ...]:
    """Every class of request error that is loaded, each once, sorted by code."""
    found: dict[type[RequestError], None] = {RequestError: None}
    open_classes: list[type[RequestError]] = [RequestError]
    while open_classes:
        children = open_classes.pop().__subclasses__()
        found.update(dict.fromkeys(children))
        open_classes.extend(children)
    return tuple(sorted(found, key=lambda error: (error.code, error.__name__)))
