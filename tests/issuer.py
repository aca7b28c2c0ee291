"""An issuer of tokens for tests: keys of every kind, and the key sets that publish them."""

from collections.abc import Mapping
from functools import cache

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

NOW = 1_700_000_000
SECRET = b"a secret of thirty-two bytes or more"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

Jwk = dict[str, object]


@cache
def rsa_key(name: str = "first") -> rsa.RSAPrivateKey:
    """The same key for the same name; they are slow to make."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def jwk(key: PrivateKey, **members: object) -> Jwk:
    """The public half of a key."""
    match key:
        case rsa.RSAPrivateKey():
            public = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case ec.EllipticCurvePrivateKey():
            public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        case ed25519.Ed25519PrivateKey():
            public = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**public, **members}


def key_set(*keys: Jwk) -> bytes:
    return orjson.dumps({"keys": keys})


def token(
    key: PrivateKey | bytes | None = None,
    *,
    algorithm: str = "RS256",
    kid: str | None = "k1",
    headers: Mapping[str, object] | None = None,
    **claims: object,
) -> str:
    """A token that is good for an hour unless claims say otherwise; a claim of ``None`` is left out."""
    payload = {"sub": "ada", "exp": NOW + 3600, **claims}
    all_headers = {**({"kid": kid} if kid else {}), **(headers or {})}
    return jwt.encode(
        {name: value for name, value in payload.items() if value is not None},
        rsa_key() if key is None else key,
        algorithm=algorithm,
        headers=all_headers,
    )
