"""The authenticators that a configuration asks for, in the order in which they are asked."""

from collections.abc import Callable
from dataclasses import dataclass

from router.config.security import JwtSection, RouterAuthentication
from router.identity.authenticator import Authenticator
from router.identity.bearer import BearerTokens
from router.identity.jwks import Fetch
from router.identity.tokens import build_verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorTools:
    """What authenticators need from the world.

    Attributes:
        fetch: For published key sets.
        clock: Monotonic seconds.
        wall_clock: Seconds since 1970.
        on_key_set_refresh: Told the result of each fetch of a key set.
    """

    fetch: Fetch
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    on_key_set_refresh: Callable[[str], None]


def build_authenticators(section: RouterAuthentication, tools: AuthenticatorTools) -> tuple[Authenticator, ...]:
    """Every authenticator that is configured; raises ``ValueError`` or ``OSError`` if one cannot be used."""
    found: list[Authenticator] = []
    if section.jwt is not None:
        found.append(_bearer_tokens(section.jwt, tools))
    return tuple(found)


def _bearer_tokens(section: JwtSection, tools: AuthenticatorTools) -> BearerTokens:
    verifier = build_verifier(
        section,
        fetch=tools.fetch,
        clock=tools.clock,
        wall_clock=tools.wall_clock,
        on_refresh=tools.on_key_set_refresh,
    )
    return BearerTokens(verifier, sources=section.sources, continue_on_error=section.on_error == "Continue")
