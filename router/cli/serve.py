"""``supergate serve``: the gateway."""

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from router.cli.console import Exit, fail, say, user_errors
from router.cli.logs import log_to_stderr
from router.config.listen import Address, parse_address
from router.config.load import load_config
from router.config.model import Config
from router.gateway import Router
from router.sources.load import Source, configured_source
from router.sources.subgraphs import read_rover_file
from router.workers import run_workers

if sys.platform == "win32":  # uvloop is not made for it
    from asyncio import run as run_loop
else:
    from uvloop import run as run_loop


def serve(
    config: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="router.yaml; several are merged, later ones win. None: safe defaults."),
    ] = None,
    supergraph: Annotated[Path | None, typer.Option(metavar="FILE", help="A composed supergraph SDL to serve.")] = None,
    compose: Annotated[
        Path | None,
        typer.Option(metavar="SUPERGRAPH_YAML", help="rover's supergraph.yaml: compose its subgraphs, and serve them."),
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of supergraph.listen.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port, instead of supergraph.listen's.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes, instead of server.workers.")] = None,
) -> None:
    """Serve a supergraph: GraphQL at /graphql, REST routes, /health, /metrics. Ctrl-C drains and stops.

    Without --config there is no authentication, no rate limit and no introspection, and it listens on 127.0.0.1:4000.

    Example:  supergate serve --config config/router.yaml --supergraph supergraph.graphql
    """
    if supergraph is not None and compose is not None:
        fail("--supergraph and --compose exclude each other", code=Exit.BAD_USAGE)
    with user_errors():
        settings = load_config(config or [], os.environ)
        source = _source(settings, supergraph, compose)
    address = _address(settings, host, port)
    count = workers or settings.server.workers
    if count > 1 and address.port == 0:
        fail("several workers share one port, so it must be given: --port 0 works with one", code=Exit.BAD_USAGE)

    log_to_stderr()

    def work() -> int:
        return _serve(settings, source, address, shared=count > 1)

    raise typer.Exit(work() if count == 1 else run_workers(count, work))


def _serve(config: Config, source: Source, address: Address, *, shared: bool) -> int:
    """Serve in this process until a signal; returns the exit code."""
    try:
        with user_errors():
            run_loop(Router(config, source).serve(address, started=_announce, reuse_port=shared))
    except typer.Exit as end:
        return end.exit_code
    return Exit.GOOD


def _source(config: Config, supergraph: Path | None, compose: Path | None) -> Source:
    if supergraph is not None:
        return supergraph
    if compose is not None:
        return read_rover_file(compose, os.environ)
    return configured_source(config)


def _address(config: Config, host: str | None, port: int | None) -> Address:
    configured = parse_address(config.supergraph.listen)
    return Address(host or configured.host, configured.port if port is None else port)


def _announce(address: Address) -> None:
    # Schemas and configuration stay to the end: the garbage collector need not look at them again and again.
    gc.collect()
    gc.freeze()
    say(f"Serving on http://{address}")
