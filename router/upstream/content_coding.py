"""Bodies that the other side compressed: gzip and deflate, never further than the limit."""

import zlib

from router.upstream.failures import MalformedResponseError, ResponseTooLargeError

_GZIP = zlib.MAX_WBITS | 16
_RAW = -zlib.MAX_WBITS


def decode_body(body: bytes, content_encoding: bytes, limit_bytes: int) -> bytes:
    """The body without its ``Content-Encoding``.

    Raises:
        MalformedResponseError: An unknown coding, or data that is damaged or cut off.
        ResponseTooLargeError: More than ``limit_bytes`` would come out.
    """
    # Codings are listed in the order in which they were applied.
    # https://www.rfc-editor.org/rfc/rfc9110#section-8.4
    for coding in reversed(content_encoding.decode("latin-1").lower().split(",")):
        match coding.strip():
            case "" | "identity":
                continue
            case "gzip" | "x-gzip":
                body = _inflate(body, _GZIP, limit_bytes)
            case "deflate":
                body = _inflate_deflate(body, limit_bytes)
            case unknown:
                raise MalformedResponseError(f"content-encoding {unknown!r} was not asked for")
    return body


def _inflate_deflate(body: bytes, limit_bytes: int) -> bytes:
    """``deflate`` means the zlib format, but some servers send the bare stream that the name suggests."""
    try:
        return _inflate(body, zlib.MAX_WBITS, limit_bytes)
    except MalformedResponseError:
        return _inflate(body, _RAW, limit_bytes)


def _inflate(body: bytes, window_bits: int, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    room = limit_bytes
    rest = body
    # A gzip body may have several members, one behind the other. https://www.rfc-editor.org/rfc/rfc1952#section-2.2
    while rest:
        decompressor = zlib.decompressobj(window_bits)
        try:
            part = decompressor.decompress(rest, room + 1)
        except zlib.error as error:
            raise MalformedResponseError(f"the compressed body is damaged: {error}") from error
        room -= len(part)
        if room < 0:
            raise ResponseTooLargeError(f"the decompressed body has more than {limit_bytes} bytes")
        if not decompressor.eof:
            raise MalformedResponseError("the compressed body is cut off")
        parts.append(part)
        rest = decompressor.unused_data
    return b"".join(parts)
