"""Users: ``User`` by id, lists of them, and the caller's own account.

Root fields are nullable: a client that asks several subgraphs keeps the answers of the others when this one fails.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

import strawberry
from strawberry.dataloader import DataLoader

from subgraphs.database import select_by_keys
from subgraphs.errors import ForbiddenError, InputError, NotFoundError, UnauthenticatedError, check_first
from subgraphs.server import CALLER_HEADER, Example, ExampleSchema


@strawberry.enum(description="What an account pays for.")
class Plan(Enum):
    """The usage plans; the values are what the database holds."""

    FREE = "free"
    STARTER = "starter"
    PRO = "pro"
    ENTERPRISE = "enterprise"


@strawberry.federation.type(keys=["id"], description="A person with an account.")
class User:
    """A row of the table ``users``."""

    id: strawberry.ID
    username: str
    name: str
    email: str
    plan: Plan

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> Self:
        """The user in a row with all columns."""
        return cls(id=row["id"], username=row["username"], name=row["name"], email=row["email"], plan=Plan(row["plan"]))

    @classmethod
    async def resolve_reference(cls, info: "Info", id: strawberry.ID) -> "User | None":
        """The user whom another subgraph refers to."""
        return await info.context.users.load(id)


class UserLoader(DataLoader[str, User | None]):
    """Users by id: all that are asked for in one step come with one query."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(load_fn=self._load)
        self._connection = connection

    async def _load(self, ids: list[str]) -> Sequence[User | None]:
        query = "SELECT id AS key, * FROM users WHERE id IN (SELECT value FROM json_each(?))"
        rows = select_by_keys(self._connection, query, ids)
        return [User.from_row(rows[id_][0]) if id_ in rows else None for id_ in ids]


@dataclass(slots=True)
class Context:
    """What resolvers need of one request."""

    connection: sqlite3.Connection
    caller: str | None
    users: UserLoader = field(init=False)

    def __post_init__(self) -> None:
        self.users = UserLoader(self.connection)


Info = strawberry.Info[Context, None]


@strawberry.type(description="Where a list of users ends.")
class PageInfo:
    """Pagination, as in ``users(first: 2, after: "u2")``."""

    has_next_page: bool
    end_cursor: strawberry.ID | None


@strawberry.type(description="Some users, in the order of their ids.")
class UserConnection:
    """One page of users."""

    nodes: list[User]
    page_info: PageInfo


@strawberry.input(description="What to change; what is left out stays as it is.")
class UserChanges:
    """Changes of an account."""

    name: str | None = None
    email: str | None = None
    plan: Plan | None = None


@strawberry.type
class Query:
    """Root fields of this subgraph."""

    @strawberry.field(description="The caller's own account; null for anonymous callers.")
    async def me(self, info: Info) -> User | None:
        """The user whom the gateway names in ``x-consumer-id``."""
        caller = info.context.caller
        return None if caller is None else await info.context.users.load(caller)

    @strawberry.field(description="One user; null if there is none with this id.")
    async def user(self, info: Info, id: strawberry.ID) -> User | None:
        """A user by id."""
        return await info.context.users.load(id)

    @strawberry.field(description="Users in the order of their ids, `first` of them, from behind `after`.")
    def users(self, info: Info, first: int = 10, after: strawberry.ID | None = None) -> UserConnection | None:
        """A page of users. One row more than asked for tells whether there is a next page."""
        check_first(first)
        rows = info.context.connection.execute(
            "SELECT * FROM users WHERE id > ? ORDER BY id LIMIT ?", (after or "", first + 1)
        ).fetchall()
        nodes = [User.from_row(row) for row in rows[:first]]
        return UserConnection(
            nodes=nodes,
            page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=nodes[-1].id if nodes else None),
        )


@strawberry.type
class Mutation:
    """Changes that this subgraph makes."""

    @strawberry.mutation(description="Change an account. Callers can change their own only.")
    async def update_user(self, info: Info, id: strawberry.ID, changes: UserChanges) -> User:
        """Change some columns of one row and return it."""
        _check_may_change(info.context.caller, id)
        if await info.context.users.load(id) is None:
            raise NotFoundError(f"there is no user {id}")
        name, email = _checked_name(changes.name), _checked_email(changes.email)
        plan = changes.plan.value if changes.plan else None
        try:
            info.context.connection.execute(
                "UPDATE users SET name = coalesce(?, name), email = coalesce(?, email), plan = coalesce(?, plan)"
                " WHERE id = ?",
                (name, email, plan, id),
            )
        except sqlite3.IntegrityError as error:
            raise InputError("this e-mail address belongs to another account") from error
        info.context.users.clear(id)
        user = await info.context.users.load(id)
        assert user is not None, "nothing in this service deletes users"
        return user


def _check_may_change(caller: str | None, id: str) -> None:
    if caller is None:
        raise UnauthenticatedError("sign in to change an account")
    if caller != id:
        raise ForbiddenError("callers can change their own account only")


def _checked_name(name: str | None) -> str | None:
    if name is None:
        return None
    if not 1 <= len(name.strip()) <= 100:
        raise InputError("name must have between 1 and 100 characters")
    return name.strip()


def _checked_email(email: str | None) -> str | None:
    if email is None:
        return None
    local, _, domain = email.partition("@")
    if not local or "." not in domain or any(character.isspace() for character in email):
        raise InputError("email must look like name@example.com")
    return email


@dataclass(frozen=True, slots=True)
class ContextMaker:
    """Makes a context for each request, so that data loaders never outlive one."""

    connection: sqlite3.Connection

    def __call__(self, headers: Mapping[str, str]) -> Context:
        """The context of a request with these headers."""
        return Context(self.connection, headers.get(CALLER_HEADER))


EXAMPLE = Example(name="users", port=4101, schema=ExampleSchema(query=Query, mutation=Mutation), start=ContextMaker)
