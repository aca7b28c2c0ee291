"""JSON in and out of the executor.

msgspec decodes: it is strict (no NaN, no lone surrogates, nothing after the document) and keeps integers of any size.
orjson encodes, being faster; what it refuses (integers beyond 64 bits, more than 254 levels) msgspec encodes.
"""

import msgspec
import orjson

_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()


class MalformedJSONError(ValueError):
    """Bytes that are not JSON, or a value that cannot be written as JSON."""


def decode_json(body: bytes) -> object:
    """The value that ``body`` holds; raises ``MalformedJSONError``."""
    try:
        value: object = _decoder.decode(body)
    except (ValueError, RecursionError) as error:
        raise MalformedJSONError(str(error)) from error
    return value


def encode_json(value: object) -> bytes:
    """``value`` as JSON; raises ``MalformedJSONError``."""
    try:
        return orjson.dumps(value)
    except TypeError:
        pass
    try:
        return _encoder.encode(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise MalformedJSONError(str(error)) from error


def fits_in_response(value: object) -> bool:
    """Whether every encoder can write ``value`` into a response: it is not too deep, and its integers not too large."""
    try:
        orjson.dumps([[[[[[[[value]]]]]]]])
    except TypeError:
        return False
    return True
