"""Tokens in a header, a cookie or the URL: the authenticator ``jwt``.

request ──▶ source: which token? ──▶ TokenVerifier ──▶ Identity
▲ you are here
"""

from collections.abc import Sequence
from urllib.parse import parse_qs

from router.config.authentication import CookieSource, HeaderSource, QuerySource, TokenSource
from router.errors import InvalidAuthHeaderError, RequestError
from router.identity.authenticator import Presented
from router.identity.identity import Identity
from router.identity.tokens import TokenVerifier
from router.jobs import work_together


class BearerTokens:
    """An ``Authenticator``; a bad credential is an error, or counts as none.

    Args:
        others_use_the_header: Whether ``Authorization`` may hold the credential of another authenticator.
    """

    name = "jwt"
    challenge = "Bearer"

    def __init__(
        self,
        verifier: TokenVerifier,
        *,
        sources: Sequence[TokenSource],
        continue_on_error: bool,
        others_use_the_header: bool = False,
    ) -> None:
        self._verifier = verifier
        self._sources = tuple(
            source.model_copy(update={"ignore_other_prefixes": True})
            if others_use_the_header and isinstance(source, HeaderSource)
            else source
            for source in sources
        )
        self._continue_on_error = continue_on_error
        self.credential_headers = frozenset(
            source.name.lower() if isinstance(source, HeaderSource) else "cookie"
            for source in sources
            if isinstance(source, HeaderSource | CookieSource)
        )

    async def authenticate(self, presented: Presented) -> Identity | None:
        """The bearer of the first token that is there; raises what the verifier raises."""
        try:
            token = find_token(presented, self._sources)
            return None if token is None else await self._verifier.verify(token)
        except RequestError:
            if not self._continue_on_error:
                raise
        return None

    async def work(self) -> None:
        """Keep the key sets up to date."""
        await work_together(*(issuer.keys.work() for issuer in self._verifier.issuers))

    async def close(self) -> None:
        """Nothing is held."""


def find_token(presented: Presented, sources: Sequence[TokenSource]) -> str | None:
    """The token of the first source that has one. Raises ``InvalidAuthHeaderError`` for one that cannot be read."""
    for source in sources:
        token = _find_in(presented, source)
        if token is not None:
            return token
    return None


def _find_in(presented: Presented, source: TokenSource) -> str | None:
    match source:
        case HeaderSource():
            return _from_header(presented, source)
        case CookieSource():
            return _from_cookie(presented, source)
        case QuerySource():
            return _from_query(presented, source)


def _from_header(presented: Presented, source: HeaderSource) -> str | None:
    values = presented.headers.getall(source.name, [])
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


def _from_cookie(presented: Presented, source: CookieSource) -> str | None:
    for header in presented.headers.getall("cookie", []):
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == source.name and value:
                return value.strip('"')
    return None


def _from_query(presented: Presented, source: QuerySource) -> str | None:
    if f"{source.name}=" not in presented.query_string:
        return None
    values = parse_qs(presented.query_string, keep_blank_values=True).get(source.name, [])
    if len(values) > 1:
        raise InvalidAuthHeaderError(f"The parameter {source.name} must come once")
    return values[0] if values and values[0] else None
