"""The headers that carry a trace from one program to the next.

https://www.w3.org/TR/2021/REC-trace-context-1-20211123/ and https://www.w3.org/TR/2024/CR-baggage-20240530/. What other
programs put there for each other, ``tracestate`` and ``baggage``, is passed on as it came.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from multidict import CIMultiDictProxy

SAMPLED = 1

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_LIMIT_CARRIED_CHARACTERS = 8192


@dataclass(frozen=True, slots=True)
class Caller:
    """Where a request stands in the trace of whoever sent it.

    Attributes:
        flags: The lowest bit says whether the caller records the trace.
    """

    trace_id: str
    span_id: str
    flags: int

    @property
    def is_sampled(self) -> bool:
        """Whether the caller records the trace."""
        return bool(self.flags & SAMPLED)


def read_caller(headers: CIMultiDictProxy[str]) -> Caller | None:
    """What ``traceparent`` says, if it says it well."""
    if "traceparent" not in headers:
        return None
    texts = headers.getall("traceparent")
    match = _TRACEPARENT.fullmatch(texts[0])
    # Two are none, and what a later version may add to the text, this one may not.
    if match is None or len(texts) > 1 or (match[4] and texts[0].startswith("00")):
        return None
    return Caller(match[1], match[2], int(match[3], 16))


def traceparent(trace_id: str, span_id: str, flags: int) -> str:
    """The header for what is called from this span."""
    return f"00-{trace_id}-{span_id}-{flags:02x}"


def read_carried(headers: CIMultiDictProxy[str], names: Collection[str]) -> dict[str, str]:
    """The headers with these names that are to be passed on, each on one line."""
    carried = {}
    for name in names:
        if name in headers:
            text = ",".join(headers.getall(name))
            if len(text) <= _LIMIT_CARRIED_CHARACTERS:
                carried[name] = text
    return carried
