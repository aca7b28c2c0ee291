"""A configuration as text: merged, with every default, without secrets."""

from collections.abc import Mapping, Set

import yaml

from router.config.authentication import HeaderSource, RouterAuthentication
from router.config.document import Json
from router.config.model import Config
from router.redaction import REDACTED, is_secret_name, mask

# Private members of JSON Web Keys. https://www.rfc-editor.org/rfc/rfc7518#section-6
_PRIVATE_MEMBERS = frozenset({"k", "d", "p", "q", "dp", "dq", "qi", "oth"})
_VALUES_OF_HEADERS = {"name": "value", "named": "default"}
"""In header rules: where a header's name stands, and where its value."""


def show_config(config: Config) -> str:
    """``config`` as YAML that could be read again, but for what is redacted."""
    values = config.model_dump(mode="json", by_alias=True, exclude_none=True)
    shown = _redact(values, _credential_headers(config.authentication.router))
    return yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=120)


def _credential_headers(section: RouterAuthentication) -> Set[str]:
    """Headers that hold credentials here, whatever they are called."""
    sources = section.jwt.sources if section.jwt is not None else ()
    tokens = {source.name.lower() for source in sources if isinstance(source, HeaderSource)}
    return tokens | ({section.api_key.header.lower()} if section.api_key is not None else set())


def _redact(value: Json, headers: Set[str]) -> Json:
    if isinstance(value, dict):
        secret = _secret_keys(value, headers)
        return {key: REDACTED if key in secret else _redact(entry, headers) for key, entry in value.items()}
    if isinstance(value, list):
        return [_redact(entry, headers) for entry in value]
    return mask(value) if isinstance(value, str) else value


def _secret_keys(block: Mapping[str, Json], headers: Set[str]) -> Set[str]:
    """The keys of a block whose values are credentials."""
    found = {
        key
        for key, entry in block.items()
        if (key in _PRIVATE_MEMBERS and "kty" in block) or (isinstance(entry, str) and _is_secret(key, headers))
    }
    for name, value in _VALUES_OF_HEADERS.items():
        if value in block and _is_secret(str(block.get(name, "")), headers):
            found.add(value)
    return found


def _is_secret(name: str, headers: Set[str]) -> bool:
    return name.lower() in headers or is_secret_name(name)
