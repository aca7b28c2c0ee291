from collections.abc import AsyncIterator

import pytest

from subgraphs.users.service import EXAMPLE
from tests.subgraphs.running_example import RunningExample, running


@pytest.fixture
async def users() -> AsyncIterator[RunningExample]:
    async with running(EXAMPLE) as example:
        yield example


async def test_me_is_the_caller_whom_the_gateway_names(users: RunningExample) -> None:
    assert await users.data("{ me { id name plan } }", caller="u1") == {
        "me": {"id": "u1", "name": "Ada Lovelace", "plan": "PRO"}
    }


async def test_me_is_null_for_an_anonymous_caller(users: RunningExample) -> None:
    assert await users.data("{ me { id } }") == {"me": None}


async def test_an_unknown_user_is_null(users: RunningExample) -> None:
    assert await users.data('{ user(id: "nobody") { id } }') == {"user": None}


async def test_a_page_says_where_the_next_one_starts(users: RunningExample) -> None:
    query = '{ users(first: 2, after: "u2") { nodes { id } pageInfo { hasNextPage endCursor } } }'
    assert await users.data(query) == {
        "users": {"nodes": [{"id": "u3"}, {"id": "u4"}], "pageInfo": {"hasNextPage": True, "endCursor": "u4"}}
    }


async def test_the_last_page_has_no_next_one(users: RunningExample) -> None:
    query = '{ users(first: 2, after: "u5") { nodes { id } pageInfo { hasNextPage } } }'
    assert await users.data(query) == {"users": {"nodes": [{"id": "u6"}], "pageInfo": {"hasNextPage": False}}}


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_a_senseless_page_size_is_refused(users: RunningExample, first: int) -> None:
    assert await users.error(f"{{ users(first: {first}) {{ nodes {{ id }} }} }}") == (
        f"first must be between 1 and 100, not {first}",
        "BAD_USER_INPUT",
    )


async def test_entities_keep_the_order_of_their_representations(users: RunningExample) -> None:
    representations = [{"__typename": "User", "id": id_} for id_ in ("u3", "nobody", "u1")]
    assert await users.entities("... on User { username }", *representations) == [
        {"username": "grace"},
        None,
        {"username": "ada"},
    ]


async def test_one_entities_call_makes_one_query(users: RunningExample) -> None:
    statements = users.trace()
    await users.entities("... on User { name }", *({"__typename": "User", "id": f"u{i}"} for i in range(1, 7)))
    assert len(statements) == 1


async def test_an_update_changes_only_what_it_names(users: RunningExample) -> None:
    mutation = 'mutation { updateUser(id: "u1", changes: {name: " Countess of Lovelace "}) { name email } }'
    assert await users.data(mutation, caller="u1") == {
        "updateUser": {"name": "Countess of Lovelace", "email": "ada@example.com"}
    }


@pytest.mark.parametrize(
    ("caller", "changes", "message", "code"),
    [
        (None, '{name: "X"}', "sign in to change an account", "UNAUTHENTICATED"),
        ("u2", '{name: "X"}', "callers can change their own account only", "FORBIDDEN"),
        ("u1", '{name: "  "}', "name must have between 1 and 100 characters", "BAD_USER_INPUT"),
        ("u1", '{email: "ada"}', "email must look like name@example.com", "BAD_USER_INPUT"),
        ("u1", '{email: "alan@example.com"}', "this e-mail address belongs to another account", "BAD_USER_INPUT"),
    ],
)
async def test_a_bad_update_is_refused(
    users: RunningExample, caller: str | None, changes: str, message: str, code: str
) -> None:
    mutation = f'mutation {{ updateUser(id: "u1", changes: {changes}) {{ id }} }}'
    assert await users.error(mutation, caller=caller) == (message, code)


async def test_updating_an_account_that_is_gone_is_an_error(users: RunningExample) -> None:
    mutation = 'mutation { updateUser(id: "u99", changes: {name: "X"}) { id } }'
    assert await users.error(mutation, caller="u99") == ("there is no user u99", "NOT_FOUND")
