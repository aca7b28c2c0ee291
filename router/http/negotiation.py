"""Content types of the GraphQL door: which one the client sends, and which one it gets.

https://graphql.github.io/graphql-over-http/draft/#sec-Media-Types
"""

from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
MULTIPART = "multipart/mixed"

_OFFERED = (JSON, GRAPHQL_RESPONSE)
_FULL = {media_type: f"{media_type}; charset=utf-8" for media_type in _OFFERED}


@lru_cache(maxsize=256)
def response_content_type(accept: str | None) -> str | None:
    """The content type to answer with, or ``None`` if the client accepts neither.

    The higher weight wins, then what stands first; a wildcard stands for ``application/json``, which every client can
    read. No header accepts everything.
    https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
    """
    if not accept or not accept.strip():
        return _FULL[JSON]
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    best: tuple[float, int, str] | None = None
    for offered in _OFFERED:
        matches = [
            (_specificity(media_range), weight, -index)
            for index, (media_range, weight) in enumerate(ranges)
            if _covers(media_range, offered)
        ]
        if not matches:
            continue
        _, weight, position = max(matches)  # the most specific range says the weight
        if weight > 0 and (best is None or (weight, position) > best[:2]):
            best = (weight, position, offered)
    return _FULL[best[2]] if best else None


@lru_cache(maxsize=256)
def takes_deferred_parts(accept: str | None) -> bool:
    """Whether the client says that it reads the multipart format of deferred parts, in the edition that we write."""
    for part in (accept or "").split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if media_range == MULTIPART and "deferspec=20220824" in (text.replace('"', "") for text in parameters):
            return _range(part)[1] > 0
    return False


@lru_cache(maxsize=256)
def is_json(content_type: str | None) -> bool:
    """Whether a body of this content type is read as JSON; JSON is UTF-8 and nothing else."""
    if content_type is None:
        return False
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [value.strip('"') for name, _, value in (p.partition("=") for p in parameters) if name == "charset"]
    return media_type == JSON and all(charset in ("utf-8", "utf8") for charset in charsets)


def _range(part: str) -> tuple[str, float]:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weight = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            weight = _weight(value)
    return media_range, weight


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _covers(media_range: str, media_type: str) -> bool:
    return media_range in (media_type, "*/*", "application/*")


def _specificity(media_range: str) -> int:
    return 2 - media_range.count("*")
