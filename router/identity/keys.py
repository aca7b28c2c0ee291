"""Keys that tokens are signed with, as values.

A key only verifies algorithms of its own kind. So a public RSA key is never taken for an HMAC secret, whatever a token
says: that is the whole of the "algorithm confusion" attack. https://www.rfc-editor.org/rfc/rfc8725#section-2.1
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import jwt
import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey, Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

Material = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey | Ed448PublicKey | bytes

_PRIVATE = (RSAPrivateKey, EllipticCurvePrivateKey, Ed25519PrivateKey, Ed448PrivateKey)
_PUBLIC = (RSAPublicKey, EllipticCurvePublicKey, Ed25519PublicKey, Ed448PublicKey)
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}

# Weak keys are errors: an HMAC secret shorter than its hash, an RSA key below 2048 bits.
_SIGNATURES = jwt.PyJWS(options={"verify_signature": True, "enforce_minimum_key_length": True})


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key.

    Attributes:
        id: Its ``kid``, if it has one.
        algorithms: What it may verify.
    """

    id: str | None
    algorithms: frozenset[str]
    material: Material

    def verifies(self, token: str, algorithm: str) -> bool:
        """Whether this key made the signature of a token in this algorithm."""
        if algorithm not in self.algorithms:
            return False
        try:
            _SIGNATURES.decode(token, key=self.material, algorithms=[algorithm])
        except jwt.PyJWTError:
            return False
        return True


class KeySetError(ValueError):
    """A document holds no key that could be used. The message never quotes the document: it may hold secrets."""


def parse_key_set(document: bytes) -> tuple[SigningKey, ...]:
    """The usable keys of a JWKS, or the one of a PEM file. Raises ``KeySetError``."""
    if document.lstrip().startswith(b"-----BEGIN"):
        return (_pem_key(document),)
    try:
        content = orjson.loads(document)
    except orjson.JSONDecodeError as error:
        raise KeySetError("a key set is JSON or PEM") from error
    members = content.get("keys") if isinstance(content, dict) else None
    if not isinstance(members, list):
        raise KeySetError("a key set is an object with a list called keys")
    return read_keys(member for member in members if isinstance(member, dict))


def read_keys(members: Iterable[Mapping[str, object]]) -> tuple[SigningKey, ...]:
    """The usable ones of some JWKs; raises ``KeySetError`` if there is none.

    Keys of kinds that we do not know are skipped: issuers publish them for others.
    https://www.rfc-editor.org/rfc/rfc7517#section-5
    """
    keys = tuple(key for member in members if (key := _read_key(member)))
    if not keys:
        raise KeySetError("the key set has no key that can verify a signature")
    return keys


def _read_key(member: Mapping[str, object]) -> SigningKey | None:
    operations = member.get("key_ops")
    if member.get("use", "sig") != "sig" or (isinstance(operations, list) and "verify" not in operations):
        return None
    key_id = member.get("kid")
    try:
        material = _public(jwt.PyJWK(dict(member)).key)
    except (jwt.PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
        return None
    algorithms = _algorithms(material)
    if "alg" in member:
        algorithms &= {str(member["alg"])}
    return SigningKey(key_id if isinstance(key_id, str) else None, algorithms, material)


def _pem_key(document: bytes) -> SigningKey:
    try:
        material = _public(load_pem_public_key(document))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeySetError("a PEM file must hold a public key") from error
    return SigningKey(None, _algorithms(material), material)


def _public(material: object) -> Material:
    if isinstance(material, _PRIVATE):
        return material.public_key()
    if isinstance(material, (*_PUBLIC, bytes)):
        return material
    raise KeySetError("the key is of a kind that signs no tokens")


def _algorithms(material: Material) -> frozenset[str]:
    match material:
        case RSAPublicKey():
            return frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
        case EllipticCurvePublicKey():
            return frozenset({_CURVES[material.curve.name]} if material.curve.name in _CURVES else ())
        case Ed25519PublicKey() | Ed448PublicKey():
            return frozenset({"EdDSA"})
        case bytes():
            return frozenset({"HS256", "HS384", "HS512"})
