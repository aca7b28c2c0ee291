"""The gateway as a library: listeners around a snapshot, from start to drained.

    Router.serve ──▶ load the supergraph ──▶ Snapshot ──▶ listen ──▶ … ──▶ drain
    ▲ you are here

What is opened first is closed last: listeners drain before the snapshot goes, and telemetry sees the last request.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Self

from router.config.listen import Address, parse_address
from router.config.load import load_config
from router.config.model import Config
from router.config.problems import ConfigError, ConfigProblem
from router.http.dispatch import Beside, Dispatcher, Page
from router.http.health import HealthCheck
from router.http.listener import Answer, Listener
from router.policy.request import Response
from router.snapshot import Snapshot, build_snapshot
from router.sources.load import Source, SourceReader, build_supergraph, configured_source
from router.telemetry.telemetry import Telemetry, build_telemetry

METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Router:
    """A gateway for one configuration.

    ``await Router.from_config("router.yaml").serve()`` serves until SIGINT or SIGTERM.
    """

    def __init__(self, config: Config, source: Source) -> None:
        self._config = config
        self._source = source
        self._snapshot: Snapshot | None = None
        self._draining = False

    @classmethod
    def from_config(
        cls, *files: str | Path, source: Source | None = None, environ: Mapping[str, str] | None = None
    ) -> Self:
        """A gateway for configuration files; without ``source`` they name subgraphs or a supergraph.

        Raises ``ConfigError`` and ``SourceError``.
        """
        config = load_config([Path(file) for file in files], os.environ if environ is None else environ)
        return cls(config, configured_source(config) if source is None else source)

    @property
    def is_ready(self) -> bool:
        """Whether it serves, and is not about to stop."""
        return self._snapshot is not None and not self._draining

    async def serve(
        self,
        address: Address | None = None,
        *,
        stop: asyncio.Event | None = None,
        started: Callable[[Address], None] | None = None,
        reuse_port: bool = False,
    ) -> None:
        """Serve until ``stop`` is set, or a signal asks for it; then drain.

        Args:
            address: Instead of ``supergraph.listen``.
            stop: Without it SIGINT and SIGTERM stop the gateway.
            started: Called with the address once requests are taken.
            reuse_port: Share the addresses with other processes.

        Raises:
            SourceError: There is no supergraph to serve.
            ListenError: An address is taken.
        """
        supergraph = build_supergraph(await SourceReader(self._source).read())
        async with AsyncExitStack() as stack:
            if stop is None:
                stop = asyncio.Event()
                stack.enter_context(signals_set(stop))
            telemetry = _build_telemetry(self._config)
            stack.push_async_callback(asyncio.to_thread, telemetry.close)  # it waits for files and the network
            self._snapshot = snapshot = await build_snapshot(self._config, supergraph, telemetry)
            stack.push_async_callback(snapshot.close)
            main, *others = self._listeners(address, telemetry, reuse_port=reuse_port)
            for listener in (*others, main):
                await listener.start()
                stack.push_async_callback(listener.stop, grace_seconds=self._config.server.shutdown.grace_period)
            if started is not None:
                started(main.address)
            async with asyncio.TaskGroup() as tasks:
                beside_requests = tasks.create_task(snapshot.pipeline.work())
                await stop.wait()
                self._draining = True
                await asyncio.sleep(self._config.server.shutdown.delay)
                beside_requests.cancel()

    def _listeners(self, address: Address | None, telemetry: Telemetry, *, reuse_port: bool) -> Sequence[Listener]:
        """The main listener, and those that health checks and metrics have of their own."""
        config = self._config
        health = HealthCheck(config.health_check.path, is_ready=lambda: self.is_ready)
        prometheus = config.telemetry.exporters.metrics.prometheus
        metrics: dict[str, Page] = {}
        if prometheus.enabled:
            metrics[prometheus.path] = lambda: _metrics_page(telemetry)
        beside = Beside(health=health, pages={} if prometheus.listen else metrics)

        def listener(text: str, answer: Answer) -> Listener:
            return Listener(parse_address(text), answer, reuse_port=reuse_port)

        main = Listener(
            address or parse_address(config.supergraph.listen),
            Dispatcher(self._current, beside=beside),
            reuse_port=reuse_port,
        )
        listeners = [main]
        if prometheus.enabled and prometheus.listen:
            listeners.append(listener(prometheus.listen, Beside(health=None, pages=metrics)))
        if config.health_check.listen:
            listeners.append(listener(config.health_check.listen, Beside(health=health, pages={})))
        return listeners

    def _current(self) -> Snapshot:
        assert self._snapshot is not None, "listeners start after the snapshot"
        return self._snapshot


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


def _build_telemetry(config: Config) -> Telemetry:
    try:
        return build_telemetry(config.telemetry)
    except OSError as error:
        raise ConfigError([ConfigProblem("", 0, 0, f"telemetry.access_log.output: {error}")]) from error


def _metrics_page(telemetry: Telemetry) -> Response:
    response = Response(status=200, body=telemetry.metrics_text())
    response.headers["content-type"] = METRICS_CONTENT_TYPE
    return response
