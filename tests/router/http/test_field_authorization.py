"""The authorization directives, from the token to what subgraphs are asked."""

from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest
import pytest_asyncio

from supergraph import Subgraph, compose, read_supergraph
from tests.live_gateway import Json, LiveGateway, json_response, live_gateway

SIGNED_WITH = "a secret that is long enough for the algorithm"
KEY = {"kty": "oct", "kid": "k", "k": "YSBzZWNyZXQgdGhhdCBpcyBsb25nIGVub3VnaCBmb3IgdGhlIGFsZ29yaXRobQ", "alg": "HS256"}
SETTINGS: Json = {"authentication": {"router": {"jwt": {"jwks": [{"keys": [KEY], "algorithms": ["HS256"]}]}}}}
LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@external", "@requires", "@authenticated", "@requiresScopes"])
"""
USERS = (
    LINK
    + """
type Query { me: User }
type User @key(fields: "id") { id: ID! name: String email: String! @authenticated
  salary: Int @requiresScopes(scopes: [["hr"]]) }
"""
)
REVIEWS = LINK + 'type User @key(fields: "id") { id: ID! reviews: [String!] @authenticated }'
EVERYTHING: Json = {"id": "1", "name": "Ada", "email": "ada@example.com", "salary": 3}


@pytest_asyncio.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[LiveGateway]:
    composition = compose(
        [Subgraph("users", "http://users.invalid", USERS), Subgraph("reviews", "http://reviews.invalid", REVIEWS)]
    )
    assert composition.sdl is not None, composition.errors
    async with live_gateway(tmp_path, SETTINGS, supergraph=read_supergraph(composition.sdl)) as gateway:
        gateway.users.answer = lambda _: json_response({"data": {"me": EVERYTHING}})
        yield gateway


async def ask(gateway: LiveGateway, query: str, scope: str | None = None) -> Json:
    headers = {}
    if scope is not None:
        token = jwt.encode({"sub": "u1", "exp": 4102444800, "scope": scope}, SIGNED_WITH, headers={"kid": "k"})
        headers = {"authorization": f"Bearer {token}"}
    async with gateway.session.post(f"{gateway.url}/graphql", json={"query": query}, headers=headers) as response:
        assert response.status == 200
        body: Json = await response.json()
        return body


def paths(answer: Json) -> list[object]:
    errors = answer.get("errors", [])
    assert isinstance(errors, list)
    assert {error["extensions"]["code"] for error in errors} <= {"UNAUTHORIZED_FIELD_OR_TYPE"}
    return [error["path"] for error in errors]


async def test_a_subgraph_is_not_asked_for_what_the_caller_may_not_see(gateway: LiveGateway) -> None:
    answer = await ask(gateway, "{ me { name salary } }", scope="other")
    assert answer["data"] == {"me": {"name": "Ada", "salary": None}}
    assert paths(answer) == [["me", "salary"]]
    assert [request["query"] for request in gateway.users.asked] == ["{me{name}}"]


async def test_a_hop_that_serves_only_protected_fields_is_not_made(gateway: LiveGateway) -> None:
    answer = await ask(gateway, "{ me { name reviews } }")
    assert answer["data"] == {"me": {"name": "Ada", "reviews": None}}
    assert gateway.reviews.asked == []


async def test_a_protected_field_that_may_not_be_null_takes_its_parent_with_it_and_one_error(
    gateway: LiveGateway,
) -> None:
    answer = await ask(gateway, "{ me { name email } }")
    assert answer["data"] == {"me": None}
    assert paths(answer) == [["me", "email"]]


@pytest.mark.parametrize(("scope", "salary"), [("hr", 3), ("hr other", 3), ("other", None), ("", None)])
async def test_scopes_decide(gateway: LiveGateway, scope: str, salary: int | None) -> None:
    answer = await ask(gateway, "{ me { salary } }", scope=scope)
    assert answer["data"] == {"me": {"salary": salary}}


async def test_callers_do_not_share_the_plan_of_those_who_may_see_more(gateway: LiveGateway) -> None:
    query = "{ me { name email } }"
    assert (await ask(gateway, query, scope=""))["data"] == {"me": {"name": "Ada", "email": "ada@example.com"}}
    assert (await ask(gateway, query))["data"] == {"me": None}
    assert (await ask(gateway, query, scope=""))["data"] == {"me": {"name": "Ada", "email": "ada@example.com"}}
