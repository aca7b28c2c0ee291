"""What is attacked: a gateway of our own, or whatever listens at a URL."""

import asyncio
import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import orjson

JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Reply:
    """What came back; status 0 if the connection was closed without an answer."""

    status: int
    body: bytes = b""

    @property
    def is_refusal(self) -> bool:
        """Whether nothing was executed: a 4xx, a closed connection, or GraphQL errors without data."""
        if self.status == 0 or 400 <= self.status < 500:
            return True
        try:
            answer = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return False
        return isinstance(answer, dict) and bool(answer.get("errors")) and not answer.get("data")

    @property
    def is_answer(self) -> bool:
        """Whether it is data and nothing else."""
        answer = orjson.loads(self.body) if self.status == 200 else {}
        return isinstance(answer, dict) and bool(answer.get("data")) and "errors" not in answer


@dataclass(frozen=True)
class Target:
    """A GraphQL endpoint over HTTP/1.1, without TLS."""

    url: str
    session: aiohttp.ClientSession

    async def post(self, body: object, headers: Mapping[str, str] = JSON) -> Reply:
        """Send a body: JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else orjson.dumps(body)
        try:
            async with self.session.post(self.url, data=io.BytesIO(data), headers=headers) as response:
                return Reply(response.status, await response.read())
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            return Reply(0)

    async def ask(self, query: str, headers: Mapping[str, str] = JSON) -> Reply:
        """Send an operation."""
        return await self.post({"query": query}, headers)

    async def zipped(self, body: bytes) -> Reply:
        """Send a body in gzip."""
        return await self.post(gzip.compress(body, 9), {**JSON, "content-encoding": "gzip"})

    async def get(self, query_string: str, headers: Mapping[str, str]) -> Reply:
        """Send a GET."""
        async with self.session.get(f"{self.url}?{query_string}", headers=headers) as response:
            return Reply(response.status, await response.read())

    async def raw(self, message: bytes) -> bytes:
        """Everything that comes back for bytes on a connection of their own, until it is closed or silent."""
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
        try:
            writer.write(message)
            await writer.drain()
            received = b""
            while True:
                try:
                    chunk = await asyncio.wait_for(reader.read(65536), 0.5)
                except TimeoutError:
                    return received
                if not chunk:
                    return received
                received += chunk
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def is_alive(self) -> bool:
        """Whether an honest request is answered."""
        return (await self.ask("{ __typename }")).is_answer


def host_of(target: Target) -> str:
    """The ``Host`` of requests to the target."""
    return urlsplit(target.url).netloc


def path_of(target: Target) -> str:
    """The path of the endpoint."""
    return urlsplit(target.url).path or "/"
