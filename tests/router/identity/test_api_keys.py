"""Callers with API keys."""

from dataclasses import replace
from pathlib import Path

import pytest

from router.errors import AuthenticationUnavailableError, InvalidApiKeyError
from router.identity.api_keys import PREFIX_LENGTH, ApiKeys, digest_of, new_key
from router.stores.api_keys import ApiKeyRecord, KeyStoreError
from tests.fake_clock import FakeClock
from tests.requests_in import request_in

KEY = "sgk_0123456789abcdef"


class Records:
    """A store in memory that counts what it is asked."""

    def __init__(self, **changes: object) -> None:
        record = ApiKeyRecord(
            digest=digest_of(KEY), prefix=KEY[:PREFIX_LENGTH], consumer="acme", plan="pro", scopes=("orders:read",)
        )
        self.record: ApiKeyRecord | None = replace(record, **changes)  # type: ignore[arg-type] # the tests name fields
        self.asked = 0
        self.is_away = False

    async def find(self, digest: str) -> ApiKeyRecord | None:
        self.asked += 1
        if self.is_away:
            raise KeyStoreError("away")
        return self.record if self.record is not None and digest == self.record.digest else None

    async def all(self) -> tuple[ApiKeyRecord, ...]:
        return () if self.record is None else (self.record,)

    async def put(self, record: ApiKeyRecord) -> None:
        self.record = record

    async def close(self) -> None:
        """Nothing is held."""


def keys(records: Records, clock: FakeClock | None = None) -> ApiKeys:
    clock = clock or FakeClock()
    return ApiKeys(records, header="X-API-Key", remember_seconds=2.0, clock=clock, wall_clock=clock)


WITH_KEY = {"x-api-key": KEY}


async def test_a_key_names_its_consumer_plan_and_scopes() -> None:
    identity = await keys(Records()).authenticate(request_in(headers=WITH_KEY))
    assert identity is not None
    assert (identity.id, identity.plan, identity.scopes, identity.method) == (
        "acme",
        "pro",
        frozenset({"orders:read"}),
        "api_key",
    )


async def test_no_key_is_nobody() -> None:
    assert await keys(Records()).authenticate(request_in()) is None


@pytest.mark.parametrize(
    "changes",
    [{"revoked_at": 1.0}, {"expires_at": 1.0}, {"digest": "another"}],
    ids=["revoked", "expired", "unknown"],
)
async def test_a_bad_key_is_refused_with_one_code(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidApiKeyError) as refused:
        await keys(Records(**changes)).authenticate(request_in(headers=WITH_KEY))
    assert (refused.value.code, refused.value.status) == ("INVALID_API_KEY", 401)


@pytest.mark.parametrize("headers", [[("x-api-key", KEY)] * 2, [("x-api-key", "")], [("x-api-key", "k" * 300)]])
async def test_a_header_that_holds_no_one_key_is_refused(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidApiKeyError):
        await keys(Records()).authenticate(request_in(headers=headers))


async def test_a_key_that_will_be_revoked_later_is_good_until_then() -> None:
    clock = FakeClock(100.0)
    checker = keys(Records(revoked_at=105.0), clock)
    assert await checker.authenticate(request_in(headers=WITH_KEY)) is not None
    clock.advance(5.0)
    with pytest.raises(InvalidApiKeyError):
        await checker.authenticate(request_in(headers=WITH_KEY))


async def test_the_store_is_asked_once_in_a_while() -> None:
    records, clock = Records(), FakeClock()
    checker = keys(records, clock)
    for _ in range(3):
        await checker.authenticate(request_in(headers=WITH_KEY))
    assert records.asked == 1
    clock.advance(2.0)
    await checker.authenticate(request_in(headers=WITH_KEY))
    assert records.asked == 2


async def test_a_revoked_key_is_refused_as_soon_as_the_store_is_asked_again() -> None:
    records, clock = Records(), FakeClock(100.0)
    checker = keys(records, clock)
    await checker.authenticate(request_in(headers=WITH_KEY))
    assert records.record is not None
    await records.put(replace(records.record, revoked_at=100.0))
    clock.advance(2.0)
    with pytest.raises(InvalidApiKeyError):
        await checker.authenticate(request_in(headers=WITH_KEY))


async def test_without_a_store_nobody_is_let_in() -> None:
    records = Records()
    records.is_away = True
    with pytest.raises(AuthenticationUnavailableError):
        await keys(records).authenticate(request_in(headers=WITH_KEY))


def test_new_keys_differ_and_begin_alike() -> None:
    made = {new_key() for _ in range(50)}
    assert len(made) == 50
    assert all(key.startswith("sgk_") and len(key) == 36 for key in made)


def test_nothing_of_a_key_but_its_first_characters_can_be_read_from_its_record(tmp_path: Path) -> None:
    key = new_key()
    record = ApiKeyRecord(digest=digest_of(key), prefix=key[:PREFIX_LENGTH], consumer="c", plan="free")
    (tmp_path / "record").write_text(repr(record))
    assert key[PREFIX_LENGTH:] not in (tmp_path / "record").read_text()
