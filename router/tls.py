"""TLS contexts from the configuration: what clients see, and what subgraphs are held against."""

import ssl
import tempfile
from pathlib import Path

from router.config.tls import ClientAuth, ServerTls, SubgraphTls


class TlsError(ValueError):
    """Certificates or keys cannot be used; the message says which."""


def server_context(section: ServerTls) -> ssl.SSLContext | None:
    """The context of the listener; ``None`` without a certificate. Raises ``TlsError``."""
    if section.certificate is None or section.key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["http/1.1"])
    _load_chain(context, section.certificate, section.key, "tls.supergraph")
    if section.client_auth is not None:
        _ask_for_certificates(context, section.client_auth)
    return context


def subgraph_context(section: SubgraphTls, name: str) -> ssl.SSLContext:
    """The context for calls to a subgraph. Raises ``TlsError``."""
    context = ssl.create_default_context()
    if section.certificate_authorities is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        _trust(context, section.certificate_authorities, f"tls.subgraph {name}")
    if section.certificate is not None and section.key is not None:
        _load_chain(context, section.certificate, section.key, f"tls.subgraph {name}")
    return context


def _ask_for_certificates(context: ssl.SSLContext, section: ClientAuth) -> None:
    _trust(context, section.ca, "tls.supergraph.client_auth")
    context.verify_mode = ssl.CERT_REQUIRED if section.mode == "required" else ssl.CERT_OPTIONAL


def _trust(context: ssl.SSLContext, authorities: str, place: str) -> None:
    try:
        if _is_text(authorities):
            context.load_verify_locations(cadata=authorities)
        else:
            context.load_verify_locations(cafile=authorities)
    except (OSError, ssl.SSLError) as error:
        raise TlsError(f"{place}: the certificate authorities cannot be used: {error}") from error


def _load_chain(context: ssl.SSLContext, certificate: str, key: str, place: str) -> None:
    try:
        with tempfile.TemporaryDirectory() as folder:  # OpenSSL takes files only, readable by us alone
            context.load_cert_chain(
                _as_file(certificate, Path(folder) / "certificate.pem"), _as_file(key, Path(folder) / "key.pem")
            )
    except (OSError, ssl.SSLError) as error:
        raise TlsError(f"{place}: the certificate or its key cannot be used: {error}") from error


def _as_file(text_or_path: str, path: Path) -> str:
    if not _is_text(text_or_path):
        return text_or_path
    path.write_text(text_or_path)
    return str(path)


def _is_text(text_or_path: str) -> bool:
    return "-----BEGIN" in text_or_path
