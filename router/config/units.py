"""Values with units, as they stand in the configuration: ``50ms``, ``5m``, ``1MB``."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([KMG]?i?B)", re.IGNORECASE)


def parse_duration(value: object) -> float:
    """Seconds of a duration such as ``50ms``, ``10s``, ``5m``, ``24h``, ``7d`` or ``1h30m``.

    ``0`` needs no unit. A ``float`` passes through, so that defaults are written in seconds. Raises ``ValueError``.
    """
    if isinstance(value, float) or (value == 0 and not isinstance(value, bool)):
        return float(value)
    if isinstance(value, str) and _DURATION.fullmatch(value.strip()):
        return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(value))
    raise ValueError("a duration is a number with a unit, such as 50ms, 10s, 5m or 24h")


def parse_size(value: object) -> int:
    """Bytes of a size such as ``500KB``, ``1MB``, ``1MiB``, or of a plain integer. Raises ``ValueError``."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = value.strip()
        if text.isdecimal():
            return int(text)
        if match := _SIZE.fullmatch(text):
            return int(float(match[1]) * _BYTES[match[2].upper()])
    raise ValueError("a size is a number of bytes, or a number with a unit, such as 500KB or 1MB")


_DURATION_SCHEMA = {"type": "string", "examples": ["50ms", "10s", "5m", "24h"]}

Duration = Annotated[float, BeforeValidator(parse_duration), Field(ge=0), WithJsonSchema(_DURATION_SCHEMA)]
"""Seconds, not negative."""

Interval = Annotated[float, BeforeValidator(parse_duration), Field(gt=0), WithJsonSchema(_DURATION_SCHEMA)]
"""Seconds, more than none: how long one window of a limit lasts, or how often something is done."""

Size = Annotated[
    int, BeforeValidator(parse_size), Field(ge=0), WithJsonSchema({"type": ["integer", "string"], "examples": ["1MB"]})
]
"""Bytes, not negative."""
