"""User names and passwords."""

import base64
from pathlib import Path

import bcrypt
import pytest

from router.errors import InvalidAuthHeaderError, InvalidCredentialsError
from router.identity.basic import BasicAuth, UsersFile
from tests.fake_clock import FakeClock
from tests.requests_in import request_in


def hashed(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds=4)).decode()


def rewrite(users: Path, text: str) -> None:
    users.write_text(text)


@pytest.fixture
def users(tmp_path: Path) -> Path:
    path = tmp_path / "users"
    path.write_text(f"# people\nada:{hashed('engine')}\n\nbob:{hashed('b:c').replace('$2b$', '$2y$')}\n")
    return path


def basic(users: Path) -> BasicAuth:
    return BasicAuth(UsersFile(users), realm="shop", clock=FakeClock())


def credentials(text: str, scheme: str = "Basic") -> dict[str, str]:
    return {"authorization": f"{scheme} {base64.b64encode(text.encode()).decode()}"}


@pytest.mark.parametrize(("text", "user"), [("ada:engine", "ada"), ("bob:b:c", "bob")])
async def test_a_right_password_names_the_user(users: Path, text: str, user: str) -> None:
    identity = await basic(users).authenticate(request_in(headers=credentials(text)))
    assert identity is not None
    assert (identity.id, identity.method) == (user, "basic")


async def test_the_scheme_may_be_written_in_any_case(users: Path) -> None:
    assert await basic(users).authenticate(request_in(headers=credentials("ada:engine", "bAsIc"))) is not None


@pytest.mark.parametrize("text", ["ada:wrong", "ada:", "eve:engine", "ada:engine\0", f"ada:{'x' * 100}"])
async def test_a_wrong_password_is_refused_with_the_realm(users: Path, text: str) -> None:
    with pytest.raises(InvalidCredentialsError) as refused:
        await basic(users).authenticate(request_in(headers=credentials(text)))
    assert refused.value.status == 401
    assert refused.value.headers["WWW-Authenticate"] == 'Basic realm="shop", charset="UTF-8"'


async def test_a_password_that_was_right_does_not_make_another_one_right(users: Path) -> None:
    checker = basic(users)
    await checker.authenticate(request_in(headers=credentials("ada:engine")))
    with pytest.raises(InvalidCredentialsError):
        await checker.authenticate(request_in(headers=credentials("ada:engine2")))


@pytest.mark.parametrize("value", ["Basic !!!", "Basic YWRh", "Basic", "Basic " + base64.b64encode(b"\xff:x").decode()])
async def test_what_is_no_user_and_password_is_malformed(users: Path, value: str) -> None:
    if value == "Basic":
        assert await basic(users).authenticate(request_in(headers={"authorization": value})) is None
        return
    with pytest.raises(InvalidAuthHeaderError):
        await basic(users).authenticate(request_in(headers={"authorization": value}))


async def test_another_scheme_is_for_another_authenticator(users: Path) -> None:
    assert await basic(users).authenticate(request_in(headers={"authorization": "Bearer a.b.c"})) is None


async def test_a_changed_file_is_read_again(users: Path) -> None:
    checker = basic(users)
    rewrite(users, f"ada:{hashed('analytical')}\n")
    with pytest.raises(InvalidCredentialsError):
        await checker.authenticate(request_in(headers=credentials("ada:engine")))
    assert await checker.authenticate(request_in(headers=credentials("ada:analytical"))) is not None


async def test_a_file_that_became_unreadable_leaves_the_last_users(users: Path) -> None:
    checker = basic(users)
    rewrite(users, "nonsense")
    assert await checker.authenticate(request_in(headers=credentials("ada:engine"))) is not None


@pytest.mark.parametrize("line", ["ada:plain", "ada:$apr1$abc", "no colon", ":$2b$04$abc"])
def test_a_file_without_bcrypt_hashes_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "users").write_text(f"# one\n{line}\n")
    with pytest.raises(ValueError, match=r"users:2: .*bcrypt"):
        UsersFile(tmp_path / "users")
