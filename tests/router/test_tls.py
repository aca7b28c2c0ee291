"""TLS contexts from the configuration."""

import ssl
from pathlib import Path

import pytest

from router.config.load import load_config
from router.config.show import show_config
from router.config.tls import ClientAuth, ServerTls, SubgraphTls
from router.tls import TlsError, server_context, subgraph_context
from tests.certificates import Authority


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("test authority")


def test_without_a_certificate_there_is_no_tls() -> None:
    assert server_context(ServerTls()) is None


def test_certificates_may_be_files_or_text(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.sign("gateway")
    (tmp_path / "c.pem").write_text(certificate)
    (tmp_path / "k.pem").write_text(key)
    for section in (
        ServerTls(certificate=certificate, key=key),
        ServerTls(certificate=str(tmp_path / "c.pem"), key=str(tmp_path / "k.pem")),
    ):
        context = server_context(section)
        assert context is not None
        assert context.verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize(("mode", "verify"), [("optional", ssl.CERT_OPTIONAL), ("required", ssl.CERT_REQUIRED)])
def test_clients_may_be_asked_for_certificates(authority: Authority, mode: str, verify: ssl.VerifyMode) -> None:
    certificate, key = authority.sign("gateway")
    client_auth = ClientAuth.model_validate({"ca": authority.certificate, "mode": mode})
    context = server_context(ServerTls(certificate=certificate, key=key, client_auth=client_auth))
    assert context is not None
    assert context.verify_mode is verify


def test_what_is_no_certificate_is_told_with_its_place(authority: Authority) -> None:
    certificate, _ = authority.sign("gateway")
    _, other_key = authority.sign("other")
    with pytest.raises(TlsError, match=r"tls\.supergraph: the certificate or its key cannot be used"):
        server_context(ServerTls(certificate=certificate, key=other_key))
    with pytest.raises(TlsError, match=r"tls\.subgraph users: the certificate authorities cannot be used"):
        subgraph_context(SubgraphTls(certificate_authorities="/no/such/file"), "users")


def test_a_subgraph_is_held_against_its_own_authorities(authority: Authority) -> None:
    context = subgraph_context(SubgraphTls(certificate_authorities=authority.certificate), "users")
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize(
    "section",
    [{"certificate": "a"}, {"key": "a"}, {"client_auth": {"ca": "a"}}],
    ids=["no key", "no certificate", "none"],
)
def test_what_belongs_together_cannot_stand_alone(section: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"belong together|needs a certificate"):
        ServerTls.model_validate(section)


def test_paths_are_those_beside_the_configuration_and_text_stays(authority: Authority, tmp_path: Path) -> None:
    _, key = authority.sign("gateway")
    (tmp_path / "router.yaml").write_text("tls: {supergraph: {certificate: tls/c.pem, key: '${env.KEY}'}}")
    config = load_config([tmp_path / "router.yaml"], {"KEY": key})
    assert config.tls.supergraph.certificate == str(tmp_path / "tls" / "c.pem")
    assert config.tls.supergraph.key == key
    assert key not in show_config(config)
