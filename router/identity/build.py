"""The authenticators that a configuration asks for, in the order in which they are asked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from router.config.authentication import (
    AUTHENTICATORS,
    ApiKeySection,
    CustomAuthenticator,
    JwtSection,
    KeyStoreSection,
    RouterAuthentication,
)
from router.identity.api_keys import ApiKeys
from router.identity.authenticator import Authenticator
from router.identity.basic import BasicAuth, UsersFile
from router.identity.bearer import BearerTokens
from router.identity.client_certificate import ClientCertificates
from router.identity.custom import Custom, load_check
from router.identity.forward_auth import Ask, ForwardAuth
from router.identity.jwks import Fetch
from router.identity.signed_requests import SignedRequests
from router.identity.tokens import build_verifier
from router.stores.api_keys import ApiKeyStore
from router.stores.file_api_keys import FileApiKeys
from router.stores.redis_api_keys import RedisApiKeys
from router.stores.sqlite_api_keys import SqliteApiKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorTools:
    """What authenticators need from the world.

    Attributes:
        fetch: For published key sets.
        ask: For a service that decides who calls.
        clock: Monotonic seconds.
        wall_clock: Seconds since 1970.
        on_key_set_refresh: Told the result of each fetch of a key set.
    """

    fetch: Fetch
    ask: Ask
    clock: Callable[[], float]
    wall_clock: Callable[[], float]
    on_key_set_refresh: Callable[[str], None]


def build_authenticators(section: RouterAuthentication, tools: AuthenticatorTools) -> tuple[Authenticator, ...]:
    """Every authenticator that is configured; raises ``ValueError`` or ``OSError`` if one cannot be used."""
    rank = {name: index for index, name in enumerate(dict.fromkeys((*section.order, *AUTHENTICATORS)))}
    return tuple(
        sorted(_build_all(section, tools), key=lambda each: rank[each.name if each.name in rank else "custom"])
    )


def _build_all(section: RouterAuthentication, tools: AuthenticatorTools) -> list[Authenticator]:
    built: list[Authenticator] = []
    if section.mtls is not None:
        built.append(ClientCertificates(id_from=section.mtls.id_from))
    if section.jwt is not None:
        others = section.basic is not None or section.hmac is not None
        built.append(_bearer_tokens(section.jwt, tools, others_use_the_header=others))
    if section.hmac is not None:
        built.append(
            SignedRequests(section.hmac.keys, clock_skew_seconds=section.hmac.clock_skew, wall_clock=tools.wall_clock)
        )
    if section.basic is not None:
        users = UsersFile(Path(section.basic.users_file))
        built.append(BasicAuth(users, realm=section.basic.realm, clock=tools.clock))
    if section.api_key is not None:
        built.append(_api_keys(section.api_key, tools))
    if section.forward_auth is not None:
        built.append(ForwardAuth(section.forward_auth, ask=tools.ask, clock=tools.clock))
    built.extend(_custom(each, tools) for each in section.custom)
    return built


def build_api_key_store(section: KeyStoreSection) -> ApiKeyStore:
    """The store of API keys; nothing is opened yet."""
    if section.redis is not None:
        return RedisApiKeys(section.redis)
    if section.file is not None:
        return FileApiKeys(Path(section.file))
    return SqliteApiKeys(Path(section.sqlite or "keys.sqlite"))


def _bearer_tokens(section: JwtSection, tools: AuthenticatorTools, *, others_use_the_header: bool) -> BearerTokens:
    verifier = build_verifier(
        section,
        fetch=tools.fetch,
        clock=tools.clock,
        wall_clock=tools.wall_clock,
        on_refresh=tools.on_key_set_refresh,
    )
    return BearerTokens(
        verifier,
        sources=section.sources,
        continue_on_error=section.on_error == "Continue",
        others_use_the_header=others_use_the_header,
    )


def _api_keys(section: ApiKeySection, tools: AuthenticatorTools) -> ApiKeys:
    return ApiKeys(
        build_api_key_store(section.store),
        header=section.header,
        remember_seconds=section.remember,
        clock=tools.clock,
        wall_clock=tools.wall_clock,
    )


def _custom(section: CustomAuthenticator, tools: AuthenticatorTools) -> Custom:
    check = load_check(section.use, section.config)
    return Custom(section.name or section.use.rpartition(":")[2], check, ttl_seconds=section.ttl, clock=tools.clock)
