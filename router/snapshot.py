"""Everything that depends on configuration and supergraph, built whole and swapped whole.

    Config, Supergraph ──▶ Snapshot ──▶ every request that starts from now on
                           ▲ you are here

Nothing here is changed once it is built. What outlives a reload, telemetry, is handed in.
"""

import time

import aiohttp

from router.config.model import Config
from router.config.problems import ConfigError, ConfigProblem
from router.errors import NotFoundError
from router.graphql.planning import Planning
from router.graphql.stage import GraphqlStage, StageOptions
from router.http.dispatch import Destination, raising
from router.http.graphql_door import answer_graphql
from router.identity.fetch import fetch_over
from router.policy.pipeline import Pipeline
from router.policy.policies import PolicyTools, build_policies
from router.policy.request import Request, Response
from router.telemetry import Telemetry
from router.upstream.subgraphs import Upstreams
from supergraph import Supergraph

FETCH_TIMEOUT_SECONDS = 10.0
"""For key sets and the like."""

UNMATCHED = "(unmatched)"
"""The route of requests that match none: one metric label for whatever paths are tried."""


class Snapshot:
    """One generation of the gateway.

    Attributes:
        pipeline: What every request passes.
        stage: Where operations are run.
        limit_body_bytes: The largest body that is read.
        timeout_seconds: Time for one request.
    """

    def __init__(
        self,
        config: Config,
        supergraph: Supergraph,
        *,
        pipeline: Pipeline,
        upstreams: Upstreams,
        telemetry: Telemetry,
        session: aiohttp.ClientSession,
    ) -> None:
        self.pipeline = pipeline
        self.limit_body_bytes = config.limits.http_max_request_bytes
        self.timeout_seconds = config.traffic_shaping.router.timeout
        self._upstreams = upstreams
        self._session = session
        self._planning = build_planning(config, supergraph)
        self.stage = GraphqlStage(
            supergraph,
            planning=self._planning,
            options=StageOptions(
                introspection=config.supergraph.introspection,
                expose_query_plan=config.supergraph.expose_query_plan,
                planning_timeout_seconds=config.supergraph.query_planning.timeout,
                include_subgraph_errors=config.include_subgraph_errors,
            ),
            telemetry=telemetry,
            send_for=upstreams.sender,
        )
        self._graphql_path = config.supergraph.path
        self._graphql = Destination("graphql", self._graphql_path, "graphql", self._answer_graphql)
        self._nowhere = Destination("rest", UNMATCHED, UNMATCHED, raising(NotFoundError()))

    def resolve(self, method: str, path: str) -> Destination:  # noqa: ARG002 - REST routes look at it
        """Where a request goes; for a path that is not there, a handler that says so."""
        if path == self._graphql_path:
            return self._graphql
        return self._nowhere

    async def close(self) -> None:
        """Give back what the snapshot holds, after its last request."""
        self._planning.close()
        await self._upstreams.aclose()
        await self.pipeline.close()
        await self._session.close()

    async def _answer_graphql(self, request: Request) -> Response:
        return await answer_graphql(request, self.stage)


def build_snapshot(config: Config, supergraph: Supergraph, telemetry: Telemetry) -> Snapshot:
    """Build all of it, on the event loop; raises ``ConfigError`` for what cannot be used together."""
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=FETCH_TIMEOUT_SECONDS))
    tools = PolicyTools(telemetry=telemetry, fetch=fetch_over(session))
    try:
        pipeline = Pipeline(build_policies(config, tools))
        upstreams = Upstreams(
            {name: view.url for name, view in supergraph.subgraphs.items()},
            overrides=config.override_subgraph_url,
            shaping=config.traffic_shaping,
            headers=config.headers,
            telemetry=telemetry,
        )
    except (ValueError, OSError) as error:
        raise ConfigError([ConfigProblem("", 0, 0, str(error))]) from error
    return Snapshot(
        config,
        supergraph,
        pipeline=pipeline,
        upstreams=upstreams,
        telemetry=telemetry,
        session=session,
    )


def build_planning(config: Config, supergraph: Supergraph) -> Planning:
    """Documents and plans, with what an operation may ask for."""
    return Planning(
        supergraph,
        limits=config.limits,
        introspection=config.supergraph.introspection,
        cache_limit=config.supergraph.query_planning.cache.in_memory.limit,
        clock=time.monotonic,
    )
