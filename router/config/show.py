"""A configuration as text: merged, with every default, without secrets."""

import re

import yaml

from router.config.document import Json
from router.config.model import Config

REDACTED = "[redacted]"

# Private members of JSON Web Keys, and what secrets are called. https://www.rfc-editor.org/rfc/rfc7518#section-6
_SECRET_NAMES = frozenset({"k", "d", "p", "q", "dp", "dq", "qi", "oth", "token", "secret", "password", "shared_key"})
_USER_INFO = re.compile(r"://[^/@\s]+@")


def show_config(config: Config) -> str:
    """``config`` as YAML that could be read again, but for what is redacted."""
    values = config.model_dump(mode="json", by_alias=True, exclude_none=True)
    return yaml.safe_dump(_redact(values), sort_keys=False, allow_unicode=True, width=120)


def _redact(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: REDACTED if key in _SECRET_NAMES else _redact(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_redact(entry) for entry in value]
    if not isinstance(value, str):
        return value
    return REDACTED if "PRIVATE KEY-----" in value else _USER_INFO.sub(f"://{REDACTED}@", value)
