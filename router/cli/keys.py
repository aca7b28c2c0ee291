"""``supergate keys``: API keys, from making one to revoking it."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from router.cli.console import Exit, fail, give, say, user_errors
from router.config.authentication import ApiKeySection, KeyStoreSection
from router.config.load import load_config
from router.config.units import parse_duration
from router.identity.api_keys import PREFIX_LENGTH, digest_of, new_key
from router.identity.build import build_api_key_store
from router.stores.api_keys import REVOKED, ApiKeyRecord, ApiKeyStore, KeyStoreError

T = TypeVar("T")

app = typer.Typer(help="Make, list, revoke and rotate API keys.", no_args_is_help=True)

ConfigFiles = Annotated[
    list[Path] | None,
    typer.Option("--config", metavar="FILE", help="router.yaml, which says where keys are kept; may be repeated."),
]
Store = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The store itself, instead: .yaml is a list of records, all else SQLite."),
]
Prefix = Annotated[str, typer.Argument(metavar="PREFIX", help="The first characters of the key, as list shows them.")]


def _name(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("it must not be empty")
    return text.strip()


def _lifetime(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def create(
    consumer: Annotated[str, typer.Option(metavar="ID", parser=_name, help="Whose key it is.")],
    plan: Annotated[
        str, typer.Option(metavar="PLAN", parser=_name, help="The usage plan: rate limits look it up.")
    ] = "free",
    scope: Annotated[list[str] | None, typer.Option(metavar="SCOPE", help="What it may do; may be repeated.")] = None,
    expires: Annotated[
        float | None, typer.Option(metavar="DURATION", parser=_lifetime, help="For how long it is good, such as 90d.")
    ] = None,
    config: ConfigFiles = None,
    store: Store = None,
) -> None:
    """Make a key and print it, once: only its hash is stored.

    Example:  supergate keys create --consumer acme --plan pro --config router.yaml
    """
    key, now = new_key(), time.time()
    record = ApiKeyRecord(
        digest=digest_of(key),
        prefix=key[:PREFIX_LENGTH],
        consumer=consumer,
        plan=plan,
        scopes=tuple(scope or ()),
        created_at=now,
        expires_at=None if expires is None else now + expires,
    )
    _with_store(config, store, lambda keys: keys.put(record))
    say(f"A key for {consumer} on plan {plan}. It is shown only now:")
    give(key)


@app.command(name="list")
def list_keys(config: ConfigFiles = None, store: Store = None) -> None:
    """Show every key by its first characters, and whether it is good.

    Example:  supergate keys list --config router.yaml
    """
    records = _with_store(config, store, lambda keys: keys.all())
    now = time.time()
    table = Table(box=None)
    for title in ("key", "consumer", "plan", "scopes", "created", "expires", "state"):
        table.add_column(title, no_wrap=True)
    for each in records:
        table.add_row(
            f"{each.prefix}…",
            each.consumer,
            each.plan,
            " ".join(each.scopes),
            _moment(each.created_at),
            _moment(each.expires_at),
            each.refusal(now) or ("ends " + _moment(each.revoked_at) if each.revoked_at is not None else "good"),
        )
    console = Console()
    console.width = max(console.width, console.measure(table).maximum)
    console.print(table)


@app.command()
def revoke(prefix: Prefix, config: ConfigFiles = None, store: Store = None) -> None:
    """Refuse a key from now on; every worker does within five seconds.

    Example:  supergate keys revoke sgk_8fJ2mQ0x --config router.yaml
    """

    async def end(keys: ApiKeyStore) -> ApiKeyRecord:
        record = await _find(keys, prefix)
        await keys.put(replace(record, revoked_at=time.time()))
        return record

    record = _with_store(config, store, end)
    say(f"Revoked {record.prefix}… of {record.consumer}.")


@app.command()
def rotate(
    prefix: Prefix,
    overlap: Annotated[
        float, typer.Option(metavar="DURATION", parser=_lifetime, help="For how long the old key stays good.")
    ] = 86400.0,
    config: ConfigFiles = None,
    store: Store = None,
) -> None:
    """Make a new key for the same consumer, and print it; the old one ends after the overlap (24h).

    Example:  supergate keys rotate sgk_8fJ2mQ0x --overlap 24h --config router.yaml
    """
    key, now = new_key(), time.time()

    async def change(keys: ApiKeyStore) -> ApiKeyRecord:
        old = await _find(keys, prefix)
        lifetime = None if old.expires_at is None else old.expires_at - old.created_at
        new = replace(
            old,
            digest=digest_of(key),
            prefix=key[:PREFIX_LENGTH],
            created_at=now,
            expires_at=None if lifetime is None else now + lifetime,
        )
        await keys.put(new)
        await keys.put(replace(old, revoked_at=now + overlap))
        return old

    record = _with_store(config, store, change)
    say(f"{record.prefix}… of {record.consumer} ends {_moment(now + overlap)}. The new key is shown only now:")
    give(key)


async def _find(keys: ApiKeyStore, prefix: str) -> ApiKeyRecord:
    wanted = prefix.rstrip("…")
    now = time.time()
    found = [each for each in await keys.all() if each.prefix.startswith(wanted) and each.refusal(now) != REVOKED]
    if len(found) != 1:
        which = "no key that is not revoked" if not found else f"{len(found)} keys"
        raise KeyStoreError(f"{which} begins with {wanted}; see: supergate keys list")
    return found[0]


def _with_store(config: list[Path] | None, store: Path | None, job: Callable[[ApiKeyStore], Awaitable[T]]) -> T:
    if config and store is not None:
        fail("--config and --store exclude each other", code=Exit.BAD_USAGE)
    keys = build_api_key_store(_section(config, store))

    async def run() -> T:
        try:
            return await job(keys)
        finally:
            await keys.close()

    try:
        return asyncio.run(run())
    except KeyStoreError as error:
        fail(str(error))


def _section(config: list[Path] | None, store: Path | None) -> KeyStoreSection:
    if store is not None:
        is_yaml = store.suffix in (".yaml", ".yml")
        return KeyStoreSection(file=str(store)) if is_yaml else KeyStoreSection(sqlite=str(store))
    with user_errors():
        section = load_config(config or [], os.environ).authentication.router.api_key
    return (section or ApiKeySection()).store


def _moment(seconds: float | None) -> str:
    return "never" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}Z"
