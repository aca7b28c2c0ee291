"""The gateways that can be measured: Supergate, and peers that npm has installed.

All listen on ``/graphql`` of a port they are told, and pass the header ``x-caller`` on to subgraphs. Its value is new
in each request, as credentials are in production; so no gateway may answer two clients from one request to a subgraph.
"""

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness.festival import LINK, SUBGRAPHS

PEERS_FOLDER = Path(sys.prefix) / "peers"
"""Where npm puts the peers: in the virtual environment, so that ``make clean`` removes them."""

SUPERGATE_CONFIG = "headers: {all: {request: [{propagate: {named: x-caller}}]}}\n"

_PEER_FILES = Path(__file__).parent.parent / "peers"


@dataclass(frozen=True, slots=True)
class Place:
    """What a gateway is told.

    Attributes:
        folder: An empty folder for its files.
        supergraph: The composed graph.
        subgraphs_url: Where the subgraphs are, without their names.
    """

    folder: Path
    supergraph: Path
    subgraphs_url: str
    port: int


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that can be started.

    Attributes:
        command: Its command line; may write files into the place's folder.
        workers: Processes that answer, and so cores that it is given.
    """

    name: str
    version: str
    command: Callable[[Place], Sequence[str]]
    workers: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)


def supergate(*, workers: int = 1, interprets: bool = False) -> Gateway:
    """Supergate with its default settings; ``interprets`` keeps it from compiling plans."""
    config = SUPERGATE_CONFIG + ("execution: {strict: true}\n" if interprets else "")

    def command(place: Place) -> Sequence[str]:
        return [sys.executable, "-m", "router.cli", *serve_arguments(place, config=config, workers=workers)]

    name = "supergate" + (" interpreted" if interprets else "") + (f" {workers} workers" if workers > 1 else "")
    return Gateway(name, version("supergate"), command, workers)


def serve_arguments(place: Place, *, config: str = SUPERGATE_CONFIG, workers: int = 1) -> list[str]:
    """The arguments of ``supergate``; writes its configuration."""
    file = place.folder / "router.yaml"
    file.write_text(config)
    return [
        *("serve", "--config", str(file), "--supergraph", str(place.supergraph)),
        *("--port", str(place.port), "--workers", str(workers), "--no-hot-reload"),
    ]


def install_peers(folder: Path = PEERS_FOLDER) -> None:
    """Let npm install what ``benchmarks/peers/package.json`` names, unless it has done so before."""
    if shutil.which("npm") is None:
        raise SystemExit("The peers are installed by npm, which is not in PATH. Without PEERS=1 they are not needed.")
    folder.mkdir(parents=True, exist_ok=True)
    installed, wanted = folder / "package.json", _PEER_FILES / "package.json"
    is_there = installed.exists() and installed.read_bytes() == wanted.read_bytes()
    for file in _PEER_FILES.iterdir():
        shutil.copy(file, folder)
    if is_there:
        return
    command = ["npm", "install", "--no-save", "--no-fund", "--no-audit", "--loglevel=error"]
    try:
        subprocess.run(command, cwd=folder, check=True)  # noqa: S603 - a fixed command
    except subprocess.CalledProcessError:
        installed.unlink()
        raise SystemExit("npm could not install the peers; see above.") from None


def installed_peers(folder: Path = PEERS_FOLDER) -> list[Gateway]:
    """The peers that are installed, with the settings that their documentation recommends for speed."""
    environment = {"NODE_ENV": "production", "APOLLO_TELEMETRY_DISABLED": "1", "DO_NOT_TRACK": "1"}
    modules = folder / "node_modules"
    grafbase = f"@grafbase/cli-{platform.machine()}-unknown-linux-musl"
    peers = (
        ("apollo gateway", "@apollo/gateway", lambda place: _apollo(folder, place)),
        ("hive gateway", "@graphql-hive/gateway", lambda place: _hive(folder, place, "--jit")),
        (
            "hive gateway rust",
            "@graphql-hive/router-runtime",
            lambda place: _hive(folder, place, "--hive-router-runtime"),
        ),
        ("grafbase", grafbase, lambda place: _grafbase(modules / grafbase / "grafbase", place)),
    )
    return [
        Gateway(name, _version(modules / package), command, environment=environment)
        for name, package, command in peers
        if (modules / package).is_dir()
    ]


def _version(package: Path) -> str:
    return str(json.loads((package / "package.json").read_text())["version"])


def _apollo(folder: Path, place: Place) -> Sequence[str]:
    return ["node", str(folder / "apollo.mjs"), str(place.supergraph), str(place.port)]


def _hive(folder: Path, place: Place, *options: str) -> Sequence[str]:
    return [
        *(str(folder / "node_modules/.bin/hive-gateway"), "supergraph", str(place.supergraph)),
        *("--host", "127.0.0.1", "--port", str(place.port)),
        *("--config-path", str(folder / "hive.config.mjs"), *options),
    ]


def _grafbase(program: Path, place: Place) -> Sequence[str]:
    """Its development server, which is the same engine; the gateway's own program is not on npm. It composes itself."""
    settings = [
        f'[network]\nlisten_address = "127.0.0.1:{place.port}"',
        '[graph]\npath = "/graphql"',
        '[[headers]]\nrule = "forward"\nname = "x-caller"',
    ]
    for name, sdl in SUBGRAPHS.items():
        file = place.folder / f"{name}.graphql"
        file.write_text(LINK + sdl)
        settings.append(f'[subgraphs.{name}]\nurl = "{place.subgraphs_url}/{name}"\nschema_path = "{file}"')
    config = place.folder / "grafbase.toml"
    config.write_text("\n".join(settings) + "\n")
    return [str(program), "--home", str(place.folder), "dev", "--config", str(config)]
