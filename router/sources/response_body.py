"""The body of an HTTP answer, whole and within a limit."""

import aiohttp

LIMIT_BYTES = 100_000_000


async def read_response(response: aiohttp.ClientResponse, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Read to the end; raises ``ValueError`` for a body beyond the limit."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit_bytes:
            raise ValueError(f"the answer is larger than {limit_bytes} bytes")
    return bytes(body)
