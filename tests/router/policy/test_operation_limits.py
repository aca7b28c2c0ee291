"""Limits that wait for the operation: by its name, by its hash, and in units of its cost. Through a whole gateway."""

import pytest

from router.identity.identity import Identity
from router.testing import FakeSubgraph, RouterResponse, RouterTester, SubgraphRequest

SDL = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@cost", "@listSize"])
type Query {
  books(first: Int!): [Book!]! @listSize(slicingArguments: ["first"])
  one: Book
}
type Book { title: String }
"""
ADA = Identity(id="ada", method="jwt")


def found(count: int) -> FakeSubgraph:
    """A shop that has so many books."""

    def answer(request: SubgraphRequest) -> dict[str, object]:
        book: dict[str, object] = {"title": "Emma"}
        data: dict[str, object] = {"one": book} if "one" in request.query else {"books": [book] * count}
        return {"data": data}

    return FakeSubgraph(SDL, answer=answer)


def gateway(*policies: dict[str, object], books: int = 0, **blocks: object) -> RouterTester:
    limits = [{"name": "p", "capacity": 100, "interval": "24h"} | policy for policy in policies]
    config = {"ratelimit": {"policies": limits}, **blocks}
    return RouterTester(config, subgraphs={"shop": found(books)})


def left(response: RouterResponse) -> int:
    return int(response.headers["X-RateLimit-Remaining"])


def books(first: int) -> str:
    return f"query Books {{ books(first: {first}) {{ title }} }}"


COST: dict[str, object] = {"key": "consumer.id", "algorithm": "sliding_window_counter", "cost": "operation_cost"}


async def test_operations_are_counted_apart_by_name() -> None:
    async with gateway({"key": "operation.name", "capacity": 1}) as router:
        statuses = [
            (await router.query(f"query {name} {{ one {{ title }} }}")).status for name in ("A", "B", "A", "B", "C")
        ]
    assert statuses == [200, 200, 429, 429, 200]


async def test_operations_without_a_name_are_counted_together() -> None:
    async with gateway({"key": "operation.name", "capacity": 1}) as router:
        statuses = [(await router.query(text)).status for text in ("{ one { title } }", "{ one { t: title } }")]
    assert statuses == [200, 429]


async def test_operations_are_counted_apart_by_what_they_say() -> None:
    async with gateway({"key": "operation.hash", "capacity": 1}) as router:
        statuses = [(await router.query(books(first))).status for first in (1, 2, 1, 2)]
    assert statuses == [200, 200, 429, 429]


async def test_a_limit_by_operation_leaves_templates_alone() -> None:
    async with gateway({"key": "operation.name"}) as router:
        await router.query(books(1))
        await router.query(books(2))
        for first in (3, 4):
            await router.query(books(first))
    texts = {request.query for request in router.subgraphs["shop"].requests[2:]}
    assert len(texts) == 1


async def test_an_operation_that_is_not_valid_is_not_charged_by_operation() -> None:
    async with gateway({"key": "operation.name", "capacity": 1}) as router:
        assert (await router.query("query A { nobody }")).status == 400
        assert (await router.query("query A { one { title } }")).status == 200


async def test_a_request_is_charged_first_and_its_operation_later() -> None:
    policies = {"key": "client.ip", "name": "requests", "capacity": 5}, {"key": "operation.name", "capacity": 9}
    async with gateway(*policies) as router:
        good = await router.query("query A { one { title } }")
        bad = await router.query("query A { nobody }")
    assert good.headers["RateLimit-Policy"] == '"requests";q=5;w=86400, "p";q=9;w=86400'
    assert good.headers["RateLimit"].startswith('"requests";r=4;')
    assert bad.headers["RateLimit"].startswith('"requests";r=3;')


async def test_the_estimated_cost_is_charged_and_the_difference_given_back() -> None:
    async with gateway(COST, books=3) as router:
        assert left(await router.query(books(40), identity=ADA)) == 60
        assert left(await router.query(books(40), identity=ADA)) == 57  # 3 of the 40 before, and 40 now


async def test_an_operation_that_costs_more_than_is_left_is_refused() -> None:
    async with gateway(COST, books=90) as router:
        await router.query(books(90), identity=ADA)
        refused = await router.query(books(11), identity=ADA)
        passed = await router.query(books(10), identity=ADA)
    assert (refused.status, refused.error_codes) == (429, ("RATE_LIMITED",))
    assert "10 are left, and this request costs 11" in refused.body.decode()
    assert int(refused.headers["Retry-After"]) > 0
    assert passed.status == 200


async def test_an_operation_beyond_the_capacity_is_told_so() -> None:
    async with gateway(COST) as router:
        refused = await router.query(books(101), identity=ADA)
    assert "allows 100 in 1d, and this request costs 101" in refused.body.decode()


async def test_nothing_is_given_back_while_parts_are_missing() -> None:
    query = "{ books(first: 40) { ... @defer { title } } }"
    accept = {"accept": "multipart/mixed;deferSpec=20220824, application/json"}
    async with gateway(COST, books=3) as router:
        await router.query(query, identity=ADA, headers=accept)
        assert left(await router.query(books(40), identity=ADA)) == 20


async def test_more_than_was_expected_is_not_charged() -> None:
    async with gateway(COST, books=30) as router:
        await router.query(books(10), identity=ADA)
        assert left(await router.query(books(10), identity=ADA)) == 80


async def test_an_operation_that_was_refused_keeps_nothing() -> None:
    async with gateway(COST, books=100) as router:
        await router.query(books(100), identity=ADA)
        await router.query(books(5), identity=ADA)
        router.clock.advance(2 * 86_400)
        assert left(await router.query(books(1), identity=ADA)) == 99


async def test_an_operation_costs_at_least_one() -> None:
    async with gateway(COST) as router:
        await router.query("{ __typename }", identity=ADA)
        assert left(await router.query("{ __typename }", identity=ADA)) == 98


async def test_callers_whom_the_limit_does_not_concern_are_not_estimated() -> None:
    async with gateway(COST | {"when": "authenticated"}) as router:
        await router.query(books(1))
        await router.query(books(1), identity=ADA)
    assert [line.get("cost_estimated") for line in router.log_lines] == [None, 1]


async def test_costs_are_charged_under_a_quota_too() -> None:
    quota = {"limit": 50, "period": "day"}
    async with gateway({**COST, "quota": quota}, books=45) as router:
        await router.query(books(45), identity=ADA)
        refused = await router.query(books(6), identity=ADA)
    assert refused.error_codes == ("QUOTA_EXCEEDED",)


async def test_too_expensive_an_operation_is_not_charged() -> None:
    demand = {"enabled": True, "mode": "enforce", "strategy": {"static_estimated": {"max": 20}}}
    async with gateway(COST, demand_control=demand) as router:
        refused = await router.query(books(21), identity=ADA)
        assert refused.error_codes == ("COST_ESTIMATED_TOO_EXPENSIVE",)
        assert left(await router.query(books(1), identity=ADA)) == 99


@pytest.mark.parametrize("mode", ["measure", "off"])
async def test_a_policy_list_that_does_not_enforce_lets_operations_pass(mode: str) -> None:
    async with gateway(COST | {"capacity": 1}, policies={"rate_limit": mode}) as router:
        assert (await router.query(books(5), identity=ADA)).status == 200
        would_reject = 'stage="rate_limit"' in router.metrics()
    assert would_reject == (mode == "measure")


async def test_a_limit_on_costs_can_be_tried_out() -> None:
    async with gateway(COST | {"capacity": 1, "mode": "measure"}) as router:
        response = await router.query(books(5), identity=ADA)
        assert response.status == 200
        assert "RateLimit" not in response.headers
        assert 'stage="rate_limit.p"' in router.metrics()


REST: dict[str, object] = {
    "base_path": "/api",
    "routes": [
        {"name": "one", "path": "/one", "operation": "one.graphql", "cost": 7},
        {"name": "free", "path": "/free", "operation": "one.graphql", "cost": 0},
    ],
}


@pytest.fixture
def _operation(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path_factory.mktemp("rest")
    (folder / "one.graphql").write_text("query One { one { title } }")
    monkeypatch.chdir(folder)


@pytest.mark.usefixtures("_operation")
async def test_a_call_of_a_route_costs_what_the_route_says() -> None:
    async with gateway(COST, rest=REST) as router:
        remaining = [left(await router.request("GET", f"/api/{name}", identity=ADA)) for name in ("one", "free", "one")]
    assert remaining == [93, 93, 86]


@pytest.mark.usefixtures("_operation")
async def test_a_route_and_a_request_share_the_counter_of_their_operation() -> None:
    async with gateway({"key": "operation.name", "capacity": 2}, rest=REST) as router:
        assert (await router.request("GET", "/api/one")).status == 200
        assert (await router.query("query One { one { title } }")).status == 200
        refused = await router.request("GET", "/api/one")
    assert (refused.status, refused.error_codes) == (429, ("RATE_LIMITED",))
    assert refused.headers["content-type"] == "application/problem+json"
