"""Which operations a caller may run: limits in their modes, introspection."""

import pytest

from router.graphql.introspection import without_suggestions
from router.identity.identity import Identity
from router.testing import FakeSubgraph, RouterResponse, RouterTester

SDL = "type Query { me: User } type User { id: ID! name: String friends: [User] }"
DEEP = "{ me { friends { friends { id } } } }"
SCHEMA = "{ __schema { queryType { name } } }"
ACME = Identity(id="acme", method="test", plan="enterprise")


async def answer(
    document: str, config: dict[str, object], identity: Identity | None = None, *, times: int = 1
) -> RouterResponse:
    subgraph = FakeSubgraph(SDL, answer={"data": {"me": None}})
    async with RouterTester(config, subgraphs={"users": subgraph}) as router:
        for _ in range(times):
            response = await router.query(document, identity=identity)
    return response


@pytest.mark.parametrize(
    ("mode", "status", "outcome"),
    [("enforce", 400, "refuse"), ("measure", 200, "would refuse"), ("off", 200, "off")],
)
async def test_limits_follow_the_mode_of_their_policy(mode: str, status: int, outcome: str) -> None:
    response = await answer(DEEP, {"limits": {"max_depth": 2}, "policies": {"limits": mode}}, times=2)
    assert (response.status, response.verdicts["limits"].outcome) == (status, outcome)


async def test_limits_may_be_measured_for_one_plan_and_enforced_for_others() -> None:
    config: dict[str, object] = {
        "limits": {"max_depth": 2},
        "policies": {"limits": {"plans": {"enterprise": "measure"}}},
    }
    assert (await answer(DEEP, config, ACME)).status == 200
    assert (await answer(DEEP, config)).error_codes == ("MAX_DEPTH_LIMIT",)


async def test_what_one_caller_was_allowed_is_refused_to_the_next() -> None:
    config: dict[str, object] = {"limits": {"max_depth": 2}, "policies": {"limits": {"plans": {"enterprise": "off"}}}}
    subgraph = FakeSubgraph(SDL, answer={"data": {"me": None}})
    async with RouterTester(config, subgraphs={"users": subgraph}) as router:
        statuses = [(await router.query(DEEP, identity=caller)).status for caller in (ACME, None, ACME)]
    assert statuses == [200, 400, 200]


@pytest.mark.parametrize("times", [1, 4])
async def test_documents_that_differ_in_literals_meet_the_same_limits(times: int) -> None:
    sdl = "type Query { echo(text: String): User } type User { friends: [User] id: ID! }"
    subgraph = FakeSubgraph(sdl, answer={"data": {"echo": None}})
    async with RouterTester({"limits": {"max_depth": 2}}, subgraphs={"users": subgraph}) as router:
        for number in range(times):
            response = await router.query(f'{{ echo(text: "{number}") {{ friends {{ id }} }} }}')
    assert response.error_codes == ("MAX_DEPTH_LIMIT",)


async def test_a_limit_may_warn_while_others_are_enforced() -> None:
    config: dict[str, object] = {"limits": {"max_depth": 2, "max_aliases": 0, "warn_only": ["max_depth"]}}
    assert (await answer(DEEP, config)).verdicts["limits"].outcome == "would refuse"
    assert (await answer("{ a: me { id } }", config)).error_codes == ("MAX_ALIASES_LIMIT",)


@pytest.mark.parametrize(
    ("introspection", "anonymous", "known"),
    [
        (False, "INTROSPECTION_DISABLED", "INTROSPECTION_DISABLED"),
        (True, None, None),
        ({"authenticated": True}, "UNAUTHENTICATED", None),
        ({"authenticated": False}, None, None),
    ],
)
async def test_introspection_may_be_for_callers_who_are_known(
    introspection: object, anonymous: str | None, known: str | None
) -> None:
    config: dict[str, object] = {"supergraph": {"introspection": introspection}}
    codes = [next(iter((await answer(SCHEMA, config, caller)).error_codes), None) for caller in (None, ACME)]
    assert codes == [anonymous, known]


async def test_only_who_may_see_the_schema_is_told_names_of_it() -> None:
    config: dict[str, object] = {"supergraph": {"introspection": {"authenticated": True}}}
    told, hidden = [await answer("{ me { nam } }", config, caller) for caller in (ACME, None)]
    assert "Did you mean 'name'" in str(told.errors[0]["message"])
    assert "Did you mean" not in str(hidden.errors[0]["message"])


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("Cannot query field 'nam'. Did you mean 'name' or 'names'?", "Cannot query field 'nam'."),
        ("Unknown type 'A'.", "Unknown type 'A'."),
        ("Did you mean it", "Did you mean it"),
        ("No. Did you mean 'a'? Path: x", "No. Path: x"),
    ],
)
def test_suggestions_are_taken_out_of_messages(message: str, left: str) -> None:
    assert without_suggestions(message) == left


def test_a_message_that_quotes_a_long_text_is_read_once() -> None:
    message = f"Int cannot represent: {' ' * 500_000}x"
    assert without_suggestions(message) == message  # a search for blanks before a word would take hours
