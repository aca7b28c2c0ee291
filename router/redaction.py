"""What must not be read by whoever reads logs, traces and configurations.

    access log, log lines, spans, ``config show`` ──▶ redaction ──▶ text without credentials
                                                      ▲ you are here

A credential is known by where it stands (a header, a parameter or a key of that name) or by its looks (tokens, what
follows ``Bearer``, passwords in URLs). Neither is enough by itself, so all who show anything ask for both.
"""

import re
from functools import lru_cache
from itertools import pairwise

REDACTED = "[redacted]"

_LIMIT_REMEMBERED = 256
_JWT = "eyJ"
"""What JSON objects in base64 begin with, and so tokens."""

_RUN = re.compile(r"[\w.-]+")
_SCHEME = re.compile(r"(?i:bearer|basic)(?:\s|%20)+[^\s\"'&,;]+")
_USER_INFO = re.compile(r"://[^/@\s]+@")
_PARAMETER = re.compile(
    r"(?i)([?&](?:[\w.-]*[_.-])?(?:token|jwt|secret|password|api_?key|key|signature|sig)=)[^&\s#\"']+"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_SECRET_WORDS = frozenset({
    "authorization", "cookie", "token", "secret", "password", "passwd", "passphrase", "credential", "credentials",
    "apikey", "signature",
})  # fmt: skip
_SECRET_KEYS = frozenset({"api", "private", "shared", "access", "secret", "signing", "encryption"})


def redact(value: object) -> object:
    """The value with everything that looks like a credential masked; strings, and lists and dicts of them."""
    if isinstance(value, str):  # nearly always, so it is asked first, and ``mask`` spared
        return _mask_again(value) if len(value) <= _LIMIT_REMEMBERED else _mask(value)
    match value:
        case list() | tuple():
            return [redact(item) for item in value]
        case dict():
            return {key: redact(item) for key, item in value.items()}
        case _:
            return value


def mask(text: str) -> str:
    """The text with everything that looks like a credential masked."""
    # Paths, names and hashes come again and again, and looking for tokens in one costs as much as the rest of a line.
    return _mask_again(text) if len(text) <= _LIMIT_REMEMBERED else _mask(text)


def _mask(text: str) -> str:
    masked = _SCHEME.sub(REDACTED, text)
    if _JWT in masked:
        masked = _RUN.sub(_mask_jwt, masked)
    if "=" in masked:
        masked = _PARAMETER.sub(rf"\1{REDACTED}", masked)
    if "://" in masked:
        masked = _USER_INFO.sub(f"://{REDACTED}@", masked)
    return _PRIVATE_KEY.sub(REDACTED, masked) if "-----" in masked else masked


def _mask_jwt(run: re.Match[str]) -> str:
    """A run of characters that tokens are made of, without the token in it."""
    # Not one pattern for the whole: it would begin anew at every eyJ of a text that is made of them, and a request
    # with such a path would hold up all others for seconds.
    text = run[0]
    start = text.find(_JWT)
    dot = text.find(".", start + len(_JWT) + 1)
    return text if start < 0 or dot < 0 or dot + 1 == len(text) else text[:start] + REDACTED


_mask_again = lru_cache(maxsize=4096)(_mask)


def is_secret_name(name: str) -> bool:
    """Whether a header, a parameter or a key of this name holds a credential, going by the name alone."""
    words = re.split(r"[-_.\s]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower())
    return not _SECRET_WORDS.isdisjoint(words) or any(
        word == "key" and before in _SECRET_KEYS for before, word in pairwise(words)
    )
