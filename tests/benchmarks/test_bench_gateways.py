"""How gateways are started."""

import platform
from pathlib import Path

import pytest

from benchmarks.harness.festival import SUBGRAPHS
from benchmarks.harness.gateways import Gateway, Place, install_peers, installed_peers, supergate
from router.config.load import load_config
from router.config.model import Config


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, tmp_path / "supergraph.graphql", "http://127.0.0.1:4300/same", 4000)


@pytest.fixture
def peers(tmp_path: Path) -> Path:
    """A folder for peers in which nothing is installed."""
    return tmp_path / "peers"


def pretend_to_be_installed(package: str, folder: Path) -> Gateway:
    (folder / "node_modules" / package).mkdir(parents=True)
    (folder / "node_modules" / package / "package.json").write_text('{"version": "1.2.3"}')
    (peer,) = installed_peers(folder)
    return peer


def config_of(gateway: Gateway, place: Place) -> Config:
    command = gateway.command(place)
    return load_config([Path(command[command.index("--config") + 1])], {})


def test_supergate_passes_the_clients_header_on(place: Place) -> None:
    assert "x-caller" in config_of(supergate(), place).headers.all.request[0].model_dump_json()


def test_workers_are_told(place: Place) -> None:
    gateway = supergate(workers=2)
    command = gateway.command(place)
    assert (gateway.name, gateway.workers) == ("supergate 2 workers", 2)
    assert command[command.index("--workers") + 1] == "2"


def test_the_interpreter_is_chosen_by_the_configuration(place: Place) -> None:
    assert config_of(supergate(interprets=True), place).execution.strict
    assert not config_of(supergate(), place).execution.strict


def test_without_npm_there_are_no_peers(peers: Path) -> None:
    assert installed_peers(peers) == []


def test_without_npm_peers_cannot_be_installed(peers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(peers))
    with pytest.raises(SystemExit, match="npm, which is not in PATH"):
        install_peers(peers)


def test_an_installed_peer_is_measured_with_its_version(peers: Path) -> None:
    peer = pretend_to_be_installed("@apollo/gateway", peers)
    assert (peer.name, peer.version) == ("apollo gateway", "1.2.3")


def test_hive_gateway_is_told_to_plan_in_rust(peers: Path, place: Place) -> None:
    peer = pretend_to_be_installed("@graphql-hive/router-runtime", peers)
    assert peer.command(place)[-1] == "--hive-router-runtime"


def test_grafbase_is_told_every_subgraph(peers: Path, place: Place) -> None:
    machine = platform.machine()
    peer = pretend_to_be_installed(f"@grafbase/cli-{machine}-unknown-linux-musl", peers)
    peer.command(place)
    settings = (place.folder / "grafbase.toml").read_text()
    assert all(f'url = "http://127.0.0.1:4300/same/{name}"' in settings for name in SUBGRAPHS)
