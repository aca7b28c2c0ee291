"""From the server's request to ours, whole and within the limit.

    server ──▶ reading ──▶ Request ──▶ policies
               ▲ you are here

What is wrong with a body is not decided here: the policies come first.
"""

import zlib

from multidict import istr

from router.errors import ClientError, UnsupportedMediaTypeError
from router.http.server import BrokenBodyError, IncomingRequest

_CONTENT_ENCODING = istr("content-encoding")
_WINDOW_BITS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class UnreadableBodyError(ClientError):
    """The body is not what its headers say: a broken compression, a wrong chunk."""

    code = "BAD_REQUEST"
    title = "The request body cannot be read."


class SlowBodyError(ClientError):
    """The body did not arrive within ``traffic_shaping.router.timeout``."""

    code = "REQUEST_TIMEOUT"
    status = 408
    title = "The request body did not arrive in time."


def split_target(target: str) -> tuple[str, str]:
    """Path and query string of ``/path?query``, neither decoded; of an absolute URL the origin is dropped.

    https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2
    """
    if target[:1] != "/" and "://" in target:
        _, _, rest = target.partition("://")
        slash = rest.find("/")
        target = rest[slash:] if slash >= 0 else "/"
    path, _, query_string = target.partition("?")
    return path, query_string


def body_at_hand(incoming: IncomingRequest, *, limit_bytes: int) -> bytes | None:
    """As ``read_body``, if there is nothing to wait for and nothing to do: nearly always."""
    body = incoming.body.at_hand
    if body is None or _CONTENT_ENCODING in incoming.headers:
        return None
    return body if len(body) <= limit_bytes else body[: limit_bytes + 1]


async def read_body(incoming: IncomingRequest, *, limit_bytes: int) -> bytes:
    """The whole body, decompressed; of a body beyond the limit one byte more than that, which the policy refuses.

    Bytes are counted as sent and again after decompression, so that a small body cannot unfold into a large one. Raises
    ``UnreadableBodyError`` and ``UnsupportedMediaTypeError``.
    """
    headers = incoming.headers
    if not incoming.body.is_complete and int(headers.get("content-length", "").lstrip("0") or 0) > limit_bytes:
        return b""  # the policy sees the same header
    try:
        body = await incoming.body.read(limit_bytes)
    except BrokenBodyError as error:
        raise UnreadableBodyError from error
    if "content-encoding" not in headers or not body or len(body) > limit_bytes:
        return body
    coding = headers["content-encoding"].lower()
    return body if coding == "identity" else _decompress(body, coding, limit_bytes)


def _decompress(body: bytes, coding: str, limit_bytes: int) -> bytes:
    window_bits = _WINDOW_BITS.get(coding)
    if window_bits is None:
        # https://www.rfc-editor.org/rfc/rfc9110#section-15.5.16
        raise UnsupportedMediaTypeError(
            "The Content-Encoding of a request must be gzip or deflate.", headers={"Accept-Encoding": "gzip, deflate"}
        )
    unpacking = zlib.decompressobj(window_bits)
    try:
        unpacked = unpacking.decompress(body, limit_bytes + 1)
    except zlib.error as error:
        raise UnreadableBodyError from error
    if len(unpacked) <= limit_bytes and (not unpacking.eof or unpacking.unused_data):
        raise UnreadableBodyError
    return unpacked
