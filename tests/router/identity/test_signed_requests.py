"""Requests that are signed with a shared secret."""

import base64
import hashlib
import hmac
from email.utils import formatdate

import pytest

from router.config.authentication import HmacKey
from router.errors import InvalidAuthHeaderError, InvalidSignatureError
from router.identity.signed_requests import SignedRequests
from router.policy.request import Request
from tests.fake_clock import FakeClock
from tests.requests_in import request_in

SHARED = "a secret of the partner"
NOW = 1_700_000_000.0
BODY = b'{"query":"{ a }"}'
SIGNED = "(request-target) host date digest"


def checker(clock: FakeClock | None = None) -> SignedRequests:
    key = HmacKey(id="partner", secret=SHARED, consumer="acme", plan="pro", scopes=("orders:read",))
    return SignedRequests([key], clock_skew_seconds=300.0, wall_clock=clock or FakeClock(NOW))


def digest(body: bytes) -> str:
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()


def signed(
    *,
    body: bytes = BODY,
    at: float = NOW,
    secret: str = SHARED,
    names: str = SIGNED,
    key: str = "partner",
    algorithm: str = "hmac-sha256",
    sent: dict[str, str] | None = None,
) -> Request:
    headers = {"host": "api.example.com", "date": formatdate(at, usegmt=True), "digest": digest(body)}
    values = {"(request-target)": "post /graphql", **headers}
    text = "\n".join(f"{name}: {values[name]}" for name in names.split())
    name = algorithm.removeprefix("hmac-")
    signature = base64.b64encode(hmac.digest(secret.encode(), text.encode(), name)).decode()
    authorization = f'Signature keyId="{key}",algorithm="{algorithm}",headers="{names}",signature="{signature}"'
    return request_in(headers={**headers, "authorization": authorization, **(sent or {})}, body=body)


@pytest.mark.parametrize("algorithm", ["hmac-sha256", "hmac-sha384", "hmac-sha512"])
async def test_a_good_signature_names_the_caller(algorithm: str) -> None:
    identity = await checker().authenticate(signed(algorithm=algorithm))
    assert identity is not None
    assert (identity.id, identity.plan, identity.scopes, identity.method) == (
        "acme",
        "pro",
        frozenset({"orders:read"}),
        "hmac",
    )


async def test_a_request_without_a_signature_is_anonymous() -> None:
    assert await checker().authenticate(request_in(headers={"authorization": "Bearer a.b.c"})) is None


async def test_a_signature_with_another_secret_is_refused() -> None:
    with pytest.raises(InvalidSignatureError):
        await checker().authenticate(signed(secret=SHARED + "!"))


async def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(InvalidSignatureError):
        await checker().authenticate(signed(key="nobody"))


async def test_an_unknown_key_does_not_pass_with_an_empty_secret() -> None:
    with pytest.raises(InvalidSignatureError):
        await checker().authenticate(signed(key="nobody", secret=""))


async def test_a_body_that_is_not_what_was_signed_is_refused() -> None:
    request = signed()
    request.body = b'{"query":"{ b }"}'
    with pytest.raises(InvalidSignatureError):
        await checker().authenticate(request)


async def test_a_changed_header_is_refused() -> None:
    with pytest.raises(InvalidSignatureError):
        await checker().authenticate(signed(sent={"host": "evil.example.com"}))


async def test_a_signature_for_another_path_is_refused() -> None:
    request = signed()
    request.path = "/admin"
    with pytest.raises(InvalidSignatureError):
        await checker().authenticate(request)


@pytest.mark.parametrize("seconds", [-301.0, 301.0])
async def test_a_date_that_is_too_far_from_now_is_refused(seconds: float) -> None:
    with pytest.raises(InvalidSignatureError):
        await checker().authenticate(signed(at=NOW + seconds))


@pytest.mark.parametrize("seconds", [-299.0, 299.0])
async def test_clocks_may_differ_a_little(seconds: float) -> None:
    assert await checker().authenticate(signed(at=NOW + seconds)) is not None


async def test_a_signature_is_taken_once() -> None:
    checking = checker()
    await checking.authenticate(signed())
    with pytest.raises(InvalidSignatureError):
        await checking.authenticate(signed())


async def test_a_signature_is_taken_once_for_as_long_as_its_date_is_near() -> None:
    clock = FakeClock(NOW)
    checking = checker(clock)
    await checking.authenticate(signed(at=NOW + 299.0))
    clock.advance(598.0)
    with pytest.raises(InvalidSignatureError):
        await checking.authenticate(signed(at=NOW + 299.0))


@pytest.mark.parametrize("names", ["date digest", "(request-target) digest", "(request-target) date"])
async def test_a_signature_has_to_cover_target_date_and_body(names: str) -> None:
    with pytest.raises(InvalidAuthHeaderError, match="must cover"):
        await checker().authenticate(signed(names=names))


async def test_a_signed_header_that_is_not_there_is_refused() -> None:
    request = signed()
    authorization = request.headers["authorization"].replace(SIGNED, SIGNED + " x-missing")
    with pytest.raises(InvalidSignatureError):
        await checker().authenticate(signed(sent={"authorization": authorization}))


@pytest.mark.parametrize(
    "value",
    ["Signature nonsense", 'Signature keyId="partner"', 'Signature keyId="a",keyId="b",signature="YQ=="',
     'Signature keyId="a",headers="date",signature="?"'],
)  # fmt: skip
async def test_a_malformed_signature_is_told_as_such(value: str) -> None:
    with pytest.raises(InvalidAuthHeaderError):
        await checker().authenticate(request_in(headers={"authorization": value}))


async def test_an_algorithm_that_is_not_hmac_is_refused() -> None:
    authorization = signed().headers["authorization"].replace("hmac-sha256", "rsa-sha256")
    with pytest.raises(InvalidSignatureError):
        await checker().authenticate(signed(sent={"authorization": authorization}))
