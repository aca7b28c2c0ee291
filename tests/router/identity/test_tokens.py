"""What a token must be to make somebody of its bearer."""

import base64
import hashlib
import hmac
from pathlib import Path

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from router.config.authentication import JwtSection
from router.errors import InvalidTokenError, UnauthenticatedError
from router.identity.identity import Identity
from router.identity.jwks import FixedKeys
from router.identity.keys import SigningKey, read_keys
from router.identity.tokens import TokenVerifier, TrustedIssuer, build_verifier
from tests.fake_clock import FakeClock
from tests.issuer import NOW, SECRET, Jwk, ec_key, ed_key, jwk, key_set, rsa_key, token


async def no_network(url: str) -> bytes:
    raise OSError(url)


def verifier(*jwks: dict[str, object], **section: object) -> TokenVerifier:
    return build_verifier(
        JwtSection.model_validate({"jwks": jwks, **section}),
        fetch=no_network,
        clock=FakeClock(),
        wall_clock=FakeClock(NOW),
        on_refresh=lambda _result: None,
    )


def trusting(*keys: Jwk, **options: object) -> TokenVerifier:
    return verifier({"keys": keys, **options})


RSA = jwk(rsa_key(), kid="k1")


async def verify(text: str, **options: object) -> Identity:
    return await trusting(RSA, **options).verify(text)


async def code(text: str, using: TokenVerifier | None = None) -> str:
    with pytest.raises(UnauthenticatedError) as refused:
        await (using or trusting(RSA)).verify(text)
    return refused.value.code


def encode(part: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(part)).rstrip(b"=").decode()


async def test_a_good_token_tells_who_calls() -> None:
    identity = await verify(token(plan="pro", scope="orders:read orders:write", scp=["admin"], email="a@b.c"))
    assert identity.id == "ada"
    assert identity.method == "jwt"
    assert identity.plan == "pro"
    assert identity.scopes == {"orders:read", "orders:write", "admin"}
    assert identity.claims["email"] == "a@b.c"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(rsa_key(), "RS512"), (rsa_key(), "PS256"), (ec_key(), "ES256"), (ed_key(), "EdDSA")],
    ids=["RS512", "PS256", "ES256", "EdDSA"],
)
async def test_every_public_key_algorithm_works(key: object, algorithm: str) -> None:
    assert isinstance(key, type(rsa_key()) | type(ec_key()) | type(ed_key()))
    identity = await trusting(jwk(key, kid="k1")).verify(token(key, algorithm=algorithm))
    assert identity.id == "ada"


async def test_an_hmac_secret_works_where_its_algorithm_is_named() -> None:
    secret: Jwk = {"kty": "oct", "k": base64.urlsafe_b64encode(SECRET).decode(), "kid": "k1"}
    text = token(SECRET, algorithm="HS256")
    assert (await trusting(secret, algorithms=["HS256"]).verify(text)).id == "ada"
    assert await code(text, trusting(secret)) == "INVALID_TOKEN"


async def test_algorithm_none_is_refused() -> None:
    for name in ("none", "None", "NONE", "nOnE"):
        unsigned = f"{encode({'alg': name, 'typ': 'JWT', 'kid': 'k1'})}.{encode({'sub': 'ada', 'exp': NOW + 60})}."
        assert await code(unsigned) == "INVALID_TOKEN"


@pytest.mark.parametrize("algorithms", [["RS256"], ["RS256", "HS256"]])
async def test_hs_rs_confusion_is_refused(algorithms: list[str]) -> None:
    public = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{encode({'alg': 'HS256', 'kid': 'k1'})}.{encode({'sub': 'ada', 'exp': NOW + 60})}"
    signature = base64.urlsafe_b64encode(hmac.digest(public, signed.encode(), hashlib.sha256)).rstrip(b"=").decode()
    assert await code(f"{signed}.{signature}", trusting(RSA, algorithms=algorithms)) == "INVALID_TOKEN"


async def test_algorithms_are_pinned() -> None:
    assert await code(token(algorithm="RS512"), trusting(RSA, algorithms=["RS256"])) == "INVALID_TOKEN"


async def test_a_key_that_names_its_algorithm_verifies_no_other() -> None:
    assert await code(token(algorithm="RS512"), trusting({**RSA, "alg": "RS256"})) == "INVALID_TOKEN"


async def test_a_key_for_encryption_verifies_nothing() -> None:
    keys = ({**RSA, "use": "enc"}, jwk(ec_key(), kid="k2"))
    assert await code(token(), trusting(*keys)) == "UNKNOWN_SIGNING_KEY"


async def test_a_changed_claim_breaks_the_signature() -> None:
    header, _, signature = token().split(".")
    assert await code(f"{header}.{encode({'sub': 'eve', 'exp': NOW + 60})}.{signature}") == "INVALID_TOKEN"


async def test_another_signer_is_refused() -> None:
    assert await code(token(rsa_key("other"))) == "INVALID_TOKEN"


async def test_keys_from_the_token_itself_are_not_used() -> None:
    other = rsa_key("other")
    text = token(other, headers={"jwk": jwk(other), "jku": "https://evil.example/jwks.json"})
    assert await code(text) == "INVALID_TOKEN"


async def test_critical_extensions_are_refused() -> None:
    assert await code(token(headers={"crit": ["exp"], "exp": 1})) == "INVALID_TOKEN"


@pytest.mark.parametrize(
    "header",
    [{"alg": ["RS256"]}, {"alg": None}, {}, {"alg": "RS256", "kid": ["k1"]}, {"alg": "RS256", "kid": {}}],
    ids=str,
)
async def test_odd_headers_are_refused(header: dict[str, object]) -> None:
    assert await code(f"{encode(header)}.{encode({'sub': 'ada', 'exp': NOW + 60})}.AAAA") == "INVALID_TOKEN"


@pytest.mark.parametrize("payload", [b"[" * 6000, b"9" * 6000, b"[]", b"null", b"\xff"], ids=str)
async def test_odd_payloads_are_refused(payload: bytes) -> None:
    body = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    assert await code(f"{encode({'alg': 'RS256', 'kid': 'k1'})}.{body}.AAAA") == "INVALID_TOKEN"


@pytest.mark.parametrize("moment", ["NaN", "Infinity", "-Infinity", "9" * 400])
async def test_moments_must_be_finite(moment: str) -> None:
    header, claims = encode({"alg": "RS256", "kid": "k1"}), f'{{"sub": "ada", "exp": {moment}}}'
    body = base64.urlsafe_b64encode(claims.encode()).rstrip(b"=").decode()
    assert await code(f"{header}.{body}.{token_signature(f'{header}.{body}'.encode())}") == "INVALID_TOKEN"


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "a.b", f"{'a' * 5000}", "ä.ö.ü"])
async def test_what_is_no_token_is_refused(text: str) -> None:
    assert await code(text) == "INVALID_TOKEN"


async def test_an_unknown_key_is_named_as_such() -> None:
    assert await code(token(kid="k9")) == "UNKNOWN_SIGNING_KEY"


async def test_keys_without_a_name_are_tried() -> None:
    nameless = trusting(jwk(ec_key()), jwk(rsa_key()))
    assert (await nameless.verify(token(kid="whatever"))).id == "ada"
    assert (await nameless.verify(token(kid=None))).id == "ada"


async def test_a_token_without_kid_may_be_signed_with_any_key() -> None:
    assert (await trusting(jwk(ec_key(), kid="e"), RSA).verify(token(kid=None))).id == "ada"


async def test_two_keys_of_one_name_are_both_tried() -> None:
    assert (await trusting(jwk(rsa_key("other"), kid="k1"), RSA).verify(token())).id == "ada"


async def test_an_expired_token_has_its_own_code() -> None:
    assert await code(token(exp=NOW - 61)) == "TOKEN_EXPIRED"


@pytest.mark.parametrize("text", [token(exp=NOW - 59), token(nbf=NOW + 59)], ids=["exp", "nbf"])
async def test_clocks_may_differ_by_a_minute(text: str) -> None:
    assert (await verify(text)).id == "ada"


@pytest.mark.parametrize(
    "text",
    [token(nbf=NOW + 61), token(exp=None), token(sub=None), token(sub="")],
    ids=["not valid yet", "no exp", "no sub", "empty sub"],
)
async def test_claims_that_are_wrong_or_missing(text: str) -> None:
    assert await code(text) == "INVALID_TOKEN"


@pytest.mark.parametrize("expires", ["tomorrow", True, [NOW + 60], {}])
async def test_exp_must_be_a_number(expires: object) -> None:
    header, body = encode({"alg": "RS256", "kid": "k1"}), encode({"sub": "ada", "exp": expires})
    signed = f"{header}.{body}".encode()
    signature = token_signature(signed)
    assert await code(f"{header}.{body}.{signature}") == "INVALID_TOKEN"


def token_signature(signed: bytes) -> str:
    return base64.urlsafe_b64encode(rsa_key().sign(signed, PKCS1v15(), SHA256())).rstrip(b"=").decode()


async def test_exp_may_be_missing_where_that_is_allowed() -> None:
    assert (await verify(token(exp=None), allow_missing_exp=True)).id == "ada"


@pytest.mark.parametrize("audience", ["api", ["other", "api"]])
async def test_one_of_the_audiences_must_be_ours(audience: object) -> None:
    assert (await verify(token(aud=audience), audiences=["api", "admin"])).id == "ada"


@pytest.mark.parametrize("audience", [None, "other", ["other"], {"api": 1}])
async def test_a_token_for_others_is_refused(audience: object) -> None:
    assert await code(token(aud=audience), trusting(RSA, audiences=["api"])) == "INVALID_TOKEN"


@pytest.mark.parametrize("issuer", [None, "https://evil.example/", ["https://idp.example/"]])
async def test_an_unknown_issuer_is_refused(issuer: object) -> None:
    text = signed_with_issuer(issuer)
    assert await code(text, trusting(RSA, issuers=["https://idp.example/"])) == "INVALID_TOKEN"


def signed_with_issuer(issuer: object) -> str:
    claims = {"sub": "ada", "exp": NOW + 60, **({"iss": issuer} if issuer else {})}
    header, body = encode({"alg": "RS256", "kid": "k1"}), encode(claims)
    return f"{header}.{body}.{token_signature(f'{header}.{body}'.encode())}"


async def test_each_issuer_speaks_with_its_own_keys_only() -> None:
    ours = {"keys": [RSA], "issuers": ["https://one.example/"]}
    theirs = {"keys": [jwk(ec_key(), kid="k1")], "issuers": ["https://two.example/"]}
    both = verifier(ours, theirs)
    assert (await both.verify(token(iss="https://one.example/"))).id == "ada"
    assert (await both.verify(token(ec_key(), algorithm="ES256", iss="https://two.example/"))).id == "ada"
    assert await code(token(iss="https://two.example/"), both) == "INVALID_TOKEN"


async def test_a_token_that_was_good_expires_all_the_same() -> None:
    clock = FakeClock(NOW)
    trusted = trusted_keys(RSA)
    remembering = TokenVerifier([trusted], clock_skew_seconds=60.0, wall_clock=clock)
    text = token(exp=NOW + 10)
    assert (await remembering.verify(text)) is (await remembering.verify(text))
    clock.advance(71)
    assert await code(text, remembering) == "TOKEN_EXPIRED"


async def test_a_token_that_was_good_is_refused_when_its_key_is_withdrawn() -> None:
    keys = WithdrawableKeys()
    trusted = TrustedIssuer(keys=keys, algorithms=frozenset({"RS256"}))
    remembering = TokenVerifier([trusted], clock_skew_seconds=60.0, wall_clock=FakeClock(NOW))
    await remembering.verify(token())
    keys.keys = ()
    assert await code(token(), remembering) == "UNKNOWN_SIGNING_KEY"


async def test_a_very_long_token_is_good_but_not_remembered() -> None:
    remembering = TokenVerifier([trusted_keys(RSA)], clock_skew_seconds=60.0, wall_clock=FakeClock(NOW))
    text = token(note="x" * 5000)
    assert (await remembering.verify(text)) is not (await remembering.verify(text))


async def test_only_so_many_tokens_are_remembered() -> None:
    remembering = TokenVerifier([trusted_keys(RSA)], clock_skew_seconds=60.0, wall_clock=FakeClock(NOW))
    first = token(sub="first")
    identity = await remembering.verify(first)
    for number in range(1024):
        await remembering.verify(token(SECRET, algorithm="HS256", sub=str(number)))
    assert await remembering.verify(first) is not identity


def trusted_keys(*keys: Jwk) -> TrustedIssuer:
    secret: Jwk = {"kty": "oct", "k": base64.urlsafe_b64encode(SECRET).decode(), "kid": "k1"}
    return TrustedIssuer(keys=FixedKeys(read_keys([*keys, secret])), algorithms=frozenset({"RS256", "HS256"}))


class WithdrawableKeys:
    """A key set that a test can change."""

    def __init__(self) -> None:
        self.keys = read_keys([RSA])

    async def find(self, _key_id: str | None) -> tuple[SigningKey, ...]:
        return self.keys

    async def work(self) -> None:
        """Nothing to do."""


async def test_the_client_is_not_told_why_but_the_log_is(caplog: pytest.LogCaptureFixture) -> None:
    text = token(aud="other")
    with caplog.at_level("INFO"), pytest.raises(InvalidTokenError) as refused:
        await verify(text, audiences=["api"])
    assert str(refused.value) == "The token is not valid."
    assert [getattr(record, "reason", None) for record in caplog.records] == ["wrong audience"]
    assert text not in caplog.text


async def test_every_refusal_challenges_the_client() -> None:
    with pytest.raises(InvalidTokenError) as refused:
        await verify(token(exp=NOW - 100))
    assert refused.value.headers == {"WWW-Authenticate": 'Bearer error="invalid_token"'}


async def test_a_verifier_fetches_the_sets_that_issuers_publish() -> None:
    fetched: list[str] = []

    async def fetch(url: str) -> bytes:
        fetched.append(url)
        return key_set(RSA)

    section = {"jwks": [{"url": "https://idp.example/jwks.json", "issuers": ["https://idp.example/"]}]}
    built = build_verifier(
        JwtSection.model_validate(section),
        fetch=fetch,
        clock=FakeClock(),
        wall_clock=FakeClock(NOW),
        on_refresh=fetched.append,
    )
    assert (await built.verify(token(iss="https://idp.example/"))).id == "ada"
    assert fetched == ["https://idp.example/jwks.json", "success"]


async def test_a_verifier_reads_key_files(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_bytes(key_set(RSA))
    assert (await verifier({"file": str(path)}).verify(token())).id == "ada"


def test_a_key_file_that_is_missing_is_an_error_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        verifier({"file": str(tmp_path / "missing.json")})


@pytest.mark.parametrize(
    "section",
    [
        {"jwks": []},
        {"jwks": [{}]},
        {"jwks": [{"url": "https://idp.example/", "file": "jwks.json"}]},
        {"jwks": [{"url": "file:///etc/passwd"}]},
        {"jwks": [{"file": "jwks.json", "algorithms": ["none"]}]},
        {"jwks": [{"file": "jwks.json"}], "sources": []},
    ],
    ids=["no sets", "no source", "two sources", "not http", "none", "nowhere"],
)
def test_configurations_that_make_no_sense_are_refused(section: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        JwtSection.model_validate(section)
