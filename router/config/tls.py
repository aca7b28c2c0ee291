"""The block ``tls``: certificates of the gateway, of its clients, and of subgraphs."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from router.config.section import Section


class ClientAuth(Section):
    """Certificates of clients, which the authenticator ``mtls`` reads."""

    ca: str = Field(min_length=1)
    """The authorities that sign them: a file in PEM, or the text itself."""

    mode: Literal["optional", "required"] = "optional"
    """Whether a client without a certificate may connect."""


class ServerTls(Section):
    """TLS towards clients; without a certificate there is none."""

    certificate: str | None = None
    """The certificate with its chain: a file in PEM, or the text itself."""

    key: str | None = None
    """Its private key: a file in PEM, or the text itself."""

    client_auth: ClientAuth | None = None

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together")
        if self.client_auth is not None and self.certificate is None:
            raise ValueError("client_auth needs a certificate of the gateway")
        return self


class SubgraphTls(Section):
    """TLS towards a subgraph with an https URL."""

    certificate_authorities: str | None = None
    """Who signs its certificate: a file in PEM, or the text itself; the system's authorities if left out."""

    certificate: str | None = None
    """The gateway's own certificate, for subgraphs that ask for one."""

    key: str | None = None
    """Its private key."""

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together")
        return self


class SubgraphsTls(Section):
    """TLS towards subgraphs."""

    all: SubgraphTls = SubgraphTls()
    subgraphs: Mapping[str, SubgraphTls] = {}
    """By subgraph, instead."""


class TlsSection(Section):
    """TLS on both sides."""

    supergraph: ServerTls = ServerTls()
    subgraph: SubgraphsTls = SubgraphsTls()
