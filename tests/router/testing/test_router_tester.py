"""The test kit for authors of plugins."""

import asyncio
import gzip
from collections.abc import Callable, Mapping

import orjson
import pytest
import strawberry
from graphql import build_schema
from multidict import CIMultiDict

from router.config.problems import ConfigError
from router.identity.certificate import ClientCertificate
from router.identity.identity import Identity
from router.plugins import ForbiddenError, Plugin, Request, Response
from router.testing import (
    FakeService,
    FakeSubgraph,
    RouterTester,
    ServiceAwayError,
    ServiceRequest,
    ServiceResponse,
    SubgraphRequest,
)
from supergraph import Subgraph, compose, read_supergraph
from tests.issuer import ed_key, jwk, token

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])'
USERS = LINK + ' type Query { me: User } type User @key(fields: "id") { id: ID! name: String }'
REVIEWS = LINK + ' type User @key(fields: "id") { id: ID! reviews: [String!] }'
PREFLIGHT = {"apollo-require-preflight": "1"}
JWT: dict[str, object] = {"authentication": {"router": {"jwt": {"jwks": [{"url": "http://out.test/keys"}]}}}}
COPROCESSOR: dict[str, object] = {"coprocessor": {"url": "http://out.test", "router": {"request": {"body": True}}}}
ADA = {"__typename": "User", "id": "1", "name": "Ada"}


def users() -> FakeSubgraph:
    return FakeSubgraph(USERS, answer={"data": {"me": ADA}})


def two_subgraphs() -> dict[str, FakeSubgraph]:
    reviews = FakeSubgraph(REVIEWS, answer={"data": {"_entities": [{"reviews": ["good"]}]}})
    return {"users": users(), "reviews": reviews}


class Guard(Plugin):
    """Does what a test tells it."""

    priority = 1500

    def __init__(self, does: Callable[[Request], Response | None]) -> None:
        self._does = does

    async def on_request(self, request: Request) -> Response | None:
        return self._does(request)


def refuse(_request: Request) -> None:
    raise ForbiddenError("Not today")


async def test_an_operation_is_planned_and_executed_over_all_subgraphs() -> None:
    async with RouterTester(subgraphs=two_subgraphs()) as router:
        response = await router.query("{ me { name reviews } }")
        assert response.data == {"me": {"name": "Ada", "reviews": ["good"]}}
        assert router.subgraphs["reviews"].requests[0].representations == [{"__typename": "User", "id": "1"}]


async def test_variables_and_the_name_of_the_operation_are_sent() -> None:
    sdl = LINK + " type Query { echo(text: String): String }"
    async with RouterTester(subgraphs={"echo": FakeSubgraph(sdl, answer={"data": {"echo": "hi"}})}) as router:
        document = "query A($text: String) { echo(text: $text) } query B { echo }"
        await router.query(document, variables={"text": "hi"}, operation_name="A")
        assert router.subgraphs["echo"].requests[0].variables == {"text": "hi"}


async def test_header_rules_make_what_a_subgraph_gets() -> None:
    config = {"headers": {"all": {"request": [{"propagate": {"named": "x-tenant"}}]}}}
    async with RouterTester(config, subgraphs={"users": users()}) as router:
        await router.query("{ me { name } }", headers={"x-tenant": "acme", "x-other": "no"})
        headers = router.subgraphs["users"].requests[0].headers
    assert headers["x-tenant"] == "acme"
    assert "x-other" not in headers


async def test_the_answer_of_a_subgraph_may_be_a_function_of_the_request() -> None:
    async def answer(request: SubgraphRequest) -> Mapping[str, object]:
        return {"data": {"me": {**ADA, "name": request.headers["x-request-id"]}}}

    async with RouterTester(subgraphs={"users": FakeSubgraph(USERS, answer=answer)}) as router:
        response = await router.query("{ me { name } }", headers={"x-request-id": "r-1"})
    assert response.data == {"me": {"name": "r-1"}}


@pytest.mark.parametrize("answer", [ServiceResponse(status=503), ServiceAwayError()])
async def test_a_subgraph_that_fails_leaves_a_hole_and_an_error(answer: ServiceResponse | ServiceAwayError) -> None:
    async with RouterTester(subgraphs={"users": FakeSubgraph(USERS, answer=answer)}) as router:
        response = await router.query("{ me { name } }")
    assert response.data == {"me": None}
    assert response.error_codes == ("SUBREQUEST_HTTP_ERROR",)


async def test_a_mistake_in_the_function_of_a_test_fails_the_test() -> None:
    def answer(_request: SubgraphRequest) -> Mapping[str, object]:
        raise AssertionError("this is not what should be asked")

    async with RouterTester(subgraphs={"users": FakeSubgraph(USERS, answer=answer)}) as router:
        with pytest.raises(AssertionError, match="not what should be asked"):
            await router.query("{ me { name } }")


async def test_a_schema_of_graphql_core_answers() -> None:
    schema = build_schema("type Query { hello: String }")
    async with RouterTester(subgraphs={"hello": FakeSubgraph(schema=schema)}) as router:
        assert (await router.query("{ hello }")).data == {"hello": None}


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str) -> str:
        if name == "nobody":
            raise ValueError("there is nobody")
        return f"Hello, {name}"


async def test_a_schema_of_strawberry_answers() -> None:
    subgraph = FakeSubgraph(schema=strawberry.federation.Schema(query=Query))
    async with RouterTester(subgraphs={"hello": subgraph}) as router:
        assert (await router.query('{ hello(name: "Ada") }')).data == {"hello": "Hello, Ada"}


async def test_errors_of_a_schema_are_errors_of_the_subgraph() -> None:
    subgraph = FakeSubgraph(schema=strawberry.federation.Schema(query=Query))
    config = {"include_subgraph_errors": {"all": True}}
    async with RouterTester(config, subgraphs={"hello": subgraph}) as router:
        response = await router.query('{ hello(name: "nobody") }')
    assert [error["message"] for error in response.errors] == ["there is nobody"]


async def test_a_rate_limit_follows_the_clock_of_the_test() -> None:
    config = {"ratelimit": {"global": {"capacity": 1, "interval": "1m"}}}
    async with RouterTester(config, subgraphs={"users": users()}) as router:
        statuses = [(await router.query("{ me { name } }")).status for _ in range(2)]
        router.clock.advance(60)
        statuses.append((await router.query("{ me { name } }")).status)
    assert statuses == [200, 429, 200]


async def test_counters_of_a_configured_redis_are_in_memory() -> None:
    storage = {"redis": {"urls": ["redis://nowhere.invalid:1"]}}
    config = {"ratelimit": {"global": {"capacity": 1, "interval": "1m"}, "storage": storage, "on_error": "deny"}}
    async with RouterTester(config, subgraphs={"users": users()}) as router:
        assert (await router.query("{ me { name } }")).status == 200


async def test_a_caller_whom_the_test_names_is_authenticated() -> None:
    config = {
        "authorization": {"require_authentication": True},
        "headers": {"all": {"request": [{"insert": {"name": "x-consumer", "from_context": "consumer.id"}}]}},
    }
    async with RouterTester(config, subgraphs={"users": users()}) as router:
        assert (await router.query("{ me { name } }")).status == 401
        response = await router.query("{ me { name } }", identity=Identity(id="acme", method="test"))
        assert response.status == 200
        assert router.subgraphs["users"].requests[-1].headers["x-consumer"] == "acme"


async def test_tokens_are_checked_against_keys_that_a_fake_issuer_publishes() -> None:
    jwks = FakeService({"keys": [jwk(ed_key(), kid="k1")]})
    config = {"authentication": {"router": {"jwt": {"jwks": [{"url": "https://idp.test/keys"}]}}}}
    async with RouterTester(config, subgraphs={"users": users()}, services={"https://idp.test": jwks}) as router:
        bearer = token(ed_key(), algorithm="EdDSA", exp=router.clock() + 60)
        headers = {"authorization": f"Bearer {bearer}"}
        assert (await router.query("{ me { name } }", headers=headers)).status == 200
        router.clock.advance(3600)
        assert (await router.query("{ me { name } }", headers=headers)).error_codes == ("TOKEN_EXPIRED",)
    assert jwks.requests[0].target == "/keys"


async def test_a_proxy_route_asks_a_fake_service() -> None:
    def answer(request: ServiceRequest) -> ServiceResponse:
        return ServiceResponse(status=201, body={"target": request.target}, headers={"x-made-by": "orders"})

    orders = FakeService(answer)
    route = {"name": "orders", "method": "POST", "path": "/v1/orders", "upstream": "http://orders.test/base"}
    async with RouterTester(
        {"rest": {"base_path": "/api", "routes": [route]}},
        subgraphs={"users": users()},
        services={"http://orders.test": orders},
    ) as router:
        response = await router.request("POST", "/api/v1/orders?full=1", json={"upc": "1"})
    assert (response.status, response.headers["x-made-by"]) == (201, "orders")
    assert response.json() == {"target": "/base/api/v1/orders?full=1"}
    assert orders.requests[0].json() == {"upc": "1"}


async def test_a_service_that_is_not_there_is_a_bad_gateway() -> None:
    route = {"name": "orders", "path": "/orders", "upstream": "http://orders.test"}
    async with RouterTester({"rest": {"routes": [route]}}, subgraphs={"users": users()}) as router:
        assert (await router.request("GET", "/orders")).status == 502


async def test_a_coprocessor_is_a_fake_service() -> None:
    coprocessor = FakeService({"version": 1, "control": {"break": 418}, "body": "no"})
    config = {"coprocessor": {"url": "http://co.test", "router": {"request": {"headers": True}}}}
    async with RouterTester(config, subgraphs={"users": users()}, services={"http://co.test": coprocessor}) as router:
        assert (await router.query("{ me { name } }", headers={"x-a": "1"})).status == 418
    message = coprocessor.requests[0].json()
    assert isinstance(message, dict)
    assert message["headers"]["x-a"] == ["1"]


async def test_deferred_parts_stand_behind_one_another() -> None:
    async with RouterTester(subgraphs=two_subgraphs()) as router:
        response = await router.query(
            "{ me { name ... @defer { reviews } } }", headers={"accept": "multipart/mixed;deferSpec=20220824"}
        )
    assert response.body.index(b"Ada") < response.body.index(b"good")


async def test_log_lines_and_metrics_can_be_read() -> None:
    async with RouterTester(subgraphs={"users": users()}) as router:
        await router.query("query Me { me { name } }")
        assert router.log_lines[0]["operation_name"] == "Me"
        assert "api_requests_total{" in router.metrics()


async def test_a_plugin_that_answers_ends_the_request() -> None:
    early = Guard(lambda _: Response(status=202, body=b"{}", headers=CIMultiDict()))
    config = {"ratelimit": {"global": {"capacity": 1, "interval": "1m"}}}
    async with RouterTester(config, subgraphs={"users": users()}, plugins=[early]) as router:
        response = await router.query("{ me { name } }")
        assert router.subgraphs["users"].requests == []
    assert response.status == 202
    assert response.verdicts["Guard"].outcome == "answer"
    assert response.verdicts["limits"].outcome == "not reached"


async def test_a_refusal_is_told_with_its_code_and_message() -> None:
    async with RouterTester(subgraphs={"users": users()}, plugins=[Guard(refuse)]) as router:
        verdicts = (await router.query("{ me { name } }")).verdicts
    assert (verdicts["Guard"].outcome, verdicts["Guard"].code) == ("refuse", "FORBIDDEN")
    assert verdicts["Guard"].message == "Not today"
    assert verdicts["authorize"].outcome == "pass"


async def test_what_a_policy_would_refuse_is_told() -> None:
    config = {"policies": {"ip": "measure", "csrf": "off"}, "security": {"ip": {"deny": ["203.0.113.0/24"]}}}
    async with RouterTester(config, subgraphs={"users": users()}) as router:
        response = await router.query("{ me { name } }", ip="203.0.113.9")
    assert response.status == 200
    assert (response.verdicts["ip"].outcome, response.verdicts["ip"].code) == ("would refuse", "IP_DENIED")
    assert response.verdicts["csrf"].outcome == "off"


async def test_a_limit_that_only_measures_would_refuse() -> None:
    limit = {"name": "tried", "key": "client.ip", "capacity": 1, "interval": "1m", "mode": "measure"}
    async with RouterTester({"ratelimit": {"policies": [limit]}}, subgraphs={"users": users()}) as router:
        outcomes = [(await router.query("{ me { name } }")).verdicts["rate_limit"].outcome for _ in range(3)]
    assert outcomes == ["pass", "would refuse", "would refuse"]


async def test_verdicts_stand_in_the_order_of_the_policies() -> None:
    async with RouterTester({"demand_control": {"enabled": True}}, subgraphs={"users": users()}) as router:
        names = list((await router.query("{ me { name } }")).verdicts)
    assert names.index("request_id") < names.index("authenticate") < names.index("limits") < names.index("cost")


async def test_a_wrong_configuration_is_told_with_its_place() -> None:
    with pytest.raises(ConfigError) as caught:
        await RouterTester({"limits": {"max_depth": "3"}}, subgraphs={"users": users()}).__aenter__()
    assert "limits.max_depth" in str(caught.value.problems[0])


async def test_subgraphs_that_do_not_compose_are_told() -> None:
    with pytest.raises(ConfigError):
        await RouterTester(subgraphs={"users": FakeSubgraph("type User { id: ID! }", answer={})}).__aenter__()


async def test_a_request_outside_of_the_context_is_a_mistake() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await RouterTester(subgraphs={"users": users()}).query("{ me { name } }")


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        RouterTester().clock.advance(-1)


@pytest.mark.parametrize("given", [{}, {"sdl": USERS}])
def test_a_subgraph_needs_a_schema_and_an_answer(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="a subgraph needs"):
        FakeSubgraph(given.get("sdl"))


async def test_a_large_request_arrives_whole() -> None:
    sdl = LINK + " type Query { size(text: String): Int }"

    def answer(request: SubgraphRequest) -> Mapping[str, object]:
        return {"data": {"size": len(str(request.variables["t"]))}}

    async with RouterTester(subgraphs={"size": FakeSubgraph(sdl, answer=answer)}) as router:
        response = await router.query("query($t: String) { size(text: $t) }", variables={"t": "x" * 500_000})
    assert orjson.loads(response.body)["data"] == {"size": 500_000}


async def test_a_body_that_is_too_large_or_compressed_is_read_as_from_a_socket() -> None:
    async with RouterTester({"limits": {"http_max_request_bytes": "1KB"}}, subgraphs={"users": users()}) as router:
        assert (await router.query("{ me { name } } #" + "x" * 2000)).status == 413
        headers = {"content-type": "application/json", "content-encoding": "gzip"}
        body = gzip.compress(b'{"query": "{ me { name } }"}')
        assert (await router.request("POST", "/graphql", body=body, headers=headers)).status == 200


async def test_a_request_ends_when_its_time_is_up() -> None:
    async def never(_request: SubgraphRequest) -> Mapping[str, object]:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    config = {"traffic_shaping": {"router": {"timeout": "20ms"}}}
    async with RouterTester(config, subgraphs={"users": FakeSubgraph(USERS, answer=never)}) as router:
        assert (await router.query("{ me { name } }")).status == 504


async def test_a_caller_may_show_a_certificate() -> None:
    config = {"authentication": {"router": {"mtls": {}}}, "authorization": {"require_authentication": True}}
    certificate = ClientCertificate(fingerprint="00", subject="CN=acme", common_name="acme")
    async with RouterTester(config, subgraphs={"users": users()}) as router:
        assert (await router.request("GET", "/graphql?query={me{name}}", headers=PREFLIGHT)).status == 401
        answer = await router.request("GET", "/graphql?query={me{name}}", headers=PREFLIGHT, certificate=certificate)
        assert answer.status == 200


@strawberry.federation.type(keys=["id"])
class Person:
    id: strawberry.ID

    @strawberry.field
    def greeting(self) -> str:
        return f"I am {self.id}"

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> "Person":  # noqa: A002 - the name of the key
        return cls(id=id)


async def test_a_schema_of_strawberry_finds_entities() -> None:
    people = 'type Query { me: Person } type Person @key(fields: "id") { id: ID! }'
    asked = FakeSubgraph(LINK + people, answer={"data": {"me": {"__typename": "Person", "id": "7"}}})
    schema = strawberry.federation.Schema(query=Query, types=[Person])
    async with RouterTester(subgraphs={"asked": asked, "people": FakeSubgraph(schema=schema)}) as router:
        assert (await router.query("{ me { greeting } }")).data == {"me": {"greeting": "I am 7"}}


async def test_subgraphs_that_the_test_does_not_bring_are_away() -> None:
    composed = compose([Subgraph(name="users", url="http://users.test", sdl=USERS)])
    assert composed.sdl is not None
    async with RouterTester(supergraph=read_supergraph(composed.sdl)) as router:
        assert (await router.query("{ me { name } }")).error_codes == ("SUBREQUEST_HTTP_ERROR",)


@pytest.mark.parametrize(
    ("status", "code"), [(200, None), (401, "ACCESS_DENIED"), (403, "FORBIDDEN"), (500, "AUTHENTICATION_UNAVAILABLE")]
)
async def test_a_service_that_decides_who_calls_is_a_fake_service(status: int, code: str | None) -> None:
    verify = FakeService(ServiceResponse(status=status, headers={"X-User-ID": "ada"}))
    config = {"authentication": {"router": {"forward_auth": {"url": "http://auth.test/verify"}}}}
    async with RouterTester(config, subgraphs={"users": users()}, services={"http://auth.test": verify}) as router:
        response = await router.query("{ me { name } }", headers={"authorization": "anything"})
    assert next(iter(response.error_codes), None) == code
    assert verify.requests[0].headers["authorization"] == "anything"


@pytest.mark.parametrize("config", [JWT, COPROCESSOR])
async def test_a_service_that_answers_with_an_error_is_as_good_as_away(config: dict[str, object]) -> None:
    broken = FakeService(ServiceResponse(status=500))
    async with RouterTester(config, subgraphs={"users": users()}, services={"http://out.test": broken}) as router:
        response = await router.query(
            "{ me { name } }", headers={"authorization": f"Bearer {token(ed_key(), algorithm='EdDSA')}"}
        )
    assert response.status == 503
