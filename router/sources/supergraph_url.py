"""A supergraph that was composed elsewhere, and is published at a URL."""

import asyncio
from dataclasses import dataclass

import aiohttp

from router.sources.errors import SourceAwayError, SourceError
from router.sources.response_body import read_response

_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SupergraphUrl:
    """Where a supergraph is published, and how often to look there for another one."""

    url: str
    poll_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Published:
    """A supergraph SDL, and the ``ETag`` it came with."""

    text: str
    etag: str | None


async def fetch_supergraph(url: str, *, known: Published | None) -> Published:
    """What is published now; ``known`` if that is still it.

    Raises ``SourceAwayError`` if there is no answer, ``SourceError`` if it is not a supergraph.
    """
    # https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
    headers = {"if-none-match": known.etag} if known is not None and known.etag is not None else {}
    try:
        async with (
            asyncio.timeout(_TIMEOUT_SECONDS),
            aiohttp.ClientSession() as session,
            session.get(url, headers=headers) as response,
        ):
            body = await read_response(response)
            status, etag = response.status, response.headers.get("etag")
    except TimeoutError as error:
        raise _away(url, f"no answer within {_TIMEOUT_SECONDS:g} s") from error
    except (aiohttp.ClientError, ValueError) as error:
        raise _away(url, str(error) or type(error).__name__) from error
    if status == 304 and known is not None:
        return known
    if status >= 500:
        raise _away(url, f"status {status}")
    if status != 200:
        raise SourceError(f"{url}: a supergraph SDL was expected, the answer has status {status}")
    try:
        return Published(body.decode(), etag)
    except UnicodeDecodeError as error:
        raise SourceError(f"{url}: not UTF-8 text, a supergraph SDL was expected") from error


def _away(url: str, reason: str) -> SourceAwayError:
    return SourceAwayError(f"{url}: the supergraph cannot be fetched ({reason})")
