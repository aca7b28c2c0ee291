"""The request id: the caller's if it is harmless, else a new one."""

import os
import re
from collections.abc import Callable

from multidict import istr

from router.policy.pipeline import PromptPolicy
from router.policy.request import Request, Response

_HARMLESS = re.compile(r"[\w.:-]{1,128}", re.ASCII)
_BULK_BYTES = 4096
# https://www.rfc-editor.org/rfc/rfc9562#section-5.4: four bits of two of the sixteen bytes are not random.
_VERSION = bytes(byte & 0x0F | 0x40 for byte in range(256))
_VARIANT = bytes(byte & 0x3F | 0x80 for byte in range(256))


class RandomIds:
    """Makes random UUIDs in bulk: asking the system for the randomness of a single one costs 13 µs.

    The first bulk is made for the first id, so that processes that are forked before do not give the same ones.
    """

    def __init__(self) -> None:
        self._ready: list[str] = []

    def __call__(self) -> str:
        """A new one."""
        if not self._ready:
            self._ready = _make_uuids()
        return self._ready.pop()


class RequestId(PromptPolicy):
    """Gives every request an id, and tells it to the client."""

    name = "request_id"
    priority = 3000

    def __init__(self, *, header: str, echo: bool, make: Callable[[], str]) -> None:
        self._header = istr(header)
        self._echo = echo
        self._make = make

    def decide(self, request: Request) -> Response | None:
        """Set ``request.id``."""
        request.id = self._given(request) or self._make()
        if self._echo:
            request.response_headers[self._header] = request.id
        return None

    def _given(self, request: Request) -> str:
        """The caller's id. It goes into logs and headers: one of another form, or a second one, is not taken over."""
        if self._header not in request.headers:
            return ""
        given = request.headers.getall(self._header)
        return given[0] if len(given) == 1 and _HARMLESS.fullmatch(given[0]) else ""


def _make_uuids() -> list[str]:
    raw = bytearray(os.urandom(_BULK_BYTES))
    raw[6::16] = raw[6::16].translate(_VERSION)
    raw[8::16] = raw[8::16].translate(_VARIANT)
    text = raw.hex()
    return [_dashed(text[start : start + 32]) for start in range(0, len(text), 32)]


def _dashed(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
