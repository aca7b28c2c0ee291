"""Asking a running subgraph for its SDL.

    { _service { sdl } } ──▶ Subgraph ──▶ compose
    ▲ you are here

What goes wrong here is nearly always a subgraph that does not run, so each message names it, its URL and the cure.
"""

import asyncio
from collections.abc import Mapping

import aiohttp
import orjson

from router.sources.errors import SourceAwayError, SourceError
from router.sources.response_body import read_response

_QUERY = orjson.dumps({"query": "query SubgraphSdl { _service { sdl } }", "operationName": "SubgraphSdl"})
_HEADERS = {"content-type": "application/json", "accept": "application/json"}


async def fetch_sdl(
    session: aiohttp.ClientSession,
    *,
    subgraph: str,
    url: str,
    timeout_seconds: float,
    headers: Mapping[str, str] | None = None,
) -> str:
    """The SDL of the subgraph at ``url``, asked with ``headers`` besides its own.

    Raises ``SourceAwayError`` if it does not answer, ``SourceError`` if it says something else.
    """
    try:
        async with (
            asyncio.timeout(timeout_seconds),
            session.post(url, data=_QUERY, headers={**(headers or {}), **_HEADERS}, allow_redirects=False) as response,
        ):
            body = await read_response(response)
            status = response.status
    except TimeoutError as error:
        raise _unreachable(subgraph, url, f"no answer within {timeout_seconds:g} s") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise _unreachable(subgraph, url, str(error) or type(error).__name__) from error
    sdl = _sdl(body)
    if sdl is None:
        error_class = SourceAwayError if status >= 500 else SourceError
        raise error_class(
            f'subgraph "{subgraph}": {url} answered with status {status} and no _service.sdl; is it the GraphQL '
            "endpoint of a federation subgraph that allows this query? Else name its SDL with schema: {file: ...}"
        )
    return sdl


def _sdl(body: bytes) -> str | None:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    for key in ("data", "_service", "sdl"):
        if not isinstance(answer, dict):
            return None
        answer = answer.get(key)
    return answer if isinstance(answer, str) and answer else None


def _unreachable(subgraph: str, url: str, reason: str) -> SourceAwayError:
    return SourceAwayError(
        f'subgraph "{subgraph}": {url} cannot be reached ({reason}); start the subgraph, correct subgraph_url, or name '
        "its SDL with schema: {file: ...}"
    )
