"""From files to a ``Config``, with every mistake shown where it was made.

    files ──▶ document ──▶ expand ──▶ load ──▶ Config
                                      ▲ you are here

Everything is checked in one go, so that one run shows all there is to mend.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import orjson
import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from router.config.document import Document, Json, KeyPath, read_documents
from router.config.documented import is_documented
from router.config.expand import expand
from router.config.keys import nearest_key
from router.config.model import Config
from router.config.problems import ConfigError, ConfigProblem
from router.config.section import Section
from router.redaction import is_secret_name

# Files that a configuration names are looked for beside the file that names them.
_FILE_KEYS = (
    ("supergraph", "source", "file"),
    ("subgraphs", "*", "schema", "file"),
    ("subgraphs", "*", "schema", "python_path"),
    ("authentication", "router", "jwt", "jwks", "*", "file"),
    ("authentication", "router", "api_key", "store", "file"),
    ("authentication", "router", "api_key", "store", "sqlite"),
    ("authentication", "router", "basic", "users_file"),
    ("rest", "routes", "*", "operation"),
    ("tls", "supergraph", "certificate"),
    ("tls", "supergraph", "key"),
    ("tls", "supergraph", "client_auth", "ca"),
    ("tls", "subgraph", "all", "certificate_authorities"),
    ("tls", "subgraph", "all", "certificate"),
    ("tls", "subgraph", "all", "key"),
    ("tls", "subgraph", "subgraphs", "*", "certificate_authorities"),
    ("tls", "subgraph", "subgraphs", "*", "certificate"),
    ("tls", "subgraph", "subgraphs", "*", "key"),
)
S = TypeVar("S", bound=Section)

_WRONG_SCALAR = frozenset({"bool_type", "int_type", "float_type"})


def load_config(paths: Sequence[Path], environ: Mapping[str, str]) -> Config:
    """The gateway's configuration from ``paths``; without files, the defaults. Raises ``ConfigError``."""
    return load_section(Config, paths, environ)


def load_section(model: type[S], paths: Sequence[Path], environ: Mapping[str, str]) -> S:
    """Read, merge, expand and check files of the shape ``model``.

    Raises ``ConfigError`` with all mistakes at once (a file that is not YAML hides what is behind it).
    """
    document = read_documents(paths)
    expanded = expand(document, environ)
    _look_for_python_beside(document.values)
    for pattern in _FILE_KEYS:
        document.values = _absolute(document.values, pattern, document, ())  # type: ignore[assignment] # a mapping stays one
    try:
        return _validate(model, document.values)
    except ValidationError as error:
        if not _retype(document.values, expanded, error):
            raise ConfigError(_problems(error, document, model)) from error
    try:
        return _validate(model, document.values)
    except ValidationError as error:
        raise ConfigError(_problems(error, document, model)) from error


def _validate(model: type[S], values: Mapping[str, Json]) -> S:
    # Strict JSON rules: "15" is not a number and 1 is not true, but a list is a tuple and text is an address.
    return model.model_validate_json(orjson.dumps(values, option=orjson.OPT_NON_STR_KEYS), strict=True)


def _retype(values: dict[str, Json], expanded: frozenset[KeyPath], error: ValidationError) -> bool:
    """Read expanded strings as YAML scalars where a number or a boolean is wanted; whether any was."""
    changed = False
    for detail in error.errors():
        path = _path(detail, values)
        if detail["type"] in _WRONG_SCALAR and path in expanded:
            owner: Json = values
            for step in path[:-1]:
                owner = owner[step]  # type: ignore[index] # the path was found in these values
            owner[path[-1]] = yaml.safe_load(str(detail["input"]))  # type: ignore[index] # likewise
            changed = True
    return changed


def _look_for_python_beside(values: dict[str, Json]) -> None:
    """Let Python schemas without a ``python_path`` be looked for in the folder of the file that names them."""
    subgraphs = values.get("subgraphs")
    for subgraph in subgraphs.values() if isinstance(subgraphs, dict) else ():
        schema = subgraph.get("schema") if isinstance(subgraph, dict) else None
        if isinstance(schema, dict) and "python" in schema:
            schema.setdefault("python_path", ".")


def _absolute(value: Json, pattern: tuple[str, ...], document: Document, path: KeyPath) -> Json:
    """``value`` with the file names at ``pattern`` made absolute."""
    if not pattern:
        if not isinstance(value, str) or "-----BEGIN" in value:  # a certificate itself, not the name of its file
            return value
        return str(Path(document.place_of(path).folder, value).absolute())
    step, *rest = pattern
    if isinstance(value, dict):
        return {
            key: _absolute(entry, tuple(rest), document, (*path, key)) if step in ("*", key) else entry
            for key, entry in value.items()
        }
    if isinstance(value, list) and step == "*":
        return [_absolute(entry, tuple(rest), document, (*path, index)) for index, entry in enumerate(value)]
    return value


def _problems(error: ValidationError, document: Document, model: type[Section]) -> list[ConfigProblem]:
    found = [(_path(detail, document.values), detail) for detail in error.errors()]
    problems: dict[tuple[KeyPath, str], ConfigProblem] = {}
    for path, detail in found:
        # A value that fits no alternative is reported once for each: keep the alternatives that got further.
        if any(len(other) > len(path) and other[: len(path)] == path for other, _ in found):
            continue
        place = document.place_of(path)
        message = f"{'.'.join(map(str, path)) or 'the file'}: {_message(path, detail, model)}"
        problems.setdefault((path, message), ConfigProblem(place.file, place.line, place.column, message))
    return list(problems.values())


def _path(detail: ErrorDetails, values: Json) -> KeyPath:
    """The keys of an error's location, without pydantic's names for alternatives."""
    path: list[str | int] = []
    location = detail["loc"]
    for index, step in enumerate(location):
        inside = isinstance(values, dict) and step in values
        if inside or (isinstance(values, list) and isinstance(step, int) and step < len(values)):
            values = values[step]  # type: ignore[index] # just tested
            path.append(step)
        elif index == len(location) - 1 and detail["type"] == "missing":
            path.append(step)
    return tuple(path)


def _message(path: KeyPath, detail: ErrorDetails, model: type[Section]) -> str:
    if detail["type"] == "extra_forbidden":
        if is_documented(path):
            return "not supported in this version"
        nearest = nearest_key(model, path)
        return "unknown key" + (f'; did you mean "{nearest}"?' if nearest else "")
    if detail["type"] == "missing":
        return "is missing"
    given = detail["input"]
    text = detail["msg"].removeprefix("Value error, ")
    text = text[:1].lower() + text[1:]
    if isinstance(given, dict | list) or given is None or _may_be_secret(path):
        return text
    return f"{text} (given: {given!r})"


def _may_be_secret(path: KeyPath) -> bool:
    """Whether the value at ``path`` must not be quoted; ``value`` and ``default`` are those of header rules."""
    name = str(path[-1]) if path else ""
    return name in ("value", "default", "k") or is_secret_name(name)
