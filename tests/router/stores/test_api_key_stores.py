"""The stores of API keys: SQLite, a YAML file, a real Redis server."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from router.config.authentication import RedisKeyStore
from router.stores.api_keys import ApiKeyRecord, ApiKeyStore, KeyStoreError
from router.stores.file_api_keys import FileApiKeys
from router.stores.redis_api_keys import RedisApiKeys
from router.stores.sqlite_api_keys import SqliteApiKeys
from tests.free_ports import free_port
from tests.redis_server import RedisServer

RECORD = ApiKeyRecord(
    digest="d1", prefix="sgk_aaaa", consumer="acme", plan="pro", scopes=("a:b", "c"), created_at=1.5, expires_at=9.0
)


@pytest.fixture(params=["sqlite", "file", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ApiKeyStore]:
    if request.param == "redis":
        with RedisServer(tmp_path) as server:
            keys = RedisApiKeys(RedisKeyStore(url=server.url))
            yield keys
            await keys.close()
        return
    made: ApiKeyStore = (
        SqliteApiKeys(tmp_path / "k.sqlite") if request.param == "sqlite" else FileApiKeys(tmp_path / "k.yaml")
    )
    yield made
    await made.close()


async def test_a_record_is_found_by_its_digest(store: ApiKeyStore) -> None:
    await store.put(RECORD)
    assert await store.find("d1") == RECORD


async def test_an_unknown_digest_finds_nothing(store: ApiKeyStore) -> None:
    assert await store.find("d1") is None


async def test_a_record_is_replaced_by_one_with_its_digest(store: ApiKeyStore) -> None:
    await store.put(RECORD)
    await store.put(replace(RECORD, revoked_at=4.0))
    assert await store.all() == (replace(RECORD, revoked_at=4.0),)


async def test_records_are_listed_with_the_oldest_first(store: ApiKeyStore) -> None:
    await store.put(replace(RECORD, digest="d2", created_at=3.0))
    await store.put(RECORD)
    assert [record.digest for record in await store.all()] == ["d1", "d2"]


@pytest.mark.parametrize("make", [SqliteApiKeys, FileApiKeys])
async def test_what_one_process_writes_another_one_sees(
    tmp_path: Path, make: type[SqliteApiKeys | FileApiKeys]
) -> None:
    reader, writer = make(tmp_path / "keys"), make(tmp_path / "keys")
    assert await reader.find("d1") is None
    await writer.put(RECORD)
    assert await reader.find("d1") == RECORD
    await reader.close()
    await writer.close()


@pytest.mark.parametrize("make", [SqliteApiKeys, FileApiKeys])
async def test_a_new_file_is_for_its_owner_only(tmp_path: Path, make: type[SqliteApiKeys | FileApiKeys]) -> None:
    keys = make(tmp_path / "keys")
    await keys.put(RECORD)
    await keys.close()
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["- {prefix: a}", "just text", "- [", "a: 1"])
async def test_a_file_that_is_no_list_of_records_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "k.yaml").write_text(text)
    with pytest.raises(KeyStoreError, match=r"k\.yaml"):
        await FileApiKeys(tmp_path / "k.yaml").find("d1")


async def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "k.sqlite").write_text("not a database, but long enough to be looked at as one" * 40)
    with pytest.raises(KeyStoreError, match=r"k\.sqlite"):
        await SqliteApiKeys(tmp_path / "k.sqlite").find("d1")


async def test_a_server_that_is_away_says_so() -> None:
    keys = RedisApiKeys(RedisKeyStore(url=f"redis://127.0.0.1:{free_port()}"))
    with pytest.raises(KeyStoreError, match="does not answer"):
        await keys.find("d1")
    await keys.close()
