"""Content types of the GraphQL door: which one the client sends, and which one it gets.

https://http-spec.graphql.org/September2026/#sec-Media-Types
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
MULTIPART = "multipart/mixed"

_OFFERED = (JSON, GRAPHQL_RESPONSE)
_UTF_8 = ("utf-8", "utf8")
_QUALITY = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """How an answer is written.

    Attributes:
        content_type: With its charset.
        hides_request_errors: The client named ``application/json``. It cannot tell an error of ours from one of a
            proxy on the way by anything but the status, so what is wrong with its operation is told with status 200.
    """

    content_type: str
    hides_request_errors: bool = False


@dataclass(frozen=True, slots=True)
class _Range:
    """One media range of an ``Accept`` header."""

    name: str
    weight: float
    position: int

    @property
    def specificity(self) -> int:
        return 2 - self.name.count("*")

    def covers(self, media_type: str) -> bool:
        return self.name in (media_type, "*/*", "application/*")


@lru_cache(maxsize=256)
def accepted(accept: str | None) -> tuple[ResponseFormat | None, bool]:
    """What a client takes: ``response_format`` and ``takes_deferred_parts``, found out together."""
    return response_format(accept), takes_deferred_parts(accept)


def response_format(accept: str | None) -> ResponseFormat | None:
    """How to answer, or ``None`` if the client accepts nothing that is offered.

    The higher weight wins, then what stands first; a wildcard stands for ``application/json``, which every client can
    read. No header accepts everything.
    https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
    """
    if not accept or not accept.strip():
        return ResponseFormat(_with_charset(JSON))
    ranges = _ranges(accept)
    best: tuple[float, int, str, _Range] | None = None
    for offered in _OFFERED:
        matches = [each for each in ranges if each.covers(offered)]
        if not matches:
            continue
        found = max(matches, key=lambda each: (each.specificity, each.weight, -each.position))
        rank = (found.weight, -found.position)  # the most specific range says the weight
        if found.weight > 0 and (best is None or rank > best[:2]):
            best = (*rank, offered, found)
    if best is None:
        return None
    *_, chosen, named = best
    return ResponseFormat(_with_charset(chosen), hides_request_errors=named.name == JSON)


def takes_deferred_parts(accept: str | None) -> bool:
    """Whether the client says that it reads the multipart format of deferred parts, in the edition that we write."""
    for part in _split(accept or "", ","):
        media_range, *parameters = (piece.strip().lower() for piece in _split(part, ";"))
        if media_range == MULTIPART and "deferspec=20220824" in (text.replace('"', "") for text in parameters):
            return _weight(parameters) > 0
    return False


@lru_cache(maxsize=256)
def is_json(content_type: str | None) -> bool:
    """Whether a body of this content type is read as JSON; JSON is UTF-8 and nothing else."""
    if content_type is None:
        return False
    media_type, *parameters = (part.strip().lower() for part in _split(content_type, ";"))
    return media_type == JSON and _is_utf_8(parameters)


def _ranges(accept: str) -> list[_Range]:
    """The media ranges that an answer in UTF-8 can be in."""
    found: list[_Range] = []
    for position, part in enumerate(_split(accept, ",")):
        name, *parameters = (piece.strip().lower() for piece in _split(part, ";"))
        if name and _is_utf_8(parameters):
            found.append(_Range(name, _weight(parameters), position))
    return found


def _weight(parameters: Iterable[str]) -> float:
    """The ``q`` of a range; what is no number is a refusal."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            return min(float(value), 1.0) if _QUALITY.fullmatch(value) else 0.0
    return 1.0


def _is_utf_8(parameters: Iterable[str]) -> bool:
    named = (parameter.partition("=") for parameter in parameters)
    return all(value.strip('"') in _UTF_8 for name, _, value in named if name == "charset")


def _split(text: str, separator: str) -> list[str]:
    """Split at separators that do not stand in quotes."""
    if '"' not in text:
        return text.split(separator)
    parts, start, quoted, escaped = list[str](), 0, False, False
    for index, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == '"':
            quoted = not quoted
        elif quoted:
            escaped = character == "\\"
        elif character == separator:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8"
