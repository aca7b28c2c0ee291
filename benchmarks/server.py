"""What HTTP costs: CPU time of the server process per request, for answers that cost nothing to make.

    python -m benchmarks.server [--requests 5000] [--connections 16] [--rounds 5]

Both servers answer the same bytes with the same headers, on uvloop, to the same load; the clients' CPU time is not
counted. The servers take turns; of all rounds the cheapest counts, as whatever else runs on the machine makes the
others dearer. The first fifth of the requests of a round warms up.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import uvloop
from aiohttp import web
from multidict import CIMultiDict

from router.http.server import HttpServer, IncomingRequest
from router.policy.request import Response

SIZES_BYTES = (50, 100_000)
HEADERS = (
    ("content-type", "application/json; charset=utf-8"),
    ("x-request-id", "0123456789abcdef0123456789abcdef"),
    ("x-content-type-options", "nosniff"),
    ("server", "supergate"),
)
BODY = b'{"query":"query Me { me { id name } }","variables":{}}'
REQUEST = (
    b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:4000\r\naccept: */*\r\naccept-encoding: gzip, deflate\r\n"
    b"user-agent: benchmark/1\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
)
CPU_REQUEST = b"GET /cpu HTTP/1.1\r\nhost: 127.0.0.1:4000\r\n\r\n"


def _ours(body: bytes) -> Callable[[], asyncio.BaseProtocol]:
    async def answer(request: IncomingRequest) -> Response:
        if request.target == "/cpu":
            return Response(status=200, body=str(time.process_time_ns()).encode())
        await request.body.read(2_000_000)
        return Response(status=200, body=body, headers=CIMultiDict(HEADERS))

    server = HttpServer(answer)
    server.start()
    return server


def _aiohttp(body: bytes) -> Callable[[], asyncio.BaseProtocol]:
    async def answer(raw: web.BaseRequest) -> web.StreamResponse:
        if raw.raw_path == "/cpu":
            return web.Response(body=str(time.process_time_ns()).encode())
        await raw.read()
        return web.Response(status=200, body=body, headers=CIMultiDict(HEADERS))

    return web.Server(answer, handler_cancellation=True, access_log=None, auto_decompress=False)


SERVERS = {"aiohttp": _aiohttp, "supergate": _ours}


async def _serve(name: str, size_bytes: int) -> None:
    loop = asyncio.get_running_loop()
    sockets = await loop.create_server(SERVERS[name](b"x" * size_bytes), "127.0.0.1", 0)
    sys.stdout.write(f"{sockets.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


class _Client:
    """One connection that sends requests one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def exchange(self, request: bytes) -> bytes:
        """The body of the answer."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        start = head.lower().index(b"content-length:") + 15
        return await self._reader.readexactly(int(head[start : head.index(b"\r", start)]))


async def _load(port: int, requests: int, connections: int) -> float:
    """CPU microseconds of the server per request."""
    clients = [_Client(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(connections)]
    cpu_ns: Callable[[], Awaitable[bytes]] = lambda: clients[0].exchange(CPU_REQUEST)  # noqa: E731 - a name for it

    async def send(client: _Client, count: int) -> None:
        for _ in range(count):
            await client.exchange(REQUEST)

    async def send_all(count: int) -> None:
        async with asyncio.TaskGroup() as tasks:
            for client in clients:
                tasks.create_task(send(client, count // connections))

    await send_all(requests // 5)
    before = int(await cpu_ns())
    await send_all(requests)
    return (int(await cpu_ns()) - before) / 1000 / requests


def _measure(name: str, size_bytes: int, requests: int, connections: int) -> float:
    command = [sys.executable, "-m", "benchmarks.server", "--serve", name, "--size", str(size_bytes)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdout is not None
        return uvloop.run(_load(int(server.stdout.readline()), requests, connections))


def main() -> None:
    """Measure, or be one of the servers that are measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(_serve(options.serve, options.size))
        return
    for size_bytes in SIZES_BYTES:
        rounds = [
            {name: _measure(name, size_bytes, options.requests, options.connections) for name in SERVERS}
            for _ in range(options.rounds)
        ]
        for name in SERVERS:
            microseconds = min(measured[name] for measured in rounds)
            sys.stdout.write(f"{name:10} {size_bytes:>7} bytes {microseconds:8.1f} us a request\n")


if __name__ == "__main__":
    main()
