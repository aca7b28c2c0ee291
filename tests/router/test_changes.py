"""What makes a gateway read everything again."""

import asyncio
import os
from pathlib import Path

import pytest

from router.changes import Cause, Changes

LIMIT_SECONDS = 20.0


def write(path: Path, text: str) -> None:
    path.write_text(text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.graphql"
    path.write_text("one")
    os.utime(path, (1_000_000, 1_000_000))  # long before it is read
    return path


async def next_of(changes: Changes, *, poll_seconds: float | None = None) -> Cause:
    async with asyncio.timeout(LIMIT_SECONDS):
        return await changes.next(poll_seconds=poll_seconds)


async def read(changes: Changes, *files: Path) -> None:
    async with changes.reading(lambda: set(files)):
        pass


def looking(*, watch: bool = True) -> Changes:
    return Changes(watch=watch, look_seconds=0.005)


async def test_whoever_asks_is_a_cause_once(file: Path) -> None:
    changes = looking()
    await read(changes, file)
    changes.ask()
    assert await next_of(changes) is Cause.ASKED
    assert await next_of(changes, poll_seconds=0.01) is Cause.POLL


async def test_a_changed_file_is_a_cause_once(file: Path) -> None:
    changes = looking()
    await read(changes, file)
    write(file, "two two")
    assert await next_of(changes) is Cause.FILES
    await read(changes, file)
    os.utime(file, (1_000_000, 1_000_000))
    assert await next_of(changes) is Cause.FILES


async def test_a_file_that_stays_is_no_cause(file: Path) -> None:
    changes = looking()
    await read(changes, file)
    assert await next_of(changes, poll_seconds=0.05) is Cause.POLL


async def test_a_file_that_comes_is_a_cause(file: Path) -> None:
    missing = file.with_name("b.graphql")
    changes = looking()
    await read(changes, file, missing)
    missing.write_text("here")
    assert await next_of(changes) is Cause.FILES


async def test_files_are_left_alone_if_nobody_wants_them_watched(file: Path) -> None:
    changes = looking(watch=False)
    await read(changes, file)
    write(file, "two two")
    assert await next_of(changes, poll_seconds=0.05) is Cause.POLL


async def test_a_change_while_files_are_read_counts(file: Path) -> None:
    changes = looking()
    async with changes.reading(lambda: {file}):
        write(file, "two two")
    assert await next_of(changes) is Cause.FILES


async def test_a_change_while_files_are_read_again_counts(file: Path) -> None:
    changes = looking()
    await read(changes, file)
    async with changes.reading(lambda: {file}):
        os.utime(file, (2_000_000, 2_000_000))
    assert await next_of(changes) is Cause.FILES


async def test_files_of_an_earlier_time_are_watched_on(file: Path) -> None:
    changes = looking()
    await read(changes, file)
    await read(changes)
    write(file, "two two")
    assert await next_of(changes) is Cause.FILES


async def test_files_are_watched_on_after_reading_has_failed(file: Path) -> None:
    changes = looking()
    with pytest.raises(ValueError, match="broken"):
        async with changes.reading(lambda: {file}):
            raise ValueError("broken")
    write(file, "two two")
    assert await next_of(changes) is Cause.FILES
