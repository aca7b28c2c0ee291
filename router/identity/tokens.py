"""JSON Web Tokens: from the text of a token to an ``Identity``.

    token ──▶ header: which key? ──▶ signature ──▶ iss, aud, exp, nbf ──▶ Identity

Which issuers, algorithms and keys are trusted is decided by the configuration alone. Of what a token says about itself
only ``kid`` and ``iss`` are used before its signature is checked, and only to choose among those; ``jku``, ``x5u`` and
``jwk`` never are. Why a token is refused goes into the log, not to the client.
https://www.rfc-editor.org/rfc/rfc8725
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jwt

from router.config.authentication import JwtSection, KeySetSection
from router.errors import InvalidTokenError, TokenExpiredError, UnknownSigningKeyError
from router.identity.identity import Identity
from router.identity.jwks import Fetch, FixedKeys, KeySet, PublishedKeys
from router.identity.keys import SigningKey, parse_key_set, read_keys

_log = logging.getLogger(__name__)

Claims = Mapping[str, object]

_LATEST_MOMENT = 1e12
_REMEMBERED_TOKENS = 1024
_LONGEST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """Whose tokens are accepted.

    Attributes:
        issuers: Values of ``iss``; empty takes every one.
        audiences: One of these must be in ``aud``; empty does not look.
        algorithms: What its keys may be used with.
    """

    keys: KeySet
    issuers: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    algorithms: frozenset[str]
    allow_missing_exp: bool = False


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token that was good but for the time, and the key that it was good by."""

    identity: Identity
    trusted: TrustedIssuer
    key: SigningKey
    key_id: str | None


class TokenVerifier:
    """Turns tokens into identities.

    Attributes:
        issuers: Asked in order.
    """

    def __init__(
        self, issuers: Sequence[TrustedIssuer], *, clock_skew_seconds: float, wall_clock: Callable[[], float]
    ) -> None:
        self.issuers = tuple(issuers)
        self._clock_skew_seconds = clock_skew_seconds
        self._wall_clock = wall_clock
        self._verified: dict[str, _Verified] = {}

    async def verify(self, token: str) -> Identity:
        """The bearer of a token.

        Raises:
            TokenExpiredError: It was good once.
            UnknownSigningKeyError: No trusted issuer has the key that it names.
            InvalidTokenError: It is not a token, not signed by whom it says, or not for us.
            AuthenticationUnavailableError: The issuer's keys could not be fetched yet.
        """
        known = self._verified.get(token)
        if known is None or known.key not in await known.trusted.keys.find(known.key_id):
            known = await self._examine(token)
            self._remember(token, known)
        self._check_times(known.identity.claims, known.trusted)
        return known.identity

    async def _examine(self, token: str) -> "_Verified":
        """All that does not depend on the time."""
        header, claims = _read(token)
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or not isinstance(key_id, str | None):
            raise _refusal("alg or kid is not a string")
        candidates = [trusted for trusted in self.issuers if _speaks_for(trusted, claims)]
        if not candidates:
            raise _refusal("unknown issuer")
        candidates = [trusted for trusted in candidates if algorithm in trusted.algorithms]
        if not candidates:
            raise _refusal("algorithm not allowed")
        trusted, key = await _signer(token, algorithm, key_id, candidates)
        _check_audience(claims, trusted)
        return _Verified(_identity(claims), trusted, key, key_id)

    def _remember(self, token: str, verified: "_Verified") -> None:
        """Keep the result: clients send a token many times, and a signature costs as much as all other policies."""
        if len(token) > _LONGEST_REMEMBERED:
            return
        self._verified[token] = verified
        if len(self._verified) > _REMEMBERED_TOKENS:
            del self._verified[next(iter(self._verified))]

    def _check_times(self, claims: Claims, trusted: TrustedIssuer) -> None:
        now = self._wall_clock()
        expires, begins = _moment(claims, "exp"), _moment(claims, "nbf")
        if expires is None and not trusted.allow_missing_exp:
            raise _refusal("exp is missing")
        if expires is not None and now >= expires + self._clock_skew_seconds:
            raise _refusal("expired", TokenExpiredError)
        if begins is not None and now < begins - self._clock_skew_seconds:
            raise _refusal("not valid yet")


def build_verifier(
    section: JwtSection,
    *,
    fetch: Fetch,
    clock: Callable[[], float],
    wall_clock: Callable[[], float],
    on_refresh: Callable[[str], None],
) -> TokenVerifier:
    """The verifier that ``authentication.router.jwt`` describes.

    Reads key files; raises ``OSError`` or ``KeySetError`` if one is of no use. Published sets are fetched later.
    """

    def keys(each: KeySetSection) -> KeySet:
        if each.url is not None:
            return PublishedKeys(
                each.url,
                fetch=fetch,
                clock=clock,
                poll_interval_seconds=each.poll_interval,
                fetch_timeout_seconds=each.fetch_timeout,
                max_refreshes_per_minute=each.refresh_unknown_kid.max_per_minute,
                on_refresh=on_refresh,
            )
        if each.file is not None:
            return FixedKeys(parse_key_set(Path(each.file).read_bytes()))
        return FixedKeys(read_keys(each.keys))

    issuers = [
        TrustedIssuer(
            keys=keys(each),
            issuers=frozenset(each.issuers),
            audiences=frozenset(each.audiences),
            algorithms=frozenset(each.algorithms),
            allow_missing_exp=each.allow_missing_exp,
        )
        for each in section.jwks
    ]
    return TokenVerifier(issuers, clock_skew_seconds=section.clock_skew, wall_clock=wall_clock)


def _read(token: str) -> tuple[Claims, Claims]:
    """Header and claims of a token, unverified."""
    try:
        parts = jwt.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, RecursionError) as error:
        raise _refusal("not a token") from error
    if "crit" in parts["header"]:
        # Extensions that must be understood: we understand none.
        # https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
        raise _refusal("critical extension")
    return parts["header"], parts["payload"]


def _speaks_for(trusted: TrustedIssuer, claims: Claims) -> bool:
    issuer = claims.get("iss")
    return not trusted.issuers or (isinstance(issuer, str) and issuer in trusted.issuers)


async def _signer(
    token: str, algorithm: str, key_id: str | None, candidates: Sequence[TrustedIssuer]
) -> tuple[TrustedIssuer, SigningKey]:
    """Who signed the token, and with which key."""
    found_key = False
    for trusted in candidates:
        for key in await trusted.keys.find(key_id):
            found_key = True
            if key.verifies(token, algorithm):
                return trusted, key
    if not found_key:
        raise _refusal("unknown key", UnknownSigningKeyError)
    raise _refusal("bad signature")


def _check_audience(claims: Claims, trusted: TrustedIssuer) -> None:
    audience = claims.get("aud")
    named = {audience} if isinstance(audience, str) else set(_strings(audience))
    if trusted.audiences and trusted.audiences.isdisjoint(named):
        raise _refusal("wrong audience")


def _moment(claims: Claims, name: str) -> float | None:
    """A claim in seconds since 1970."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refusal(f"{name} is not a number")
    # JSON as Python reads it has NaN, which is never in the past, and integers that no float can hold.
    if not -_LATEST_MOMENT < value < _LATEST_MOMENT:
        raise _refusal(f"{name} is out of range")
    return float(value)


def _identity(claims: Claims) -> Identity:
    subject, plan = claims.get("sub"), claims.get("plan")
    if not isinstance(subject, str) or not subject:
        raise _refusal("sub is missing")
    scopes: set[str] = set()
    for claim in ("scope", "scp"):
        value = claims.get(claim)
        scopes.update(value.split() if isinstance(value, str) else _strings(value))
    return Identity(
        id=subject,
        method="jwt",
        plan=plan if isinstance(plan, str) else None,
        scopes=frozenset(scopes),
        claims=claims,
    )


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _refusal(reason: str, error: type[InvalidTokenError] = InvalidTokenError) -> InvalidTokenError:
    _log.info("token refused", extra={"reason": reason, "code": error.code})
    return error()
