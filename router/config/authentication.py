"""The block ``authentication``: how clients prove who they are."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from router.config.headers import FreeHeaderName, HeaderName
from router.config.section import Section
from router.config.units import Duration, Interval

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"
]  # fmt: skip

ASYMMETRIC_ALGORITHMS: tuple[Algorithm, ...] = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
"""Signatures that a holder of the public key alone cannot make; HMAC is only taken where it is named."""


class RefreshUnknownKid(Section):
    """What happens on a token whose key is not known."""

    max_per_minute: int = Field(default=2, ge=0)
    """How often the key set may be fetched again because of such tokens."""


class KeySetSection(Section):
    """The keys of one or several issuers: exactly one of url, file and keys."""

    url: str | None = Field(default=None, pattern=r"^https?://")
    """Where the JWKS is published."""

    file: str | None = None
    """Path of a JWKS, or of a public key in PEM."""

    keys: tuple[Mapping[str, object], ...] = ()
    """The keys themselves, each a JWK."""

    issuers: tuple[str, ...] = ()
    """Values of ``iss`` that these keys may speak for; empty takes every one."""

    audiences: tuple[str, ...] = ()
    """One of these must be in ``aud``; empty does not look at it."""

    algorithms: tuple[Algorithm, ...] = ASYMMETRIC_ALGORITHMS
    """Algorithms that these keys may be used with."""

    poll_interval: Interval = 600.0
    """How often the JWKS is fetched again."""

    fetch_timeout: Interval = 5.0
    """How long a fetch of the JWKS may take."""

    refresh_unknown_kid: RefreshUnknownKid = RefreshUnknownKid()
    allow_missing_exp: bool = False
    """Whether a token without ``exp`` is accepted."""

    @model_validator(mode="after")
    def _one_source(self) -> "KeySetSection":
        if sum((self.url is not None, self.file is not None, bool(self.keys))) != 1:
            raise ValueError("a key set has exactly one of url, file and keys")
        return self


class HeaderSource(Section):
    """The token stands in a header."""

    type: Literal["header"] = "header"
    name: str = "authorization"
    """The header."""

    value_prefix: str = "Bearer"
    """The word before the token; empty if the header is the token."""

    ignore_other_prefixes: bool = False
    """Whether a header with another word counts as absent; else it is refused."""


class CookieSource(Section):
    """The token stands in a cookie."""

    type: Literal["cookie"]
    name: str
    """The cookie."""


class QuerySource(Section):
    """The token stands in the URL, where logs of proxies and browsers' histories keep it; prefer a header."""

    type: Literal["query"]
    name: str = Field(pattern=r"^[A-Za-z0-9_.-]+$")
    """The parameter."""


TokenSource = HeaderSource | CookieSource | QuerySource


class JwtSection(Section):
    """JSON Web Tokens."""

    jwks: tuple[KeySetSection, ...] = Field(min_length=1)
    """Key sets; a token must satisfy one of them."""

    sources: tuple[TokenSource, ...] = Field(default=(HeaderSource(),), min_length=1)
    """Where tokens are looked for, in order; the first that is there counts."""

    clock_skew: Duration = 60.0
    """How far clocks may differ when ``exp`` and ``nbf`` are checked."""

    on_error: Literal["Error", "Continue"] = "Error"
    """``Error`` answers 401 to a bad token; ``Continue`` treats its bearer as anonymous."""


class RedisKeyStore(Section):
    """API keys on a Redis server, shared by several gateways."""

    url: str = Field(pattern=r"^(redis|rediss|unix)://")
    """The server, as ``redis://host:port/db``."""

    namespace: str = "supergate"
    """The first part of the name of the hash that holds them."""

    timeout: Interval = 1.0
    """How long one look-up may wait for the server."""


class KeyStoreSection(Section):
    """Where the records of API keys are kept: at most one of sqlite, file and redis."""

    sqlite: str | None = None
    """An SQLite file; ``keys.sqlite`` if nothing else is named."""

    file: str | None = None
    """A YAML file, for keys that are kept beside the configuration."""

    redis: RedisKeyStore | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(each is not None for each in (self.sqlite, self.file, self.redis)) > 1:
            raise ValueError("API keys are kept in one place: sqlite, file or redis")
        return self


class ApiKeySection(Section):
    """API keys, as ``supergate keys`` makes them; only their hashes are stored."""

    header: HeaderName = "X-API-Key"
    """The header that holds the key."""

    store: KeyStoreSection = KeyStoreSection()
    hash: Literal["sha256"] = "sha256"
    """What is stored of a key."""

    remember: Annotated[Duration, Field(le=5.0)] = 2.0
    """How long a look-up is used again, 5s at most: so long a revoked key may still work."""


class BasicSection(Section):
    """User names and passwords (RFC 7617)."""

    users_file: str
    """A file of htpasswd with bcrypt hashes; it is read again when it changes."""

    realm: str = Field(default="supergate", pattern=r'^[^"\\\x00-\x1f\x7f]*$')
    """Told to browsers."""


class HmacKey(Section):
    """A secret that a client signs its requests with."""

    id: str = Field(min_length=1, pattern=r"^[^\s\",]+$")
    """What the client calls the secret: ``keyId``."""

    secret: str = Field(min_length=16)
    """At least 16 characters."""

    consumer: str | None = None
    """Who it is; the ``id`` if left out."""

    plan: str | None = None
    """Their usage plan."""

    scopes: tuple[str, ...] = ()
    """What they may do."""


class HmacSection(Section):
    """Requests signed with a shared secret: ``Authorization: Signature keyId="…",headers="…",signature="…"``."""

    keys: tuple[HmacKey, ...] = Field(min_length=1)
    """The secrets."""

    clock_skew: Interval = 300.0
    """How old or new the ``Date`` of a request may be; a signature is taken once in that time."""


class ForwardAuthSection(Section):
    """Another service decides who calls: 2xx lets pass, 401 and 403 refuse."""

    url: str = Field(pattern=r"^https?://")
    """What is asked, by GET."""

    timeout: Interval = 5.0
    """How long it may take."""

    request_headers: tuple[HeaderName, ...] = ("authorization", "cookie", "x-api-key")
    """Headers of the client's request that it gets; a request with none of them is anonymous."""

    response_headers: tuple[FreeHeaderName, ...] = ()
    """Headers of its answer that become claims of the caller, under their names in lower case."""

    id_header: HeaderName = "X-User-ID"
    """The header of its answer that says who calls."""

    plan_header: HeaderName = "X-User-Plan"
    """The header of its answer that says on which plan they are."""

    scopes_header: HeaderName = "X-User-Scopes"
    """The header of its answer that lists what they may do, with spaces between."""

    on_error: Literal["503", "anonymous"] = "503"
    """When it does not answer: refuse, or treat the caller as anonymous."""

    ttl: Duration = 0.0
    """How long an answer is used again for the same credential."""


class MtlsSection(Section):
    """The certificate of the client, on a TLS listener with ``tls.supergraph.client_auth``."""

    id_from: Literal["common_name", "dns", "email", "uri", "fingerprint"] = "common_name"
    """Which part of the certificate says who calls."""


class CustomAuthenticator(Section):
    """A Python class of your own; see ``router.identity.authenticator``."""

    use: str = Field(pattern=r"^[\w.]+:[\w.]+$")
    """Where it is: ``package.module:Class``."""

    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    """Its name in ``order``; the last part of ``use`` if left out."""

    config: Mapping[str, object] = {}
    """What it is given."""

    ttl: Duration = 0.0
    """How long an identity is used again for the same credential."""


AUTHENTICATORS = ("mtls", "jwt", "hmac", "basic", "api_key", "forward_auth", "custom")
"""The order in which they are asked unless ``order`` says otherwise."""


class RouterAuthentication(Section):
    """How clients prove who they are, on both doors; without any of these nobody can."""

    jwt: JwtSection | None = None
    """JSON Web Tokens."""

    api_key: ApiKeySection | None = None
    """API keys."""

    basic: BasicSection | None = None
    """User names and passwords."""

    hmac: HmacSection | None = None
    """Signed requests."""

    forward_auth: ForwardAuthSection | None = None
    """A service that is asked."""

    mtls: MtlsSection | None = None
    """Client certificates."""

    custom: tuple[CustomAuthenticator, ...] = ()
    """Classes of your own."""

    order: tuple[str, ...] = AUTHENTICATORS
    """The first that finds a credential decides, for good or bad; those that are not named come last."""

    @model_validator(mode="after")
    def _known_names(self) -> Self:
        own = [each.name or each.use.rpartition(":")[2] for each in self.custom]
        if len({*own, *AUTHENTICATORS}) < len(own) + len(AUTHENTICATORS):
            raise ValueError("two authenticators have the same name; give each custom one a name of its own")
        for name in self.order:
            if name not in (*AUTHENTICATORS, *own):
                raise ValueError(f"{name} in order is no authenticator; there are {', '.join((*AUTHENTICATORS, *own))}")
        return self


class AuthenticationSection(Section):
    """Authentication of clients."""

    router: RouterAuthentication = RouterAuthentication()
