"""``supergate serve``: the gateway."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from router.cli.console import Exit, fail, say, user_errors
from router.cli.logs import log_to_stderr
from router.config.listen import Address, parse_address
from router.config.load import load_config
from router.config.model import Config
from router.config.problems import ConfigError
from router.cores import available_cores
from router.executor.ways import CAN_SPLICE
from router.gateway import Router
from router.http.shared_port import reserved
from router.setup import Setup
from router.sources.errors import SourceError
from router.sources.garbage import begin_to_serve
from router.sources.load import Source, configured_source
from router.sources.subgraphs import read_rover_file
from router.workers import Worker, run_workers

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
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes, instead of server.workers; one for each core.")
    ] = None,
    *,
    hot_reload: Annotated[
        bool, typer.Option("--hot-reload/--no-hot-reload", help="Whether changed files and schemas are served at once.")
    ] = True,
) -> None:
    """Serve a supergraph: GraphQL at /graphql, REST routes, /health, /metrics. Ctrl-C drains and stops.

    Changed files and schemas are taken without a break; one that is broken is told and not taken. SIGHUP has everything
    read again.

    Without --config there is no authentication, no rate limit and no introspection, and it listens on 127.0.0.1:4000.

    Example:  supergate serve --config config/router.yaml --supergraph supergraph.graphql
    """
    if supergraph is not None and compose is not None:
        fail("--supergraph and --compose exclude each other", code=Exit.BAD_USAGE)

    def read() -> Setup:
        files = config or []
        settings = load_config(files, os.environ)
        return Setup.of(
            settings, _source(settings, supergraph, compose), files=[*files, *([compose] if compose else [])]
        )

    with user_errors():
        setup = read()
    address = _address(setup.config, host, port)
    count = workers or setup.config.server.workers or available_cores()
    log_to_stderr()
    if count == 1:
        raise typer.Exit(_serve(Router(setup, reread=read, hot_reload=hot_reload), address))
    shutdown = setup.config.server.shutdown
    with user_errors(), reserved(address) as kept:

        def work(worker: Worker) -> int:
            now = _read_again(read, setup) if worker.is_replacement else setup
            return _serve(Router(now, reread=read, hot_reload=hot_reload), kept, worker)

        raise typer.Exit(run_workers(count, work, stop_seconds=shutdown.delay + shutdown.grace_period))


def _serve(router: Router, address: Address, worker: Worker | None = None) -> int:
    """Serve in this process until a signal; returns the exit code."""
    scheme = "https" if router.speaks_tls else "http"

    def started(address: Address) -> None:
        begin_to_serve()
        if worker is None or worker.is_first:
            say(f"Serving on {scheme}://{address}")
            if not CAN_SPLICE:
                say("Large answers take more time than needed: the C extension was not built with Supergate.")

    try:
        with user_errors():
            run_loop(router.serve(address, started=started, worker=worker))
    except typer.Exit as end:
        return end.exit_code
    return Exit.GOOD


def _read_again(read: Callable[[], Setup], before: Setup) -> Setup:
    """What is configured now, for a worker that takes the place of another; what was before, if that is broken."""
    try:
        return read()
    except (ConfigError, SourceError):
        return before


def _source(config: Config, supergraph: Path | None, compose: Path | None) -> Source:
    if supergraph is not None:
        return supergraph
    if compose is not None:
        return read_rover_file(compose, os.environ)
    return configured_source(config)


def _address(config: Config, host: str | None, port: int | None) -> Address:
    configured = parse_address(config.supergraph.listen)
    return Address(host or configured.host, configured.port if port is None else port)
