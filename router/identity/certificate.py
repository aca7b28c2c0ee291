"""A client certificate that a TLS listener has verified, as far as it says who the client is."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """What the certificate says.

    Attributes:
        fingerprint: SHA-256 of its DER form, in hex.
        subject: As ``CN=…,O=…``.
        dns: Subject alternative names of each kind.
    """

    fingerprint: str
    subject: str
    common_name: str | None
    dns: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()

    @staticmethod
    def read(der: bytes, decoded: Mapping[str, object]) -> "ClientCertificate":
        """From both forms in which ``ssl.SSLObject.getpeercert`` gives a verified certificate."""
        subject = [(name, value) for group in _pairs(decoded.get("subject")) for name, value in _pairs_of(group)]
        names = [(kind, value) for kind, value in _pairs_of(decoded.get("subjectAltName"))]
        return ClientCertificate(
            fingerprint=hashlib.sha256(der).hexdigest(),
            subject=",".join(f"{_SHORT.get(name, name)}={value}" for name, value in subject),
            common_name=next((value for name, value in subject if name == "commonName"), None),
            dns=tuple(value for kind, value in names if kind == "DNS"),
            emails=tuple(value for kind, value in names if kind == "email"),
            uris=tuple(value for kind, value in names if kind == "URI"),
        )


_SHORT = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "countryName": "C"}


def _pairs(value: object) -> Iterable[object]:
    return value if isinstance(value, tuple) else ()


def _pairs_of(value: object) -> Iterable[tuple[str, str]]:
    for pair in _pairs(value):
        if isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(part, str) for part in pair):
            yield pair
