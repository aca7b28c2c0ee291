"""HTTP for whoever decides about requests: key sets are fetched, services asked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import aiohttp
from multidict import CIMultiDictProxy

from router.identity.forward_auth import Ask
from router.identity.jwks import Fetch

_LIMIT_BYTES = 1_000_000


def fetch_over(session: aiohttp.ClientSession) -> Fetch:
    """A ``Fetch`` over an HTTP session. Redirects are not followed: a URL in the configuration is where keys are."""

    async def fetch(url: str) -> bytes:
        try:
            async with session.get(url, allow_redirects=False, headers={"Accept": "application/json"}) as response:
                if response.status != 200:
                    raise OSError(f"the answer has status {response.status}")
                body = await response.content.read(_LIMIT_BYTES + 1)
                while len(body) <= _LIMIT_BYTES and (more := await response.content.read(_LIMIT_BYTES + 1)):
                    body += more
        except aiohttp.ClientError as error:
            raise OSError(str(error)) from error
        if len(body) > _LIMIT_BYTES:
            raise OSError("the answer is too large for a key set")
        return body

    return fetch


def ask_over(session: aiohttp.ClientSession) -> Ask:
    """An ``Ask`` over an HTTP session; bodies are not read, redirects not followed."""

    async def ask(url: str, headers: Mapping[str, str], timeout_seconds: float) -> tuple[int, CIMultiDictProxy[str]]:
        try:
            async with (
                asyncio.timeout(timeout_seconds),
                session.get(url, allow_redirects=False, headers=headers) as response,
            ):
                return response.status, response.headers
        except aiohttp.ClientError as error:
            raise OSError(str(error)) from error

    return ask


def post_over(session: aiohttp.ClientSession) -> Callable[[str, bytes, float], Awaitable[bytes]]:
    """A function that sends JSON over an HTTP session and gives the body of a 200; raises ``OSError``."""

    async def post(url: str, body: bytes, timeout_seconds: float) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            async with (
                asyncio.timeout(timeout_seconds),
                session.post(url, data=body, allow_redirects=False, headers=headers) as response,
            ):
                if response.status != 200:
                    raise OSError(f"the answer has status {response.status}")
                return await response.read()
        except aiohttp.ClientError as error:
            raise OSError(str(error)) from error

    return post
