"""API keys in a YAML file: a list of records that is kept beside the configuration, and read again when it changes."""

import asyncio
import dataclasses
from pathlib import Path

import msgspec
import yaml

from router.sources.replace_file import replace_file
from router.stores.api_keys import ApiKeyRecord, KeyStoreError


class FileApiKeys:
    """An ``ApiKeyStore``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._records: dict[str, ApiKeyRecord] = {}

    async def find(self, digest: str) -> ApiKeyRecord | None:
        """The record of one key."""
        return (await self._current()).get(digest)

    async def all(self) -> tuple[ApiKeyRecord, ...]:
        """Every record, the oldest first."""
        records = await self._current()
        return tuple(sorted(records.values(), key=lambda record: (record.created_at, record.prefix)))

    async def put(self, record: ApiKeyRecord) -> None:
        """Add a record, or replace the one with its digest."""
        records = {**await self._current(), record.digest: record}
        await asyncio.to_thread(self._write, records)
        self._read_at = None

    async def close(self) -> None:
        """Nothing is held."""

    async def _current(self) -> dict[str, ApiKeyRecord]:
        try:
            status = self._path.stat()
            read_at = (status.st_mtime_ns, status.st_size)
        except FileNotFoundError:
            self._read_at, self._records = None, {}
            return self._records
        if read_at != self._read_at:
            self._records = await asyncio.to_thread(read_api_keys, self._path)
            self._read_at = read_at
        return self._records

    def _write(self, records: dict[str, ApiKeyRecord]) -> None:
        text = yaml.safe_dump([_plain(record) for record in records.values()], sort_keys=False)
        try:
            is_new = not self._path.exists()
            replace_file(self._path, text)
            if is_new:
                self._path.chmod(0o600)
        except OSError as error:
            raise KeyStoreError(f"{self._path}: {error}; check the path and who may write there") from error


def read_api_keys(path: Path) -> dict[str, ApiKeyRecord]:
    """The records in a file, by digest; raises ``KeyStoreError``."""
    try:
        written = yaml.safe_load(path.read_text("utf-8"))
        records = msgspec.convert(written or [], list[ApiKeyRecord])
    except (OSError, ValueError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KeyStoreError(f"{path}: {error}; each entry needs digest, prefix, consumer and plan") from error
    return {record.digest: record for record in records}


def _plain(record: ApiKeyRecord) -> dict[str, object]:
    return {**dataclasses.asdict(record), "scopes": list(record.scopes)}
