"""Plans that records of callers name."""

from pathlib import Path

import pytest

from router.config.authentication import RouterAuthentication
from router.stores.api_keys import ApiKeyRecord, ApiKeyStore
from router.stores.file_api_keys import FileApiKeys
from router.stores.known_plans import known_plans
from router.stores.sqlite_api_keys import SqliteApiKeys


def plans(store: dict[str, object] | None = None, **blocks: object) -> frozenset[str]:
    api_key = {} if store is None else {"api_key": {"store": store}}
    return known_plans(RouterAuthentication.model_validate({**api_key, **blocks}))


async def keep(store: ApiKeyStore, *names: str) -> None:
    for name in names:
        await store.put(ApiKeyRecord(digest=name, prefix=name, consumer=name, plan=name))
    await store.close()


async def test_plans_are_read_from_a_file_of_keys(tmp_path: Path) -> None:
    await keep(FileApiKeys(tmp_path / "keys.yaml"), "pro", "free")
    assert plans({"file": str(tmp_path / "keys.yaml")}) == {"pro", "free"}


async def test_plans_are_read_from_a_database_of_keys(tmp_path: Path) -> None:
    await keep(SqliteApiKeys(tmp_path / "keys.sqlite"), "pro", "free")
    assert plans({"sqlite": str(tmp_path / "keys.sqlite")}) == {"pro", "free"}


def test_plans_of_secrets_are_known() -> None:
    keys = [
        {"id": "a", "secret": "0123456789abcdef", "plan": "pro"},
        {"id": "b", "secret": "0123456789abcdef"},
    ]
    assert plans(hmac={"keys": keys}) == {"pro"}


@pytest.mark.parametrize("kind", ["file", "sqlite"])
def test_what_is_not_there_or_cannot_be_read_is_not_known(tmp_path: Path, kind: str) -> None:
    assert plans({kind: str(tmp_path / "none")}) == frozenset()
    (tmp_path / "broken").write_text("{ no keys")
    assert plans({kind: str(tmp_path / "broken")}) == frozenset()
    assert not (tmp_path / "none").exists()


def test_a_server_is_not_asked() -> None:
    assert plans({"redis": {"url": "redis://localhost:1"}}) == frozenset()


def test_without_callers_there_are_no_plans() -> None:
    assert plans() == frozenset()
