"""Signed requests: the authenticator ``hmac``.

    Authorization: Signature keyId="partner", algorithm="hmac-sha256",
        headers="(request-target) host date digest", signature="BASE64"

What is signed is one line for each name in ``headers``: ``(request-target): post /graphql``, ``date: …``. A signature
has to cover the target, the date and, if there is a body, its ``Digest``; it is accepted once, and for as long as its
date is near.
https://datatracker.ietf.org/doc/html/draft-cavage-http-signatures-12
"""

import base64
import binascii
import hashlib
import hmac
import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime

from router.config.authentication import HmacKey
from router.errors import InvalidAuthHeaderError, InvalidSignatureError
from router.identity.authenticator import Presented
from router.identity.identity import Identity

_log = logging.getLogger(__name__)

TARGET = "(request-target)"
_PARAMETER = re.compile(r'\s*([A-Za-z]+)="([^"]*)"\s*(?:,|$)')
_DIGESTS = {"hmac-sha256": "sha256", "hmac-sha384": "sha384", "hmac-sha512": "sha512"}
_REMEMBERED_SIGNATURES = 100_000


class SignedRequests:
    """An ``Authenticator``.

    Args:
        clock_skew_seconds: How far the date of a request may be from now.
        wall_clock: Seconds since 1970.
    """

    name = "hmac"
    challenge = f'Signature headers="{TARGET} host date digest"'
    credential_headers = frozenset({"authorization"})

    def __init__(self, keys: Iterable[HmacKey], *, clock_skew_seconds: float, wall_clock: Callable[[], float]) -> None:
        self._keys = {key.id: key for key in keys}
        self._clock_skew_seconds = clock_skew_seconds
        self._wall_clock = wall_clock
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    async def authenticate(self, presented: Presented) -> Identity | None:
        """Who signed the request; raises ``InvalidSignatureError`` or ``InvalidAuthHeaderError``."""
        headers = [each for each in presented.headers.getall("authorization", []) if each[:10].lower() == "signature "]
        if not headers:
            return None
        if len(headers) > 1:
            raise InvalidAuthHeaderError("The header Authorization must come once")
        parameters = _read(headers[0][10:])
        key = self._keys.get(parameters["keyId"])
        signature = _signature(parameters["signature"])
        signed = parameters.get("headers", "date").lower().split()
        digest_name = _DIGESTS.get(parameters.get("algorithm", "hmac-sha256").lower(), "")
        _check_covered(presented, signed)
        expected = hmac.digest(
            (key.secret if key is not None else "").encode(), _text(presented, signed), digest_name or "sha256"
        )
        if not hmac.compare_digest(expected, signature) or key is None or not digest_name:
            raise _refusal("unknown key or algorithm" if key is None or not digest_name else "wrong signature")
        _check_digest(presented)
        self._check_time(presented, signature)
        return Identity(
            id=key.consumer or key.id, method=self.name, plan=key.plan, scopes=frozenset(key.scopes),
            claims={"key": key.id},
        )  # fmt: skip

    async def work(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing is held."""

    def _check_time(self, presented: Presented, signature: bytes) -> None:
        now = self._wall_clock()
        try:
            moment = parsedate_to_datetime(presented.headers.get("date", "")).timestamp()
        except (ValueError, OverflowError) as error:
            raise _refusal("no date") from error
        if abs(now - moment) > self._clock_skew_seconds:
            raise _refusal("the date is too far from now")
        while self._seen and next(iter(self._seen.values())) < now:
            self._seen.popitem(last=False)
        if signature in self._seen or len(self._seen) >= _REMEMBERED_SIGNATURES:
            raise _refusal("the signature was used before")
        self._seen[signature] = now + 2 * self._clock_skew_seconds


def _read(text: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None or match[1] in parameters:
            raise InvalidAuthHeaderError('A signature is written as keyId="…",headers="…",signature="…"')
        parameters[match[1]] = match[2]
        position = match.end()
    if not {"keyId", "signature"} <= parameters.keys():
        raise InvalidAuthHeaderError("A signature needs keyId and signature")
    return parameters


def _signature(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise InvalidAuthHeaderError("The signature is not base64") from error


def _check_covered(presented: Presented, signed: list[str]) -> None:
    needed = {TARGET, "date"} | ({"digest"} if presented.body else set())
    if missing := needed - set(signed):
        raise InvalidAuthHeaderError(f"The signature must cover {' '.join(sorted(missing))}")


def _text(presented: Presented, signed: Iterable[str]) -> bytes:
    lines = []
    for name in signed:
        if name == TARGET:
            query = f"?{presented.query_string}" if presented.query_string else ""
            lines.append(f"{name}: {presented.method.lower()} {presented.path}{query}")
        else:
            values = presented.headers.getall(name, None)
            if values is None:
                raise _refusal(f"{name} is signed, and is not there")
            lines.append(f"{name}: {', '.join(value.strip() for value in values)}")
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def _check_digest(presented: Presented) -> None:
    if not presented.body:
        return
    values = presented.headers.getall("digest", [])
    algorithm, _, value = (values[0] if len(values) == 1 else "").partition("=")
    name = {"sha-256": "sha256", "sha-512": "sha512"}.get(algorithm.strip().lower())
    if name is None:
        raise _refusal("the Digest header must be SHA-256 or SHA-512")
    expected = base64.b64encode(hashlib.new(name, presented.body).digest())
    if not hmac.compare_digest(expected, value.strip().encode()):
        raise _refusal("the body is not what was signed")


def _refusal(reason: str) -> InvalidSignatureError:
    _log.info("signature refused", extra={"reason": reason, "code": InvalidSignatureError.code})
    return InvalidSignatureError()
