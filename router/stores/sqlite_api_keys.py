"""API keys in an SQLite file, which several processes of one machine may share."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from router.stores.api_keys import ApiKeyRecord, KeyStoreError

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS api_keys (
    digest TEXT PRIMARY KEY, prefix TEXT NOT NULL, consumer TEXT NOT NULL, plan TEXT NOT NULL, scopes TEXT NOT NULL,
    created_at REAL NOT NULL, expires_at REAL, revoked_at REAL
)
"""
_COLUMNS = "digest, prefix, consumer, plan, scopes, created_at, expires_at, revoked_at"
_Row = tuple[str, str, str, str, str, float, float | None, float | None]


class SqliteApiKeys:
    """An ``ApiKeyStore``; the file and its table are made when they are missing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._lock = asyncio.Lock()

    async def find(self, digest: str) -> ApiKeyRecord | None:
        """The record of one key."""
        rows = await self._run(lambda db: db.execute(_SELECT + " WHERE digest = ?", (digest,)).fetchall())
        return _record(rows[0]) if rows else None

    async def all(self) -> tuple[ApiKeyRecord, ...]:
        """Every record, the oldest first."""
        rows = await self._run(lambda db: db.execute(_SELECT + " ORDER BY created_at, prefix").fetchall())
        return tuple(map(_record, rows))

    async def put(self, record: ApiKeyRecord) -> None:
        """Add a record, or replace the one with its digest."""
        row = (
            *(record.digest, record.prefix, record.consumer, record.plan, " ".join(record.scopes)),
            *(record.created_at, record.expires_at, record.revoked_at),
        )

        def insert(database: sqlite3.Connection) -> None:
            with database:
                database.execute("INSERT OR REPLACE INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

        await self._run(insert)

    async def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        # In a thread, one at a time: another process may hold the file's lock for a moment.
        async with self._lock:
            try:
                return await asyncio.to_thread(lambda: job(self._open()))
            except (sqlite3.Error, OSError) as error:
                raise KeyStoreError(f"{self._path}: {error}; check the path and who may read and write it") from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            is_new = not self._path.exists()
            connection = sqlite3.connect(self._path, timeout=5.0, check_same_thread=False)
            if is_new:
                self._path.chmod(0o600)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_SCHEMA)
            self._connection = connection
        return self._connection


_SELECT = f"SELECT {_COLUMNS} FROM api_keys"  # noqa: S608 - constants


def _record(row: _Row) -> ApiKeyRecord:
    digest, prefix, consumer, plan, scopes, created_at, expires_at, revoked_at = row
    return ApiKeyRecord(
        digest=digest,
        prefix=prefix,
        consumer=consumer,
        plan=plan,
        scopes=tuple(scopes.split()),
        created_at=created_at,
        expires_at=expires_at,
        revoked_at=revoked_at,
    )
