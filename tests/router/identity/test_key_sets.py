"""Key sets: what is read from them, and when published ones are fetched."""

import asyncio
import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from router.errors import AuthenticationUnavailableError
from router.identity.jwks import PublishedKeys
from router.identity.keys import KeySetError, SigningKey, parse_key_set
from tests.fake_clock import FakeClock
from tests.issuer import ec_key, jwk, key_set, rsa_key

OLD = key_set(jwk(ec_key(), kid="old"))
NEW = key_set(jwk(ec_key(), kid="old"), jwk(rsa_key(), kid="new"))

URL = "https://idp.example/jwks.json"


class FakeIssuer:
    """Publishes a key set, or fails; remembers how often it was asked."""

    def __init__(self) -> None:
        self.document: bytes | OSError = OLD
        self.fetches = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.clock = FakeClock()
        self.results: list[str] = []
        self.pauses: list[float] = []
        self.rounds = 0

    async def fetch(self, url: str) -> bytes:
        assert url == URL
        self.fetches += 1
        await self.gate.wait()
        if isinstance(self.document, OSError):
            raise self.document
        return self.document

    async def sleep(self, seconds: float) -> None:
        """Note the pause; end the work after so many rounds."""
        self.pauses.append(seconds)
        if len(self.pauses) >= self.rounds:
            raise asyncio.CancelledError
        self.clock.advance(seconds)

    def keys(self, *, max_refreshes_per_minute: int = 2, fetch_timeout_seconds: float = 5.0) -> PublishedKeys:
        return PublishedKeys(
            URL,
            fetch=self.fetch,
            clock=self.clock,
            poll_interval_seconds=600.0,
            fetch_timeout_seconds=fetch_timeout_seconds,
            max_refreshes_per_minute=max_refreshes_per_minute,
            on_refresh=self.results.append,
            sleep=self.sleep,
        )

    async def work(self, keys: PublishedKeys, *, rounds: int) -> None:
        self.rounds = rounds
        self.pauses.clear()
        with pytest.raises(asyncio.CancelledError):
            await keys.work()


def names(found: tuple[SigningKey, ...]) -> list[str | None]:
    return [key.id for key in found]


async def test_the_first_request_fetches_the_set_and_the_next_does_not() -> None:
    issuer = FakeIssuer()
    keys = issuer.keys()
    assert names(await keys.find("old")) == ["old"]
    assert names(await keys.find("old")) == ["old"]
    assert issuer.fetches == 1


async def test_an_unknown_kid_fetches_the_set_again() -> None:
    issuer = FakeIssuer()
    keys = issuer.keys()
    await keys.find("old")
    issuer.document = NEW
    assert names(await keys.find("new")) == ["new"]
    assert issuer.fetches == 2


async def test_a_flood_of_unknown_kids_fetches_no_more_than_its_ration() -> None:
    issuer = FakeIssuer()
    keys = issuer.keys(max_refreshes_per_minute=2)
    await keys.find("old")
    for number in range(100):
        assert await keys.find(f"made-up-{number}") == ()
    assert issuer.fetches == 3
    issuer.clock.advance(60)
    for number in range(100):
        await keys.find(f"made-up-{number}")
    assert issuer.fetches == 5


async def test_requests_that_come_during_a_fetch_wait_for_it() -> None:
    issuer = FakeIssuer()
    issuer.gate.clear()
    keys = issuer.keys()
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(keys.find("old")) for _ in range(50)]
        await asyncio.sleep(0)
        issuer.gate.set()
    assert {names(task.result())[0] for task in running} == {"old"}
    assert issuer.fetches == 1


@pytest.mark.parametrize("answer", [OSError("no route"), b"<html>", b"{}", b'{"keys": []}'], ids=str)
async def test_a_fetch_that_fails_keeps_the_last_good_set(answer: bytes | OSError) -> None:
    issuer = FakeIssuer()
    keys = issuer.keys()
    await keys.find("old")
    issuer.document = answer
    await issuer.work(keys, rounds=1)
    assert names(await keys.find("old")) == ["old"]
    assert issuer.results == ["success", "failure"]


async def test_a_fetch_that_hangs_fails() -> None:
    issuer = FakeIssuer()
    issuer.gate.clear()
    keys = issuer.keys(fetch_timeout_seconds=0.001)
    with pytest.raises(AuthenticationUnavailableError):
        await keys.find("old")
    assert issuer.results == ["failure"]


async def test_without_any_set_nobody_can_be_checked() -> None:
    issuer = FakeIssuer()
    issuer.document = OSError("no route")
    keys = issuer.keys()
    for _ in range(10):
        with pytest.raises(AuthenticationUnavailableError):
            await keys.find("old")
    assert issuer.fetches == 3  # the first is free, two more are the ration


async def test_the_set_is_polled() -> None:
    issuer = FakeIssuer()
    keys = issuer.keys()
    await issuer.work(keys, rounds=3)
    assert issuer.pauses == [600.0, 600.0, 600.0]
    assert issuer.fetches == 3


async def test_a_failed_poll_is_repeated_soon() -> None:
    issuer = FakeIssuer()
    issuer.document = OSError("no route")
    await issuer.work(issuer.keys(), rounds=2)
    assert issuer.pauses == [10.0, 10.0]


async def test_a_key_that_is_withdrawn_is_forgotten() -> None:
    issuer = FakeIssuer()
    keys = issuer.keys()
    issuer.document = NEW
    await keys.find("new")
    issuer.document = OLD
    await issuer.work(keys, rounds=1)
    assert await keys.find("new") == ()


def test_keys_of_unknown_kinds_are_skipped() -> None:
    document = key_set(
        {"kty": "XYZ", "kid": "a"}, {"kid": "b"}, {"kty": "RSA", "n": "!", "e": "?"}, jwk(ec_key(), kid="e")
    )
    assert names(parse_key_set(document)) == ["e"]


@pytest.mark.parametrize("document", [b"", b"[]", b'{"keys": {}}', b'{"keys": [1]}', b"-----BEGIN NOTHING-----"])
def test_a_document_without_keys_is_an_error(document: bytes) -> None:
    with pytest.raises(KeySetError):
        parse_key_set(document)


def test_the_error_does_not_quote_the_document() -> None:
    secret = base64.urlsafe_b64encode(b"s3cret").decode()
    with pytest.raises(KeySetError) as failed:
        parse_key_set(key_set({"kty": "oct?", "k": secret}))
    assert secret not in str(failed.value)


def test_a_pem_file_is_one_nameless_key(tmp_path: Path) -> None:
    pem = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path = tmp_path / "key.pem"
    path.write_bytes(pem)
    (key,) = parse_key_set(path.read_bytes())
    assert key.id is None
    assert "RS256" in key.algorithms
    assert "HS256" not in key.algorithms
