"""Everything that depends on configuration and supergraph, built whole and swapped whole.

    Config, Supergraph ──▶ Snapshot ──▶ every request that starts from now on
                           ▲ you are here

Nothing here is changed once it is built. What outlives a reload, telemetry, is handed in.
"""

import time
from dataclasses import dataclass

import aiohttp

from router.config.model import Config
from router.config.problems import ConfigError, ConfigProblem
from router.errors import ClientError, NotFoundError
from router.graphql.planning import Planning
from router.graphql.stage import GraphqlStage, StageOptions
from router.http.dispatch import Destination, raising
from router.http.graphql_door import answer_graphql
from router.identity.fetch import fetch_over
from router.policy.pipeline import Pipeline
from router.policy.policies import PolicyTools, build_policies
from router.policy.request import Request, Response
from router.rest import RestRoutes, requirements_of
from router.telemetry import Telemetry
from router.upstream.subgraphs import Upstreams
from supergraph import Supergraph

UNMATCHED = "(unmatched)"
"""The route of requests that match none: one metric label for whatever paths are tried."""

FETCH_TIMEOUT_SECONDS = 10.0
"""For key sets and the like."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Snapshot:
    """One generation of the gateway.

    Attributes:
        pipeline: What every request passes.
        stage: Where operations run.
        limit_body_bytes: The largest body that is read.
        timeout_seconds: Time for one request.
    """

    pipeline: Pipeline
    stage: GraphqlStage
    rest: RestRoutes
    planning: Planning
    upstreams: Upstreams
    session: aiohttp.ClientSession
    graphql_path: str
    limit_body_bytes: int
    timeout_seconds: float

    def resolve(self, method: str, path: str) -> Destination:
        """Where a request goes; for a path that is not there, a handler that says so."""
        if path == self.graphql_path:
            return Destination("graphql", path, "graphql", self._answer_graphql)
        try:
            match = self.rest.match(method, path)
        except ClientError as error:
            return Destination("rest", UNMATCHED, UNMATCHED, raising(error))
        if match is None:
            return Destination("rest", UNMATCHED, UNMATCHED, raising(NotFoundError()))
        return Destination("rest", match.path, match.name, match.handler)

    async def close(self) -> None:
        """Give back what the snapshot holds, after its last request."""
        await self.stage.close()
        self.planning.close()
        await self.rest.aclose()
        await self.upstreams.aclose()
        await self.pipeline.close()
        await self.session.close()

    async def _answer_graphql(self, request: Request) -> Response:
        return await answer_graphql(request, self.stage)


async def build_snapshot(config: Config, supergraph: Supergraph, telemetry: Telemetry) -> Snapshot:
    """Build all of it; raises ``ConfigError`` for what cannot be used together."""
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=FETCH_TIMEOUT_SECONDS))
    try:
        return _build(config, supergraph, telemetry, session)
    except ConfigError:
        await session.close()
        raise
    except (ValueError, OSError) as error:
        await session.close()
        raise ConfigError([ConfigProblem("", 0, 0, str(error))]) from error


def _build(config: Config, supergraph: Supergraph, telemetry: Telemetry, session: aiohttp.ClientSession) -> Snapshot:
    tools = PolicyTools(
        telemetry=telemetry,
        fetch=fetch_over(session),
        requirements=requirements_of(config.rest),
        global_rate_limit=config.traffic_shaping.router.global_rate_limit,
    )
    upstreams = Upstreams(
        {name: view.url for name, view in supergraph.subgraphs.items()},
        overrides=config.override_subgraph_url,
        shaping=config.traffic_shaping,
        headers=config.headers,
        telemetry=telemetry,
    )
    planning = Planning(
        supergraph,
        limits=config.limits,
        introspection=config.supergraph.introspection,
        cache_limit=config.supergraph.query_planning.cache.in_memory.limit,
        clock=time.monotonic,
    )
    stage = GraphqlStage(
        supergraph,
        planning=planning,
        options=StageOptions(
            introspection=config.supergraph.introspection,
            expose_query_plan=config.supergraph.expose_query_plan,
            planning_timeout_seconds=config.supergraph.query_planning.timeout,
            include_subgraph_errors=config.include_subgraph_errors,
            defer_support=config.supergraph.defer_support,
            timeout_seconds=config.traffic_shaping.router.timeout,
            deferred_timeout_seconds=config.traffic_shaping.router.timeout,
        ),
        telemetry=telemetry,
        send_for=upstreams.sender,
    )
    return Snapshot(
        pipeline=Pipeline(build_policies(config, tools)),
        stage=stage,
        rest=RestRoutes(
            config.rest,
            schema=supergraph.api_schema,
            run=stage.run,
            trace=telemetry,
            proxy_timeout_seconds=config.traffic_shaping.all.timeout,
        ),
        planning=planning,
        upstreams=upstreams,
        session=session,
        graphql_path=config.supergraph.path,
        limit_body_bytes=config.limits.http_max_request_bytes,
        timeout_seconds=config.traffic_shaping.router.timeout,
    )
