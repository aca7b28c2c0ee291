"""Paths of requests and templates of routes.

A path is compared by its segments, each decoded once: ``/orders/a%2Fb`` has the segments ``orders`` and ``a/b``. What
could be read differently by a server behind us is not made harmless but refused, because no client sends it by
accident: ``.`` and ``..`` in any disguise, control characters, backslashes, broken percent encoding, empty segments
(but for a slash at the end, which counts as one empty segment). https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote, unquote_to_bytes

from router.rest.errors import BadPathError

_BROKEN_ENCODING = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DECODINGS = 3

# What a segment may hold as it is. https://www.rfc-editor.org/rfc/rfc3986#section-3.3
_SEGMENT_SAFE = "-._~!$&'()*+,;=:@"


def split_path(raw: str) -> tuple[str, ...]:
    """The decoded segments of a raw path, which begins with a slash.

    Raises:
        BadPathError: No server should have to guess what this path means.
    """
    if not raw.startswith("/"):
        raise BadPathError("The path must begin with a slash.")
    if _BROKEN_ENCODING.search(raw):
        raise BadPathError("The percent encoding of the path is broken.")
    segments = tuple(map(_decode, raw[1:].split("/")))
    if "" in segments[:-1]:
        raise BadPathError("The path has an empty segment.")
    return segments


def join_path(segments: Sequence[str]) -> str:
    """The path of decoded segments, encoded in the one canonical way."""
    return "/" + "/".join(quote(segment, safe=_SEGMENT_SAFE) for segment in segments)


def is_ambiguous(segment: str) -> bool:
    """Whether a server could find a path separator in a decoded segment."""
    return any("/" in text for text in _further_decoded(segment))


def _decode(raw: str) -> str:
    try:
        segment = unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode()
    except UnicodeDecodeError:
        raise BadPathError("The path is not UTF-8.") from None
    for text in _further_decoded(segment):
        if any(character < " " or character in "\\\x7f" for character in text):
            raise BadPathError("The path has a control character or a backslash.")
        # Some servers take ``..;x`` for ``..``: they drop the parameters of a segment before they resolve it.
        if any(part.partition(";")[0] in (".", "..") for part in text.split("/")):
            raise BadPathError("The path has a . or .. segment.")
    return segment


def _further_decoded(segment: str) -> list[str]:
    """The segment as it is, and as servers see it that decode once or twice more than they should."""
    texts = [segment]
    while "%" in texts[-1] and len(texts) < _DECODINGS:
        texts.append(unquote(texts[-1]))
    return texts


@dataclass(frozen=True, slots=True)
class Part:
    """One segment of a template: plain text, ``{name}``, or ``{name*}``."""

    kind: Literal["text", "one", "rest"]
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """The path of a route."""

    text: str
    parts: tuple[Part, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters."""
        return tuple(part.text for part in self.parts if part.kind != "text")

    def match(self, segments: Sequence[str]) -> Mapping[str, str] | None:
        """The parameters, decoded, if the path fits. ``{rest*}`` takes everything that is left, also nothing."""
        parameters: dict[str, str] = {}
        for index, part in enumerate(self.parts):
            if part.kind == "rest":
                parameters[part.text] = "/".join(segments[index:])
                return parameters
            if index >= len(segments) or not _fits(part, segments[index]):
                return None
            if part.kind == "one":
                parameters[part.text] = segments[index]
        return parameters if len(segments) == len(self.parts) else None

    def covers(self, other: "Template") -> bool:
        """Whether every path that fits ``other`` fits this one."""
        for index, part in enumerate(self.parts):
            if part.kind == "rest":
                return True
            if index >= len(other.parts) or not _covers(part, other.parts[index]):
                return False
        return len(self.parts) == len(other.parts)


def _fits(part: Part, segment: str) -> bool:
    return segment == part.text if part.kind == "text" else segment != ""


def _covers(part: Part, other: Part) -> bool:
    if part.kind == "text":
        return other == part
    return other.kind == "one" or (other.kind == "text" and other.text != "")


def parse_template(text: str) -> Template:
    """Read a template that the configuration has checked."""
    return Template(text, tuple(map(_part, text[1:].split("/"))))


def _part(segment: str) -> Part:
    if segment.endswith("*}"):
        return Part("rest", segment[1:-2])
    return Part("one", segment[1:-1]) if segment.startswith("{") else Part("text", segment)
