"""Requests to REST routes, and a fake of what runs their operations."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from graphql import GraphQLSchema, build_schema
from multidict import CIMultiDict, CIMultiDictProxy

from router.executor.outcome import with_only
from router.graphql.result import GraphqlResult
from router.identity.identity import Identity
from router.policy.request import Request

SCHEMA: GraphQLSchema = build_schema("""
    enum Status { OPEN SHIPPED }
    scalar Date
    input Line { upc: ID!, count: Int = 1 }
    input NewOrder { lines: [Line!]!, note: String, status: Status }
    type Order { id: ID!, total: Float }
    type Query {
      order(id: ID!): Order
      orders(first: Int, after: ID, like: NewOrder): [Order!]!
      count: Int!
    }
    type Mutation { createOrder(input: NewOrder!): Order }
    type Subscription { changed: Order }
""")


@dataclass
class FakeStage:
    """Answers every operation with ``result`` and remembers what it was asked."""

    result: GraphqlResult = field(default_factory=lambda: GraphqlResult(only_data=with_only(b'{"count":1}')))
    asked: list[tuple[str, str | None, Mapping[str, object]]] = field(default_factory=list)

    async def run(
        self, _request: Request, *, document: str, operation_name: str | None, variables: Mapping[str, object]
    ) -> GraphqlResult:
        self.asked.append((document, operation_name, variables))
        return self.result


class NoTrace:
    """There is no trace to continue."""

    def inject(self, headers: CIMultiDict[str]) -> None:
        """Add nothing."""


def rest_request(
    method: str = "GET",
    target: str = "/",
    *headers: tuple[str, str],
    body: bytes = b"",
    json: object = None,
    identity: Identity | None = None,
) -> Request:
    """A request as the policies leave it."""
    path, _, query_string = target.partition("?")
    if json is not None:
        body = orjson.dumps(json)
        headers = (*headers, ("content-type", "application/json"))
    return Request(
        door="rest",
        method=method,
        path=path,
        query_string=query_string,
        route=path,
        route_name="route",
        headers=CIMultiDictProxy(CIMultiDict(headers)),
        body=body,
        peer_ip="203.0.113.9",
        id="request-1",
        identity=identity,
    )
