"""A GraphQL stage over subgraphs in memory, with or without templates: both must give the same results."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema, build_schema, graphql_sync

from router.config.authorization import DirectivesSection
from router.config.demand_control import DemandControlSection
from router.config.masking import IncludeSubgraphErrors
from router.config.security import LimitsConfig
from router.executor.outcome import FetchAnswer, FetchOutcome, FetchRequest
from router.graphql.authorization import FieldAuthorization
from router.graphql.demand import DemandControl
from router.graphql.operation_policies import OperationPolicies
from router.graphql.planning import Planning
from router.graphql.stage import GraphqlStage, StageOptions
from router.policy.hooks import Hooks
from router.policy.modes import EVERYTHING_ENFORCES
from router.policy.pipeline import Pipeline, Policy
from router.telemetry import Telemetry
from router.telemetry.metrics import Metrics
from supergraph import Subgraph, Supergraph, compose, read_supergraph
from tests.requests_in import request_in

_LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])'
_TYPES = """
scalar Date
enum Color { RED BLUE }
input In { n: Int s: String = "d" ids: [ID!] inner: In d: Date }
type Query {
  echo(i: Int, s: String, x: Float, id: ID, b: Boolean, c: Color, d: Date, n: In, l: [Int], m: [[Int!]]): String
  must(i: Int! = 3): String!
  item(id: ID!): Item
  items(first: Int = 2): [Item!]!
}
type Mutation { rename(id: ID!, name: String!): Item }
type Item KEY { id: ID! echo(i: Int, s: String): String! fail(i: Int): String secret: String }
"""
_MORE = "type Item KEY { id: ID! more(x: Float): String! failing(i: Int): String! }"
_KEY = '@key(fields: "id")'
_ENTITY = "\nscalar _Any union _Entity = Item extend type Query { _entities(representations: [_Any!]!): [_Entity]! }"


@cache
def example() -> Supergraph:
    """Two subgraphs whose fields tell what they were given."""
    composition = compose(
        [
            Subgraph("items", "http://items", _LINK + _TYPES.replace("KEY", _KEY)),
            Subgraph("more", "http://more", _LINK + _MORE.replace("KEY", _KEY)),
        ]
    )
    assert composition.sdl is not None, composition.errors
    return read_supergraph(composition.sdl)


@cache
def _schemas() -> Mapping[str, GraphQLSchema]:
    more = "type Query { none: Int } " + _MORE.replace("KEY", "")
    return {"items": build_schema(_TYPES.replace("KEY", "") + _ENTITY), "more": build_schema(more + _ENTITY)}


def _resolve(source: object, info: GraphQLResolveInfo[object], **arguments: object) -> object:
    name = info.field_name
    if name in ("item", "rename"):
        return {"__typename": "Item", "id": arguments["id"]}
    if name == "items":
        count = arguments["first"]
        return [{"__typename": "Item", "id": str(number)} for number in range(count if isinstance(count, int) else 0)]
    if name == "_entities":
        return arguments["representations"]
    if name in ("id", "__typename"):
        return source[name] if isinstance(source, dict) else None
    if name in ("fail", "failing"):
        raise GraphQLError(f"{name} was given {json.dumps(arguments)}")
    return f"{name} of {json.dumps(source)} was given {json.dumps(arguments)}"


@dataclass(slots=True)
class Stage:
    """A stage, and what its subgraphs were asked."""

    planning: Planning
    stage: GraphqlStage
    asked: list[dict[str, object]] = field(default_factory=list)

    async def run(
        self, document: str, variables: Mapping[str, object] | None = None, operation_name: str | None = None
    ) -> tuple[int, object]:
        """Status and decoded response."""
        result = await self.stage.run(
            request_in(), document=document, operation_name=operation_name, variables=variables or {}
        )
        return result.status, json.loads(result.encode())

    def answers_from_template(self, document: str) -> bool:
        """Whether ``document`` has a template at hand."""
        operation = self.planning.known_operation(document, None)
        return operation is not None and operation.lifted is not None


def make_stage(
    *,
    limits: LimitsConfig | None = None,
    introspection: bool = True,
    exposes_plans: bool = False,
    policies: tuple[Policy, ...] = (),
) -> Stage:
    """A stage whose caches are empty."""
    planning = Planning(
        example(),
        limits=limits or LimitsConfig(),
        cache_limit=20,
        clock=time.monotonic,
    )

    def send(request: FetchRequest) -> asyncio.Future[FetchOutcome]:
        body = json.loads(request.body)
        made.asked.append(body)
        result = graphql_sync(
            _schemas()[request.fetch.subgraph],
            body["query"],
            variable_values=body.get("variables"),
            field_resolver=_resolve,
            type_resolver=lambda *_: "Item",
        )
        future: asyncio.Future[FetchOutcome] = asyncio.get_running_loop().create_future()
        future.set_result(FetchAnswer(200, "application/json", json.dumps(result.formatted).encode()))
        return future

    stage = GraphqlStage(
        example(),
        planning=planning,
        options=StageOptions(
            introspection=introspection,
            expose_query_plan=exposes_plans,
            planning_timeout_seconds=10,
            include_subgraph_errors=IncludeSubgraphErrors(all=True),
        ),
        policies=OperationPolicies(
            hooks=Hooks(Pipeline(policies)),
            authorization=FieldAuthorization(example(), DirectivesSection(), rules={}, modes=EVERYTHING_ENFORCES),
            demand=DemandControl(
                example(), DemandControlSection(), modes=EVERYTHING_ENFORCES, observe=lambda _, __: None
            ),
        ),
        telemetry=Telemetry(metrics=Metrics()),
        send_for=lambda _: send,
    )
    made = Stage(planning, stage)
    return made
