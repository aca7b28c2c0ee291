"""``supergate keys``."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from router.cli import app
from router.identity.api_keys import digest_of
from router.stores.api_keys import ApiKeyRecord
from router.stores.sqlite_api_keys import SqliteApiKeys


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["keys", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(*arguments: str) -> str:
    return run("create", "--consumer", "acme", *arguments).stdout.strip()


def record(key: str) -> ApiKeyRecord | None:
    async def find() -> ApiKeyRecord | None:
        store = SqliteApiKeys(Path("keys.sqlite"))
        try:
            return await store.find(digest_of(key))
        finally:
            await store.close()

    return asyncio.run(find())


def test_a_new_key_is_printed_alone_and_stored_as_a_hash(folder: Path) -> None:
    key = made("--plan", "pro", "--scope", "a", "--scope", "b")
    stored = record(key)
    assert stored is not None
    assert (stored.consumer, stored.plan, stored.scopes) == ("acme", "pro", ("a", "b"))
    assert key.encode() not in (folder / "keys.sqlite").read_bytes()


def test_a_key_may_expire() -> None:
    stored = record(made("--expires", "90d"))
    assert stored is not None
    assert stored.expires_at == stored.created_at + 90 * 86400


def test_a_revoked_key_is_not_good_any_more() -> None:
    key = made()
    assert run("revoke", key[:12]).exit_code == 0
    stored = record(key)
    assert stored is not None
    assert stored.refusal(stored.created_at + 10) == "revoked"


def test_rotating_leaves_the_old_key_good_for_the_overlap() -> None:
    old = made("--plan", "pro")
    new = run("rotate", old[:12], "--overlap", "1h").stdout.strip()
    before, after = record(old), record(new)
    assert before is not None
    assert after is not None
    assert before.refusal(after.created_at + 3599) is None
    assert before.refusal(after.created_at + 3601) == "revoked"
    assert (after.consumer, after.plan, after.revoked_at) == ("acme", "pro", None)


def test_a_key_in_its_overlap_can_be_revoked_at_once() -> None:
    old = made()
    run("rotate", old[:12])
    assert run("revoke", old[:12]).exit_code == 0


def test_the_list_shows_keys_without_showing_them() -> None:
    key = made("--plan", "starter")
    listed = run("list").stdout
    assert key[:12] in listed
    assert "starter" in listed
    assert key not in listed


def test_an_unknown_prefix_is_told_without_a_traceback() -> None:
    result = run("revoke", "sgk_nothing")
    assert result.exit_code == 1
    assert "supergate keys list" in result.stderr


def test_the_store_is_the_one_that_the_configuration_names(folder: Path) -> None:
    (folder / "conf").mkdir()
    (folder / "conf" / "router.yaml").write_text("authentication: {router: {api_key: {store: {file: ./keys.yaml}}}}\n")
    run("create", "--consumer", "acme", "--config", "conf/router.yaml")
    assert "acme" in (folder / "conf" / "keys.yaml").read_text()


def test_a_bad_duration_says_how_one_is_written() -> None:
    result = run("create", "--consumer", "acme", "--expires", "5")
    assert result.exit_code == 2
    assert "90d" in result.output or "24h" in result.output
