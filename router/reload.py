"""A new supergraph or configuration while requests are served.

    Changes ──▶ read ──▶ compose ──▶ build ──▶ warm up ──▶ install
                ▲ you are here, all along

Whatever is wrong on the way is logged and counted, and what is served stays. What takes long runs in threads. The last
step, the only one that requests can notice, replaces one reference. Every worker does this for itself.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, nullcontext

from router.changes import Cause, Changes
from router.config.problems import ConfigError
from router.generations import Generations
from router.setup import Setup, needs_restart
from router.snapshot import build_policy_set, build_snapshot
from router.sources.errors import DoesNotComposeError, SourceAwayError, SourceError
from router.sources.garbage import beside_requests, settle_memory
from router.sources.load import SourceReader, Texts, build_beside_requests, build_supergraph
from router.stores.shared_memory import SharedCounters
from router.telemetry import Telemetry
from supergraph import Supergraph
from supergraph.diagnostics import Diagnostic

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"""How often those who are away are asked while there is nothing to serve."""

_LIMIT_LOGGED_ERRORS = 20


class Reload:
    """Keeps what is served the same as what files and servers say.

    Args:
        setup: What the gateway starts with.
        reread: Reads the setup again; raises ``ConfigError`` and ``SourceError``. ``None``: it does not change.
        counters: What rate limits are counted in together with other workers.
    """

    def __init__(
        self,
        setup: Setup,
        generations: Generations,
        telemetry: Telemetry,
        *,
        changes: Changes,
        reread: Callable[[], Setup] | None,
        counters: SharedCounters | None = None,
    ) -> None:
        self._generations = generations
        self._telemetry = telemetry
        self._changes = changes
        self._reread = reread
        self._counters = counters
        self._setup = setup  # as it was read last, served or not
        self._reader = SourceReader(setup.source)
        self._tried: tuple[Setup, Texts] | None = None
        self._served_setup = setup
        self._served: tuple[Texts, Supergraph] | None = None
        self._problem = ""
        self._is_started = False

    async def start(self, *, is_patient: bool = False) -> None:
        """Install the first snapshot. If somebody who is needed for it is away, leave that to ``work``.

        Args:
            is_patient: Wait for them instead.

        Raises:
            SourceError: The graph is broken.
            ConfigError: So is the configuration.
        """
        async with self._changes.reading(lambda: self._setup.watched | self._reader.files):
            while not await self._try_first() and is_patient:
                await self._changes.next(poll_seconds=RETRY_SECONDS)
        self._is_started = True

    async def _try_first(self) -> bool:
        try:
            await self._take(await self._reader.read())
        except SourceAwayError as error:
            self._refuse(error)
            return False
        return True

    async def work(self) -> None:
        """Reload whenever there may be something new, until cancelled."""
        while True:
            cause = await self._changes.next(poll_seconds=self._poll_seconds)
            try:
                await self._reload(cause)
            except (ConfigError, SourceError) as error:
                self._refuse(error)
            except Exception:
                # An outermost handler, as each request has one: a bug costs this reload, not the gateway.
                logger.exception("reload failed")
                self._telemetry.metrics.reloaded("failure")

    @property
    def _poll_seconds(self) -> float | None:
        if self._served is None:
            return RETRY_SECONDS
        return self._reader.poll_seconds if self._changes.is_watching else None

    async def _reload(self, cause: Cause) -> None:
        if cause is Cause.POLL:
            await self._take(await self._reader.poll())
            return
        if cause is Cause.ASKED:
            self._tried, self._problem = None, ""  # what is still broken is told again
        async with self._changes.reading(lambda: self._setup.watched | self._reader.files):
            if self._reread is not None:
                setup = await asyncio.to_thread(self._reread)
                if setup.source != self._setup.source:
                    self._reader = SourceReader(setup.source)
                self._setup = setup
            await self._take(await self._reader.read())

    async def _take(self, texts: Texts) -> None:
        """Serve these texts and this setup from now on, unless that has been tried, or makes no difference."""
        setup, self._problem = self._setup, ""
        if (setup, texts) == self._tried:
            return
        self._tried = (setup, texts)
        began = time.monotonic()
        with beside_requests() if self._served is not None else nullcontext():
            supergraph = await self._build(texts)
            is_new_graph = self._served is None or self._served[1].id != supergraph.id
            is_new = is_new_graph or not setup.means_the_same_as(self._served_setup)
            warmed_up = await self._install(setup, supergraph) if is_new else 0
        if is_new_graph:
            self._telemetry.metrics.supergraph_taken(time.monotonic)
        if is_new:
            self._tell(supergraph, warmed_up=warmed_up, elapsed_ms=round((time.monotonic() - began) * 1000))
        else:
            self._tell_that_nothing_is_new()
        self._served_setup, self._served = setup, (texts, supergraph)

    async def _build(self, texts: Texts) -> Supergraph:
        if self._served is None:
            return await asyncio.to_thread(build_supergraph, texts)
        known, supergraph = self._served
        return supergraph if known == texts else await build_beside_requests(texts)

    async def _install(self, setup: Setup, supergraph: Supergraph) -> int:
        """Build a snapshot beside the one that is served, warm it up, and swap; returns what was warmed up."""
        async with AsyncExitStack() as unless_installed:
            policies = self._generations.policies
            if not setup.has_the_policies_of(self._served_setup):
                policies = await build_policy_set(setup.config, self._telemetry, counters=self._counters)
                unless_installed.push_async_callback(policies.close)
            snapshot = build_snapshot(setup.config, policies, supergraph, self._telemetry)
            unless_installed.push_async_callback(snapshot.close)
            served = self._generations.snapshot
            warmed_up = await snapshot.warm_up(served) if served is not None else 0
            unless_installed.pop_all()
        for key in needs_restart(self._served_setup.config, setup.config):
            logger.warning("a change of the configuration needs a restart", extra={"key": key})
        self._generations.install(snapshot)
        return warmed_up

    def _tell(self, supergraph: Supergraph, **fields: int) -> None:
        if not self._is_started:
            return
        self._telemetry.metrics.reloaded("success")
        logger.info("serving a new snapshot", extra={"supergraph": supergraph.id[:12], **fields})

    def _tell_that_nothing_is_new(self) -> None:
        settle_memory()  # of the supergraph that was built in vain
        self._telemetry.metrics.reloaded("unchanged")
        logger.info("nothing new to serve")

    def _refuse(self, error: ConfigError | SourceError) -> None:
        """Say what is wrong, once as long as it stays so."""
        self._telemetry.metrics.reloaded("failure")
        if str(error) == self._problem:
            return
        self._problem = str(error)
        for fields in _explain(error)[:_LIMIT_LOGGED_ERRORS]:
            logger.error("problem in what is to be served", extra=fields)
        stays = "the last good one" if self._served is not None else "none"
        logger.error("nothing new can be served", extra={"problems": len(_explain(error)), "served": stays})


def _explain(error: ConfigError | SourceError) -> list[dict[str, str]]:
    match error:
        case DoesNotComposeError(errors=errors):
            return [_explain_diagnostic(each) for each in errors]
        case ConfigError(problems=problems):
            return [{"detail": str(problem)} for problem in problems]
        case _:
            return [{"detail": line} for line in str(error).splitlines()]


def _explain_diagnostic(error: Diagnostic) -> dict[str, str]:
    places = ", ".join(map(str, error.places))
    return {"code": error.code, "detail": error.message, "place": places, "cure": error.cure}
