"""The key pair and the token of a demo.

Both are made anew at each start: a private key that came with the project would open every gateway whose owner
copied the demo's configuration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

# As config/router.yaml expects them.
ISSUER = "https://demo.supergate.example/"
AUDIENCE = "supergate-demo"
ALGORITHM = "ES256"
KEY_ID = "demo"

SUBJECT = "u1"
LIFETIME_HOURS = 12


@dataclass(frozen=True, slots=True)
class DemoToken:
    """A token, and the JWKS with the public key that it can be checked with."""

    text: str
    jwks: Mapping[str, Sequence[Mapping[str, object]]]


def make_demo_token(*, now_seconds: int) -> DemoToken:
    """A new key pair, and a token that speaks for the example user ``u1``."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = ECAlgorithm(ECAlgorithm.SHA256).to_jwk(key.public_key(), as_dict=True)
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": SUBJECT,
        "plan": "pro",
        "scope": "orders:read orders:write",
        "iat": now_seconds,
        "exp": now_seconds + LIFETIME_HOURS * 3600,
    }
    text = jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": KEY_ID})
    return DemoToken(text, {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": ALGORITHM}]})
