"""Everything that depends on configuration and supergraph, built whole and swapped whole.

    Config ──▶ PolicySet ──┐
                           ├──▶ Snapshot ──▶ every request that starts from now on
    Supergraph ────────────┘    ▲ you are here

Nothing here is changed once it is built. A new supergraph gets a new snapshot on the same policies, so that rate limits
go on counting and key sets stay; so does a configuration with other subgraphs. Any other one gets new policies, too.
Telemetry outlives both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from router.config.model import Config
from router.config.problems import ConfigError, ConfigProblem
from router.errors import ClientError, NotFoundError, UnavailableError
from router.graphql.authorization import FieldAuthorization
from router.graphql.demand import DemandControl
from router.graphql.operation_policies import OperationPolicies
from router.graphql.planning import Planning
from router.graphql.stage import GraphqlStage, StageOptions
from router.http.dispatch import Destination, raising
from router.http.graphql_door import answer_graphql
from router.policy.hooks import Hooks
from router.policy.pipeline import Pipeline
from router.policy.policies import PolicyTools, build_pipeline
from router.policy.rules import Check, compile_rules
from router.rest import RestRoutes, requirements_of
from router.stores.shared_memory import SharedCounters
from router.telemetry import Telemetry
from router.upstream.subgraphs import Upstreams
from router.world import World, open_world
from supergraph import Supergraph

UNMATCHED = "(unmatched)"
"""The route of requests that match none: one metric label for whatever paths are tried."""

RETRY_AFTER_SECONDS = 5
"""When clients may come back who came before there was a supergraph."""

WARM_UP_SECONDS = 10.0
"""How long a new snapshot may plan for requests that have not come yet."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PolicySet:
    """The policies of one configuration, and what they hold.

    Attributes:
        rules: ``authorization.policies``.
        world: What they are built on, and what snapshots with them are.
    """

    config: Config
    pipeline: Pipeline
    rules: Mapping[str, Check]
    world: World

    async def close(self) -> None:
        """Give back what they hold, after the last snapshot with them."""
        await self.pipeline.close()
        await self.world.close()


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """What answers while there is no supergraph: requests pass the policies, and are asked to come back."""

    policies: PolicySet

    @property
    def pipeline(self) -> Pipeline:
        """What every request passes."""
        return self.policies.pipeline

    @property
    def limit_body_bytes(self) -> int:
        """The largest body that is read."""
        return self.policies.config.limits.http_max_request_bytes

    @property
    def timeout_seconds(self) -> float:
        """Time for one request."""
        return self.policies.config.traffic_shaping.router.timeout

    def resolve(self, method: str, path: str) -> Destination:  # noqa: ARG002 - whatever is asked
        """A handler that says so."""
        handler = raising(UnavailableError("no supergraph yet", headers={"Retry-After": str(RETRY_AFTER_SECONDS)}))
        if path == self.policies.config.supergraph.path:
            return Destination("graphql", path, "graphql", handler)
        return Destination("rest", UNMATCHED, UNMATCHED, handler)

    async def close(self) -> None:
        """Nothing to give back."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Snapshot:
    """One generation of the gateway.

    Attributes:
        stage: Where operations run.
        graphql: The GraphQL door.
        limit_body_bytes: The largest body that is read.
        timeout_seconds: Time for one request.
    """

    policies: PolicySet
    stage: GraphqlStage
    rest: RestRoutes
    planning: Planning
    upstreams: Upstreams
    graphql: Destination
    limit_body_bytes: int
    timeout_seconds: float

    @property
    def pipeline(self) -> Pipeline:
        """What every request passes."""
        return self.policies.pipeline

    def resolve(self, method: str, path: str) -> Destination:
        """Where a request goes; for a path that is not there, a handler that says so."""
        if path == self.graphql.route:
            return self.graphql
        try:
            match = self.rest.match(method, path)
        except ClientError as error:
            return Destination("rest", UNMATCHED, UNMATCHED, raising(error))
        if match is None:
            return Destination("rest", UNMATCHED, UNMATCHED, raising(NotFoundError()))
        return Destination("rest", match.path, match.name, match.handler)

    async def warm_up(self, old: "Snapshot") -> int:
        """Plan what ``old`` was asked most often; returns how many operations."""
        count = self.policies.config.supergraph.query_planning.warmed_up_queries
        return await self.planning.warm_up(old.planning.most_used(count), seconds=WARM_UP_SECONDS)

    async def close(self) -> None:
        """Give back what the snapshot holds, after its last request; the policies stay."""
        await self.stage.close()
        self.planning.close()
        await self.rest.aclose()
        await self.upstreams.aclose()


async def build_policy_set(
    config: Config, telemetry: Telemetry, *, counters: SharedCounters | None = None, world: World | None = None
) -> PolicySet:
    """Build what depends on the configuration alone, in the real world unless a test brings another.

    Raises ``ConfigError`` for what cannot be used.
    """
    world = world or open_world()
    try:
        rules = compile_rules(config.authorization.policies)
        tools = PolicyTools(
            telemetry=telemetry,
            fetch=world.fetch,
            ask=world.ask,
            post=world.post,
            clock=world.clock,
            wall_clock=world.wall_clock,
            requirements=requirements_of(config.rest, rules),
            global_rate_limit=config.traffic_shaping.router.global_rate_limit,
            shared_counters=counters,
            tls=config.tls.supergraph.certificate is not None,
        )
        pipeline = build_pipeline(config, tools)
    except (ValueError, OSError) as error:
        await world.close()
        raise ConfigError([ConfigProblem("", 0, 0, str(error))]) from error
    return PolicySet(config=config, pipeline=pipeline, rules=rules, world=world)


def build_snapshot(config: Config, policies: PolicySet, supergraph: Supergraph, telemetry: Telemetry) -> Snapshot:
    """Build the rest; raises ``ConfigError`` for what cannot be used together."""
    try:
        return _build(config, policies, supergraph, telemetry)
    except (ValueError, OSError) as error:
        raise ConfigError([ConfigProblem("", 0, 0, str(error))]) from error


def _build(config: Config, policies: PolicySet, supergraph: Supergraph, telemetry: Telemetry) -> Snapshot:
    hooks = Hooks(policies.pipeline)
    upstreams = Upstreams(
        {name: view.url for name, view in supergraph.subgraphs.items()},
        overrides=config.override_subgraph_url,
        shaping=config.traffic_shaping,
        headers=config.headers,
        telemetry=telemetry,
        hooks=hooks,
        tls=config.tls.subgraph,
        connect=policies.world.connect,
    )
    planning = Planning(
        supergraph,
        limits=config.limits,
        cache_limit=config.supergraph.query_planning.cache.in_memory.limit,
        clock=policies.world.clock,
        execution=config.execution,
    )
    stage = GraphqlStage(
        supergraph,
        planning=planning,
        options=_stage_options(config),
        policies=OperationPolicies(
            hooks=hooks,
            authorization=FieldAuthorization(
                supergraph, config.authorization.directives, rules=policies.rules, modes=hooks.modes
            ),
            demand=DemandControl(
                supergraph, config.demand_control, modes=hooks.modes, observe=telemetry.metrics.cost_counted
            ),
        ),
        telemetry=telemetry,
        send_for=upstreams.sender,
    )
    return Snapshot(
        policies=policies,
        stage=stage,
        rest=RestRoutes(
            config.rest,
            schema=supergraph.api_schema,
            run=stage.run,
            trace=telemetry,
            proxy_timeout_seconds=config.traffic_shaping.all.timeout,
            forwarder=policies.world.make_forwarder(),
        ),
        planning=planning,
        upstreams=upstreams,
        graphql=Destination("graphql", config.supergraph.path, "graphql", partial(answer_graphql, stage=stage)),
        limit_body_bytes=config.limits.http_max_request_bytes,
        timeout_seconds=config.traffic_shaping.router.timeout,
    )


def _stage_options(config: Config) -> StageOptions:
    return StageOptions(
        introspection=config.supergraph.introspection,
        expose_query_plan=config.supergraph.expose_query_plan,
        planning_timeout_seconds=config.supergraph.query_planning.timeout,
        include_subgraph_errors=config.include_subgraph_errors,
        defer_support=config.supergraph.defer_support,
        timeout_seconds=config.traffic_shaping.router.timeout,
        deferred_timeout_seconds=config.traffic_shaping.router.timeout,
        value_completion=config.supergraph.value_completion,
        subgraph_extensions=config.response_extensions.propagate,
    )
