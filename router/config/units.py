"""Values with units, as they stand in the configuration: ``50ms``, ``5m``, ``1MB``."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_NEEDS_UNIT = "a duration is a number with a unit, such as 50ms, 10s, 5m or 24h"
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
    raise ValueError(_NEEDS_UNIT)


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


def format_duration(seconds: float) -> str:
    """The shortest text that ``parse_duration`` reads as ``seconds``: ``50ms``, ``5m``, ``1.5s``."""
    for unit in ("d", "h", "m", "s"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{seconds / _SECONDS[unit]:g}{unit}"
    return f"{seconds:g}s" if seconds >= 1 or seconds == 0 else f"{round(seconds * 1000, 6):g}ms"


def _from_file_or_code(value: object, info: ValidationInfo) -> float:
    if info.mode == "json" and isinstance(value, float):
        raise ValueError(_NEEDS_UNIT)  # in a file 5.0 is as unclear as 5; in code it is seconds
    return parse_duration(value)


_DURATION_SCHEMA = {"type": "string", "examples": ["50ms", "10s", "5m", "24h"]}

_READ = BeforeValidator(_from_file_or_code)
_WRITE = PlainSerializer(format_duration, when_used="json")

Duration = Annotated[float, _READ, _WRITE, Field(ge=0), WithJsonSchema(_DURATION_SCHEMA)]
"""Seconds, not negative."""

Interval = Annotated[float, _READ, _WRITE, Field(gt=0), WithJsonSchema(_DURATION_SCHEMA)]
"""Seconds, more than none: how long one window of a limit lasts, or how often something is done."""

Size = Annotated[
    int, BeforeValidator(parse_size), Field(ge=0), WithJsonSchema({"type": ["integer", "string"], "examples": ["1MB"]})
]
"""Bytes, not negative."""
