"""The clients, in a process of their own: ``python -m benchmarks.harness.load``.

    Requests ──▶ connections ──▶ gateway ──▶ every answer compared
                 ▲ you are here

Each connection sends its next request as soon as it has its answer (a closed loop). After the warm-up it prints
``warm`` and waits for a line, so that whoever counts CPU time can look while nothing is under way. Then it measures,
and prints what it measured as one line of JSON.
"""

import argparse
import asyncio
import math
import sys
import time
from dataclasses import dataclass, field

import httptools
import msgspec
import uvloop

from benchmarks.harness.requests import Requests, Supply
from benchmarks.harness.scenarios import SCENARIOS

RECONNECTS = 1000
"""Connections that are opened again after a gateway has closed them, before it counts as broken."""


@dataclass(slots=True)
class LoadResult:
    """What the clients saw.

    Attributes:
        bad: Answers that were not the right one, and connections that were lost.
        sample: The beginning of one bad answer.
        cpu_seconds: What the clients themselves took.
    """

    requests: int = 0
    bad: int = 0
    sample: str = ""
    seconds: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    answer_bytes: int = 0
    cpu_seconds: float = 0.0


@dataclass(slots=True)
class _Phase:
    """The warm-up, or the measurement: it ends when its time or its requests are used up."""

    until: float
    unsent: int = sys.maxsize
    busy: int = 0
    result: LoadResult = field(default_factory=LoadResult)
    times: list[float] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Load:
    """A number of connections that ask for one scenario."""

    def __init__(self, supply: Supply, port: int) -> None:
        self._supply = supply
        self._port = port
        self._number = 0
        self._phase = _Phase(0.0)
        self._lost: asyncio.Queue[None] = asyncio.Queue()
        self._connections: list[_Connection] = []

    async def connect(self, count: int) -> None:
        """Open connections."""
        for _ in range(count):
            await self._open()

    async def run(self, *, seconds: float = math.inf, requests: int = sys.maxsize) -> LoadResult:
        """Ask for a while, or so many times, and wait for the last answers."""
        began, cpu = time.perf_counter(), time.process_time()
        phase = self._phase = _Phase(began + seconds, requests)
        for connection in self._connections[: min(len(self._connections), requests)]:
            self._send(connection)
        async with asyncio.TaskGroup() as tasks:
            reconnecting = tasks.create_task(self._reconnect())
            await phase.done.wait()
            reconnecting.cancel()
        result, times = phase.result, sorted(phase.times)
        result.seconds, result.cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
        if times:
            result.p50_ms, result.p99_ms = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.99))
        return result

    def answered(self, connection: "_Connection", status: int, body: bytes) -> None:
        """Count an answer, and send the next request."""
        phase, result = self._phase, self._phase.result
        now = time.perf_counter()
        phase.times.append(now - connection.began)
        phase.busy -= 1
        result.requests += 1
        result.answer_bytes = len(body)
        if not self._supply.is_right(connection.number, status, body):
            self._bad(f"{status} {body[:300]!r}")
        if now < phase.until and phase.unsent > 0:
            self._send(connection)
        elif phase.busy == 0:
            phase.done.set()

    def lost(self, connection: "_Connection", *, was_asking: bool) -> None:
        """A connection is gone; another is opened."""
        self._connections.remove(connection)
        if was_asking:
            self._phase.busy -= 1
            self._bad("the connection was closed")
        self._lost.put_nowait(None)

    def _bad(self, sample: str) -> None:
        self._phase.result.bad += 1
        self._phase.result.sample = self._phase.result.sample or sample

    def _send(self, connection: "_Connection") -> None:
        self._number += 1
        self._phase.unsent -= 1
        self._phase.busy += 1
        connection.send(self._number, self._supply.make(self._number))

    async def _open(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._port)
        self._connections.append(connection)
        return connection

    async def _reconnect(self) -> None:
        for _ in range(RECONNECTS):
            await self._lost.get()
            if time.perf_counter() < self._phase.until and self._phase.unsent > 0:
                self._send(await self._open())
            elif self._phase.busy == 0:
                self._phase.done.set()
        raise ConnectionError(f"the gateway has closed {RECONNECTS} connections")


class _Connection(asyncio.Protocol):
    def __init__(self, load: Load) -> None:
        self._load = load
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._is_asking = False
        self.number = 0
        self.began = 0.0

    def send(self, number: int, request: bytes) -> None:
        assert self._transport is not None
        self.number, self._is_asking, self.began = number, True, time.perf_counter()
        self._transport.write(request)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's, which does not inherit from it

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, piece: bytes) -> None:
        self._body.append(piece)

    def on_message_complete(self) -> None:
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body.clear()
        self._is_asking = False
        self._load.answered(self, self._parser.get_status_code(), body)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        self._load.lost(self, was_asking=self._is_asking)


async def _main(options: argparse.Namespace) -> None:
    load = Load(Requests(SCENARIOS[options.scenario], options.port), options.port)
    await load.connect(options.connections)
    await load.run(seconds=options.warmup)
    sys.stdout.write("warm\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    result = await load.run(seconds=options.seconds)
    sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=SCENARIOS, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--warmup", type=float, required=True)
    uvloop.run(_main(parser.parse_args()))
