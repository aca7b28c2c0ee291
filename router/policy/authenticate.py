"""Who calls: looks for a credential, and puts an ``Identity`` into the request."""

from collections.abc import Sequence

from router.config.security import CookieSource, HeaderSource
from router.errors import InvalidAuthHeaderError, RequestError
from router.identity.tokens import TokenVerifier
from router.policy.pipeline import Policy, work_together
from router.policy.request import Request, Response


class Authenticate(Policy):
    """Sets ``request.identity``; a request without a credential stays anonymous, a bad credential ends it."""

    name = "authenticate"

    def __init__(
        self, verifier: TokenVerifier, *, sources: Sequence[HeaderSource | CookieSource], continue_on_error: bool
    ) -> None:
        self._verifier = verifier
        self._sources = tuple(sources)
        self._continue_on_error = continue_on_error

    async def on_request(self, request: Request) -> Response | None:
        """Raise what the verifier raises, unless a bad credential counts as none."""
        try:
            token = find_token(request, self._sources)
            if token is not None:
                request.identity = await self._verifier.verify(token)
        except RequestError:
            if not self._continue_on_error:
                raise
        return None

    async def work(self) -> None:
        """Keep the key sets up to date."""
        await work_together(*(issuer.keys.work() for issuer in self._verifier.issuers))


def find_token(request: Request, sources: Sequence[HeaderSource | CookieSource]) -> str | None:
    """The token of the first source that has one. Raises ``InvalidAuthHeaderError`` for one that cannot be read."""
    for source in sources:
        token = _from_header(request, source) if isinstance(source, HeaderSource) else _from_cookie(request, source)
        if token is not None:
            return token
    return None


def _from_header(request: Request, source: HeaderSource) -> str | None:
    values = request.headers.getall(source.name, [])
    if not values:
        return None
    if len(values) > 1:
        raise InvalidAuthHeaderError(f"The header {source.name} must come once")
    scheme, token = _split(values[0].strip(), source.value_prefix)
    if scheme.lower() != source.value_prefix.lower():
        if source.ignore_other_prefixes:
            return None
        raise InvalidAuthHeaderError(f"The header {source.name} must hold the word {source.value_prefix} and a token")
    if not token or " " in token:
        raise InvalidAuthHeaderError(f"The header {source.name} must hold one token")
    return token


def _split(value: str, prefix: str) -> tuple[str, str]:
    """The word before the token, and the token."""
    if not prefix:
        return "", value
    scheme, _, token = value.partition(" ")
    return scheme, token.strip()


def _from_cookie(request: Request, source: CookieSource) -> str | None:
    for header in request.headers.getall("cookie", []):
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == source.name and value:
                return value.strip('"')
    return None
