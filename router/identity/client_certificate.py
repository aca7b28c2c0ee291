"""The certificate of the client: the authenticator ``mtls``.

The TLS listener has verified it against ``tls.supergraph.client_auth.ca``; here it is only read.
"""

from typing import Literal

from router.identity.authenticator import Presented
from router.identity.certificate import ClientCertificate
from router.identity.identity import Identity

IdFrom = Literal["common_name", "dns", "email", "uri", "fingerprint"]


class ClientCertificates:
    """An ``Authenticator``: a certificate without the wanted part names nobody."""

    name = "mtls"
    challenge = ""
    credential_headers: frozenset[str] = frozenset()

    def __init__(self, *, id_from: IdFrom) -> None:
        self._id_from: IdFrom = id_from

    async def authenticate(self, presented: Presented) -> Identity | None:
        """Whom the certificate names."""
        certificate = presented.peer_certificate
        if certificate is None:
            return None
        name = self._name(certificate)
        if name is None:
            return None
        claims = {"fingerprint": certificate.fingerprint, "subject": certificate.subject}
        return Identity(id=name, method=self.name, claims=claims)

    async def work(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing is held."""

    def _name(self, certificate: ClientCertificate) -> str | None:
        if self._id_from == "fingerprint":
            return certificate.fingerprint
        if self._id_from == "common_name":
            return certificate.common_name
        names = {"dns": certificate.dns, "email": certificate.emails, "uri": certificate.uris}[self._id_from]
        return names[0] if names else None
