"""``supergate serve`` as a process that is told to reload."""

import asyncio
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.live_gateway import compose_supergraph

LIMIT_SECONDS = 60.0


@asynccontextmanager
async def serve(*options: str, workers: int = 1) -> AsyncIterator[Process]:
    """A process that serves; killed at the end if it still runs."""
    command = ("serve", "--host", "127.0.0.1", "--port", "0", "--workers", str(workers), *options)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "router.cli", *command, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def until_said(process: Process, text: str) -> str:
    """The first line on stderr with ``text``."""
    assert process.stderr is not None
    async with asyncio.timeout(LIMIT_SECONDS):
        async for line in process.stderr:
            if text in line.decode():
                return line.decode()
    raise AssertionError(f"the process ended without saying {text!r}")


def write_supergraph(folder: Path, users_url: str) -> str:
    path = folder / "supergraph.graphql"
    path.write_text(compose_supergraph(users_url, "http://127.0.0.1:9/r").sdl)
    return str(path)


async def test_sighup_has_everything_read_again(tmp_path: Path) -> None:
    path = write_supergraph(tmp_path, "http://127.0.0.1:9/u")
    async with serve("--supergraph", path, "--no-hot-reload") as process:
        await until_said(process, "Serving on http://")
        write_supergraph(tmp_path, "http://127.0.0.1:9/elsewhere")
        process.send_signal(signal.SIGHUP)
        line = await until_said(process, "serving a new snapshot")
        assert re.search(r"supergraph=[0-9a-f]{12} warmed_up=0 elapsed_ms=\d+", line)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LIMIT_SECONDS):
            assert await process.wait() == 0


async def test_sighup_reaches_every_worker(tmp_path: Path) -> None:
    path = write_supergraph(tmp_path, "http://127.0.0.1:9/u")
    async with serve("--supergraph", path, "--no-hot-reload", workers=2) as process:
        await until_said(process, "worker serves")
        await until_said(process, "worker serves")
        write_supergraph(tmp_path, "http://127.0.0.1:9/elsewhere")
        process.send_signal(signal.SIGHUP)
        await until_said(process, "serving a new snapshot")
        await until_said(process, "serving a new snapshot")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LIMIT_SECONDS):
            assert await process.wait() == 0


async def test_a_changed_file_of_rovers_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "supergraph.yaml"
    subgraph = "{routing_url: 'http://127.0.0.1:9', schema: {sdl: 'type Query { %s: Int }'}}"
    path.write_text(f"subgraphs: {{a: {subgraph % 'one'}}}")
    async with serve("--compose", str(path)) as process:
        await until_said(process, "Serving on http://")
        path.write_text(f"subgraphs: {{a: {subgraph % 'two'}}}")
        await until_said(process, "serving a new snapshot")


async def test_a_missing_subgraph_is_told_with_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "supergraph.yaml"
    path.write_text('subgraphs: {users: {schema: {subgraph_url: "http://127.0.0.1:9/graphql"}}}')
    async with serve("--compose", str(path)) as process:
        line = await until_said(process, "ERROR")
        assert 'subgraph "users": http://127.0.0.1:9/graphql cannot be reached' in line
        assert "start the subgraph" in line
        await until_said(process, "Serving on http://")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(LIMIT_SECONDS):
            assert await process.wait() == 0
