"""``${env.NAME}``, ``${env.NAME:-default}`` and ``${file.PATH}`` in configuration strings.

    files ──▶ document ──▶ expand ──▶ load ──▶ Config
                           ▲ you are here

Only strings are expanded, and what comes out is not expanded again: a secret that holds ``${`` stays as it is.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from router.config.document import Document, Json, KeyPath
from router.config.problems import ConfigError, ConfigProblem

_REFERENCE = re.compile(r"\$\{(?P<kind>\w+)\.(?P<name>[^}]*?)(?::-(?P<default>[^}]*))?\}")


def expand(document: Document, environ: Mapping[str, str]) -> frozenset[KeyPath]:
    """Expand every string of ``document`` in place; returns the paths of those that changed.

    Raises ``ConfigError`` with every reference that leads nowhere.
    """
    changed: set[KeyPath] = set()
    problems: list[ConfigProblem] = []

    def visit(value: Json, path: KeyPath) -> Json:
        if isinstance(value, dict):
            return {key: visit(entry, (*path, key)) for key, entry in value.items()}
        if isinstance(value, list):
            return [visit(entry, (*path, index)) for index, entry in enumerate(value)]
        if not isinstance(value, str) or "${" not in value:
            return value
        place = document.place_of(path)
        try:
            expanded = _REFERENCE.sub(lambda match: _resolve(match, environ, place.folder), value)
        except LookupError as error:
            problems.append(ConfigProblem(place.file, place.line, place.column, str(error.args[0])))
            return value
        changed.add(path)
        return expanded

    document.values = {key: visit(value, (key,)) for key, value in document.values.items()}
    if problems:
        raise ConfigError(problems)
    return frozenset(changed)


def _resolve(match: re.Match[str], environ: Mapping[str, str], folder: Path) -> str:
    name, default = match["name"], match["default"]
    match match["kind"]:
        case "env":
            value = environ.get(name) or default
            if value is None and name not in environ:
                raise LookupError(f"{name} is not set in the environment; write ${{env.{name}:-default}} if it may be")
            return value or ""
        case "file":
            try:
                return (folder / name).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                if default is not None:
                    return default
                raise LookupError(f"the file {name} cannot be read") from error
        case kind:
            raise LookupError(f"${{{kind}.…}} is not known; there are ${{env.NAME}} and ${{file.PATH}}")
