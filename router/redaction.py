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
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?|(?i:bearer|basic)(?:\s|%20)+[^\s\"'&,;]+")
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
    if isinstance(value, str):  # nearly always, so it is asked first
        return mask(value)
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
    masked = _TOKEN.sub(REDACTED, text)
    if "=" in masked:
        masked = _PARAMETER.sub(rf"\1{REDACTED}", masked)
    if "://" in masked:
        masked = _USER_INFO.sub(f"://{REDACTED}@", masked)
    return _PRIVATE_KEY.sub(REDACTED, masked) if "-----" in masked else masked


_mask_again = lru_cache(maxsize=4096)(_mask)


def is_secret_name(name: str) -> bool:
    """Whether a header, a parameter or a key of this name holds a credential, going by the name alone."""
    words = re.split(r"[-_.\s]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower())
    return not _SECRET_WORDS.isdisjoint(words) or any(
        word == "key" and before in _SECRET_KEYS for before, word in pairwise(words)
    )
