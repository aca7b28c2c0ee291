"""The gateway as a library: listeners around a snapshot, from start to drained.

    Router.serve ──▶ load the supergraph ──▶ Snapshot ──▶ listen ──▶ reload, reload, … ──▶ drain
    ▲ you are here

What is opened first is closed last: listeners drain before the snapshot goes, and telemetry sees the last request.
"""

import asyncio
import os
import signal
import ssl
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Self

from router.changes import Changes
from router.config.listen import Address, parse_address
from router.config.load import load_config
from router.config.model import Config
from router.config.problems import ConfigError, ConfigProblem
from router.generations import Generations
from router.http.dispatch import Beside, Page
from router.http.health import HealthCheck
from router.http.listener import Listener
from router.http.server import Answer
from router.policy.request import Response
from router.reload import Reload
from router.setup import Setup
from router.snapshot import Waiting, build_policy_set
from router.sources.load import Source, configured_source
from router.telemetry.telemetry import Telemetry, build_telemetry
from router.tls import TlsError, server_context
from router.workers import Worker

METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Router:
    """A gateway.

    ``await Router.from_config("router.yaml").serve()`` serves until SIGINT or SIGTERM, and follows what changes.

    Args:
        setup: What it starts with.
        reread: Reads the setup again; raises ``ConfigError`` and ``SourceError``. Without it, only what ``setup``
            names can change.
        hot_reload: Whether a changed file is a reason to reload. Without it, ``reload`` and polls of URLs are.
    """

    def __init__(self, setup: Setup, *, reread: Callable[[], Setup] | None = None, hot_reload: bool = True) -> None:
        self._setup = setup
        self._config = setup.config
        self._reread = reread
        self._changes = Changes(watch=hot_reload)
        self._generations: Generations | None = None
        self._draining = False

    @classmethod
    def from_config(
        cls,
        *files: str | Path,
        source: Source | None = None,
        environ: Mapping[str, str] | None = None,
        hot_reload: bool = True,
    ) -> Self:
        """A gateway for configuration files; without ``source`` they name subgraphs or a supergraph.

        Raises ``ConfigError`` and ``SourceError``.
        """

        def read() -> Setup:
            paths = [Path(file) for file in files]
            config = load_config(paths, os.environ if environ is None else environ)
            return Setup.of(config, configured_source(config) if source is None else source, files=paths)

        return cls(read(), reread=read, hot_reload=hot_reload)

    @property
    def speaks_tls(self) -> bool:
        """Whether clients have to come over TLS."""
        return self._config.tls.supergraph.certificate is not None

    @property
    def is_ready(self) -> bool:
        """Whether it has a supergraph to serve, and is not about to stop."""
        return self._generations is not None and self._generations.snapshot is not None and not self._draining

    def reload(self) -> None:
        """Read everything again soon: configuration, schemas, files that they name. What is broken changes nothing."""
        self._changes.ask()

    async def serve(
        self,
        address: Address | None = None,
        *,
        stop: asyncio.Event | None = None,
        started: Callable[[Address], None] | None = None,
        released: Callable[[], None] | None = None,
        worker: Worker | None = None,
    ) -> None:
        """Serve until ``stop`` is set, or a signal asks for it; then drain.

        If a subgraph that is needed for the supergraph does not answer, requests are told to come back until it does.

        Args:
            address: Instead of ``supergraph.listen``.
            stop: Without it SIGINT and SIGTERM stop the gateway, and SIGHUP reloads.
            started: Called with the address once requests are taken.
            released: Called when, after a reload, the old snapshot is closed and its memory is free.
            worker: What this process shares with others that serve on the same addresses.

        Raises:
            SourceError: The supergraph is broken.
            ConfigError: A part of the configuration cannot be used.
            ListenError: An address is taken.
        """
        async with AsyncExitStack() as stack:
            telemetry = _build_telemetry(self._config, worker)
            counters = worker.counters if worker is not None else None
            stack.push_async_callback(asyncio.to_thread, telemetry.close)  # it waits for files and the network
            if stop is None:
                stack.enter_context(_sighup_calls(self.reload))
            first = Waiting(await build_policy_set(self._config, telemetry, counters=counters))
            self._generations = Generations(first, beside=self._beside(telemetry), on_release=released)
            stack.push_async_callback(self._generations.close)
            reload = Reload(
                self._setup,
                self._generations,
                telemetry,
                changes=self._changes,
                reread=self._reread,
                counters=counters,
            )
            # The share of a worker that died must not be told to come back while the other workers could answer it.
            await reload.start(is_patient=worker is not None and worker.is_replacement)
            if stop is None:
                stop = asyncio.Event()
                stack.enter_context(signals_set(stop))
            main, *others = self._listeners(address, telemetry, self._generations.answer, reuse_port=worker is not None)
            for listener in (*others, main):
                await listener.start()
                stack.push_async_callback(listener.stop, grace_seconds=self._config.server.shutdown.grace_period)
            if started is not None:
                started(main.address)
            if worker is not None:
                worker.ready()
            await self._work_until(stop, self._generations.work(), reload.work())

    async def _work_until(self, stop: asyncio.Event, *jobs: Coroutine[None, None, None]) -> None:
        """Do what is to be done beside requests; the listeners drain after that."""
        async with asyncio.TaskGroup() as tasks:
            beside_requests = [tasks.create_task(job) for job in jobs]
            await stop.wait()
            self._draining = True
            await asyncio.sleep(self._config.server.shutdown.delay)
            for task in beside_requests:
                task.cancel()

    def _beside(self, telemetry: Telemetry) -> Beside:
        """What is answered on the main address beside requests."""
        prometheus = self._config.telemetry.exporters.metrics.prometheus
        on_main = prometheus.enabled and not prometheus.listen
        return Beside(health=self._health(), pages=self._metrics(telemetry) if on_main else {})

    def _listeners(
        self, address: Address | None, telemetry: Telemetry, answer: Answer, *, reuse_port: bool
    ) -> Sequence[Listener]:
        """The main listener, and those that health checks and metrics have of their own."""
        config = self._config
        prometheus = config.telemetry.exporters.metrics.prometheus
        main = address or parse_address(config.supergraph.listen)
        listeners = [Listener(main, answer, reuse_port=reuse_port, tls=_server_tls(config))]
        if prometheus.enabled and prometheus.listen:
            metrics = Beside(health=None, pages=self._metrics(telemetry))
            listeners.append(Listener(parse_address(prometheus.listen), metrics, reuse_port=reuse_port))
        if config.health_check.listen:
            health = Beside(health=self._health(), pages={})
            listeners.append(Listener(parse_address(config.health_check.listen), health, reuse_port=reuse_port))
        return listeners

    def _health(self) -> HealthCheck:
        return HealthCheck(self._config.health_check.path, is_ready=lambda: self.is_ready)

    def _metrics(self, telemetry: Telemetry) -> dict[str, Page]:
        return {self._config.telemetry.exporters.metrics.prometheus.path: lambda: _metrics_page(telemetry)}


def _server_tls(config: Config) -> ssl.SSLContext | None:
    try:
        return server_context(config.tls.supergraph)
    except TlsError as error:
        raise ConfigError([ConfigProblem("", 0, 0, str(error))]) from error


@contextmanager
def signals_set(stop: asyncio.Event) -> Iterator[None]:
    """Let SIGINT and SIGTERM set ``stop``; a SIGINT after that interrupts whatever still runs.

    A SIGTERM after that does nothing: on Ctrl-C a worker gets a SIGINT from the terminal and a SIGTERM from its parent.
    """
    loop = asyncio.get_running_loop()

    def drain() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, drain)
    loop.add_signal_handler(signal.SIGTERM, drain)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)


@contextmanager
def _sighup_calls(function: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, function)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


def _build_telemetry(config: Config, worker: Worker | None) -> Telemetry:
    try:
        return build_telemetry(config.telemetry, memory=worker.metrics if worker is not None else None)
    except OSError as error:
        raise ConfigError([ConfigProblem("", 0, 0, f"telemetry.access_log.output: {error}")]) from error


def _metrics_page(telemetry: Telemetry) -> Response:
    response = Response(status=200, body=telemetry.metrics_text())
    response.headers["content-type"] = METRICS_CONTENT_TYPE
    return response
