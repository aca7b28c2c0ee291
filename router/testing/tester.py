"""A whole gateway in the process of a test.

    test ──▶ RouterTester ──▶ policies ──▶ plan ──▶ executor ──▶ FakeSubgraph
             ▲ you are here

Policies, planner and executor are those that serve; only sockets and clocks are the test's own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import orjson
from multidict import CIMultiDict, CIMultiDictProxy

from router.config.model import Config
from router.graphql import authorization, demand
from router.http.dispatch import Beside, Dispatcher
from router.http.server import IncomingRequest
from router.identity.certificate import ClientCertificate
from router.identity.identity import Identity
from router.plugins.plugin import Plugin
from router.policy.pipeline import Pipeline, Policy
from router.policy.request import Request, Response, Write
from router.snapshot import PolicySet, Snapshot, build_policy_set, build_snapshot
from router.telemetry import Telemetry
from router.telemetry.access_log import AccessLog
from router.testing.clock import Clock
from router.testing.configuring import compose_fakes, config_of, without_network
from router.testing.network import Network
from router.testing.response import RouterResponse
from router.testing.services import FakeService
from router.testing.subgraphs import FakeSubgraph
from router.testing.verdicts import Verdict, WatchedMetrics, WatchedModes, all_verdicts
from router.testing.watching import Watch, WatchedSnapshot, complete_body
from supergraph import Supergraph

_NOTHING_BESIDE = Beside(health=None, pages={})


class RouterTester:
    """A gateway to ask in a test.

    ::

        users = FakeSubgraph(USERS_SDL, answer={"data": {"me": {"name": "Ada"}}})
        async with RouterTester(subgraphs={"users": users}, plugins=[AuditLog(AuditLog.Options())]) as router:
            response = await router.query("{ me { name } }", headers={"x-tenant": "acme"})
            assert response.data == {"me": {"name": "Ada"}}
            assert users.requests[0].headers["x-tenant"] == "acme"

    Subgraphs are where the test says, whatever the configuration does, and rate limits are counted in memory. Metrics
    and log lines can be read; listeners, workers and reloads there are none.

    Args:
        config: The blocks of ``router.yaml``; files that it names are looked for in the current folder.
        subgraphs: By name. Composed, unless there is a ``supergraph``.
        supergraph: One that was composed before; subgraphs that are not in ``subgraphs`` are away.
        services: Whatever else is asked over HTTP, by what its URLs begin with: services behind proxy routes, issuers
            of tokens, a coprocessor.
        plugins: Plugins beside those that the configuration names.

    Attributes:
        clock: The time of policies and caches.
        log_lines: The access log, decoded.

    Raises:
        ConfigError: On entering: the configuration is wrong, or subgraphs do not compose.
    """

    def __init__(
        self,
        config: Mapping[str, object] | Config | None = None,
        *,
        subgraphs: Mapping[str, FakeSubgraph] | None = None,
        supergraph: Supergraph | None = None,
        services: Mapping[str, FakeService] | None = None,
        plugins: Sequence[Plugin] = (),
    ) -> None:
        self.subgraphs = dict(subgraphs or {})
        self.services = dict(services or {})
        self.clock = Clock()
        self.log_lines: list[dict[str, object]] = []
        self._given = config or {}
        self._supergraph = supergraph
        self._plugins = tuple(plugins)
        self._network = Network(self.subgraphs, self.services)
        self._running: _Running | None = None

    async def __aenter__(self) -> Self:
        """Build the gateway."""
        config = config_of(self._given)
        supergraph = self._supergraph or compose_fakes(self.subgraphs)
        config = without_network(config, supergraph)
        telemetry = Telemetry(metrics=WatchedMetrics(), access_log=self._access_log(config), clock=self.clock)
        policies = await build_policy_set(config, telemetry, world=self._network.world(self.clock))
        modes = WatchedModes(policies.pipeline.modes)
        policies = replace(policies, pipeline=_pipeline(policies.pipeline, self._plugins, modes))
        snapshot = build_snapshot(config, policies, supergraph, telemetry)
        work = asyncio.get_running_loop().create_task(policies.pipeline.work())
        self._running = _Running(snapshot, policies, modes, telemetry, work, stages=_stages(config))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        running, self._running = self._opened, None
        await running.close()

    @property
    def snapshot(self) -> Snapshot:
        """What answers, for tests that look inside."""
        return self._opened.snapshot

    def metrics(self) -> str:
        """What Prometheus would read."""
        return self._opened.telemetry.metrics_text().decode()

    async def query(
        self,
        document: str,
        *,
        variables: Mapping[str, object] | None = None,
        operation_name: str | None = None,
        headers: Mapping[str, str] | None = None,
        identity: Identity | None = None,
        ip: str = "192.0.2.1",
    ) -> RouterResponse:
        """Send an operation by POST; see ``request``."""
        body: dict[str, object] = {"query": document}
        if variables is not None:
            body["variables"] = dict(variables)
        if operation_name is not None:
            body["operationName"] = operation_name
        return await self.request(
            "POST", self.snapshot.graphql.route, json=body, headers=headers, identity=identity, ip=ip
        )

    async def request(
        self,
        method: str,
        target: str,
        *,
        json: object = None,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        identity: Identity | None = None,
        ip: str = "192.0.2.1",
        certificate: ClientCertificate | None = None,
    ) -> RouterResponse:
        """Send any request, to GraphQL or a REST route.

        Args:
            method: In upper case.
            target: Path and query string.
            json: A body, instead of ``body``.
            body: A body, as it is.
            headers: Of the client.
            identity: Who calls; without it, the configured authenticators find out.
            ip: Where from.
            certificate: The client's, as a TLS listener would have verified it.

        Raises what a function of the test raised while it answered for a subgraph or service.
        """
        sent = CIMultiDict(headers or {})
        if json is not None:
            body = orjson.dumps(json)
            sent.setdefault("content-type", "application/json")
        running = self._opened
        watch = Watch(running.modes, identity)
        served = WatchedSnapshot(running.snapshot, running.modes, watch)
        incoming = IncomingRequest(
            method=method,
            target=target,
            headers=CIMultiDictProxy(sent),
            body=complete_body(body),
            peer_ip=ip,
            is_http_1_0=False,
            keeps_alive=True,
            peer_certificate=certificate,
        )
        response = await Dispatcher(served, beside=_NOTHING_BESIDE)(incoming)
        answer = response.body
        if response.rest is not None:
            answer += await _rest(response.rest)
        if self._network.bugs:
            raise self._network.bugs.pop(0)
        return RouterResponse(
            status=response.status,
            headers=CIMultiDictProxy(response.headers),
            body=answer,
            error_codes=response.error_codes,
            verdicts=running.verdicts(watch, response),
        )

    @property
    def _opened(self) -> "_Running":
        if self._running is None:
            raise RuntimeError("use it as `async with RouterTester(...) as router`")
        return self._running

    def _access_log(self, config: Config) -> AccessLog:
        section = config.telemetry.access_log
        return AccessLog(
            lambda line: self.log_lines.append(orjson.loads(line())),
            headers=section.headers,
            redacted=section.redact,
            now=self.clock,
        )


class _Running:
    """A gateway that is open."""

    def __init__(
        self,
        snapshot: Snapshot,
        policies: PolicySet,
        modes: WatchedModes,
        telemetry: Telemetry,
        work: asyncio.Task[None],
        *,
        stages: Sequence[str],
    ) -> None:
        self.snapshot = snapshot
        self.modes = modes
        self.telemetry = telemetry
        self.stages = stages
        self._policies = policies
        self._work = work

    def verdicts(self, watch: Watch, response: Response) -> dict[str, Verdict]:
        """What each policy said to the request that was watched."""
        request = watch.request
        assert request is not None
        policies = [policy.name for policy in self.snapshot.pipeline.policies]
        executed = "upstreams" in request.log_fields
        if executed or request.door == "graphql":
            policies += self.stages
        for name in self.stages if executed else ():
            self.modes.mode(name, request)  # those that found nothing to decide have not asked
        return all_verdicts(self.modes.notes(request), policies, response, got_through=watch.got_through)

    async def close(self) -> None:
        """Give back what is held, in the order in which a gateway that stops does."""
        self._work.cancel()
        await asyncio.wait([self._work])
        await self.snapshot.close()
        await self._policies.close()


class _Caller(Policy):
    """Stands where ``authenticate`` stands: a caller whom the test names has proved who they are."""

    name = "authenticate"
    priority = 2000

    def __init__(self, configured: Policy | None) -> None:
        self._configured = configured or Policy()

    async def on_request(self, request: Request) -> Response | None:
        return None if request.identity is not None else await self._configured.on_request(request)

    def on_response(self, request: Request, response: Response) -> None:
        self._configured.on_response(request, response)

    async def work(self) -> None:
        await self._configured.work()

    async def close(self) -> None:
        await self._configured.close()


def _pipeline(built: Pipeline, plugins: Sequence[Plugin], modes: WatchedModes) -> Pipeline:
    """The pipeline that was built, with the plugins of the test, callers that it names, and notes of all verdicts."""
    for plugin in plugins:
        plugin.name = getattr(plugin, "name", "") or type(plugin).__name__
    policies: list[Policy] = [_Caller(each) if each.name == _Caller.name else each for each in built.policies]
    if all(each.name != _Caller.name for each in policies):
        policies.append(_Caller(None))
    policies.extend(plugins)
    policies.sort(key=lambda policy: -policy.priority)
    return Pipeline(tuple(policies), modes)


def _stages(config: Config) -> Sequence[str]:
    """What decides with an operation in hand, in order."""
    directives = [authorization.NAME] if config.authorization.directives.enabled else []
    return ("limits", *directives, *([demand.NAME] if config.demand_control.enabled else []))


async def _rest(deliver: Callable[[Write], Awaitable[None]]) -> bytes:
    """What comes after the first part of a response."""
    parts: list[bytes] = []

    async def write(part: bytes) -> None:
        parts.append(part)

    await deliver(write)
    return b"".join(parts)
