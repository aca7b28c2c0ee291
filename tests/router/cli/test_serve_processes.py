"""``supergate serve`` as a process: it starts, answers, and ends well on a signal."""

import asyncio
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.live_gateway import compose_supergraph


@asynccontextmanager
async def serving(folder: Path, *options: str) -> AsyncIterator[tuple[Process, str]]:
    """A process that serves, and its URL; killed at the end if it still runs."""
    supergraph = folder / "supergraph.graphql"
    supergraph.write_text(compose_supergraph("http://127.0.0.1:9/u", "http://127.0.0.1:9/r").sdl)
    command = ("serve", "--supergraph", str(supergraph), "--host", "127.0.0.1", *options)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "router.cli", *command, stdout=PIPE, stderr=PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(60):
            line = await process.stderr.readline()
        match = re.search(r"http://\S+", line.decode())
        assert match is not None, line
        yield process, match[0]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def answer(url: str) -> object:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/graphql", json={"query": "{ __typename }"}) as response,
    ):
        return await response.json()


def children_of(pid: int) -> str:
    """The ids of the processes that a process has started."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_it_with_exit_code_0(tmp_path: Path, number: signal.Signals) -> None:
    async with serving(tmp_path, "--port", "0", "--workers", "1") as (process, url):
        assert await answer(url) == {"data": {"__typename": "Query"}}
        process.send_signal(number)
        async with asyncio.timeout(30):
            _, errors = await process.communicate()
    assert (process.returncode, b"Traceback" in errors) == (0, False)


async def test_workers_share_a_port_and_stop_together(tmp_path: Path) -> None:
    async with serving(tmp_path, "--port", "0", "--workers", "2") as (process, url):
        assert await answer(url) == {"data": {"__typename": "Query"}}
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            await process.communicate()
    assert process.returncode == 0


async def test_one_worker_is_one_process(tmp_path: Path) -> None:
    async with serving(tmp_path, "--port", "0", "--workers", "1") as (process, _):
        assert children_of(process.pid) == ""
