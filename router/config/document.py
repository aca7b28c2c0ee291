"""YAML text with positions, and the deep merge of several files.

    files ──▶ document ──▶ expand ──▶ load ──▶ Config
              ▲ you are here

PyYAML's node tree keeps the mark of every node; ``Document`` keeps the merged values and, beside them, for every path
the place where it was written, so that a mistake found later can be shown where the user made it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from router.config.problems import ConfigError, ConfigProblem

Json = bool | int | float | str | None | list["Json"] | dict[str, "Json"]
KeyPath = tuple[str | int, ...]

_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")}
_MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key or value was written; ``folder`` is what relative paths in it start from."""

    file: str
    line: int
    column: int

    @property
    def folder(self) -> Path:
        """The folder of the file."""
        return Path(self.file).parent


@dataclass(slots=True)
class Document:
    """Merged values and the place of each of them; a mapping's entry has the place of its key."""

    values: dict[str, Json] = field(default_factory=dict)
    places: dict[KeyPath, Place] = field(default_factory=dict)

    def place_of(self, path: KeyPath) -> Place:
        """The place of ``path``, or of its closest ancestor that was written."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place("", 0, 0))


def read_documents(paths: Sequence[Path]) -> Document:
    """Read YAML files and merge them: later files win key by key, lists are replaced. Raises ``ConfigError``."""
    merged = Document()
    for path in paths:
        document = parse_document(_read(path), file=str(path))
        merged.places.setdefault((), document.places[()])
        _merge(merged, merged.values, document, document.values, ())
    return merged


def parse_document(text: str, *, file: str) -> Document:
    """Parse one YAML text. Raises ``ConfigError``."""
    document = Document(places={(): Place(file, 1, 1)})
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise ConfigError([ConfigProblem(file, line, column, f"not YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise ConfigError([ConfigProblem(file, 0, 0, f"not YAML: {error}")]) from error
    if root is None:
        return document
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError([_problem_at(root, file, "the file must hold a mapping of keys")])
    values = _value(root, file, (), document.places)
    assert isinstance(values, dict)
    document.values = values
    return document


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError([ConfigProblem(str(path), 0, 0, "no such file")]) from error
    except OSError as error:
        raise ConfigError([ConfigProblem(str(path), 0, 0, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([ConfigProblem(str(path), 0, 0, "not UTF-8 text")]) from error


def _value(node: yaml.Node, file: str, path: KeyPath, places: dict[KeyPath, Place]) -> Json:
    places.setdefault(path, Place(file, node.start_mark.line + 1, node.start_mark.column + 1))
    if len(path) > _MAX_DEPTH:
        raise ConfigError([_problem_at(node, file, "nested too deeply")])
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, file, path, places)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, file, (*path, index), places) for index, item in enumerate(node.value)]
    _check_text(node, file)
    if node.tag not in _PLAIN_TAGS:  # dates and the like stay the text that they are
        return str(node.value)
    try:
        value: Json = yaml.SafeLoader("").construct_object(node)
    except (ValueError, KeyError) as error:  # a tag was written that does not fit, such as !!int x
        kind = node.tag.rpartition(":")[2]
        raise ConfigError([_problem_at(node, file, f'"{node.value}" is no {kind}')]) from error
    return value


def _mapping(node: yaml.MappingNode, file: str, path: KeyPath, places: dict[KeyPath, Place]) -> dict[str, Json]:
    values: dict[str, Json] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == "tag:yaml.org,2002:merge":
            raise ConfigError([_problem_at(key_node, file, "a key must be plain text")])
        _check_text(key_node, file)
        key = key_node.value
        if key in values:
            raise ConfigError([_problem_at(key_node, file, f'"{key}" is written twice')])
        places[(*path, key)] = Place(file, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        values[key] = _value(value_node, file, (*path, key), places)
    return values


def _check_text(node: yaml.Node, file: str) -> None:
    """Refuse half a surrogate pair, which YAML can write and nothing can send."""
    if any("\ud800" <= character <= "\udfff" for character in node.value):
        raise ConfigError([_problem_at(node, file, "half of a surrogate pair is not text")])


def _problem_at(node: yaml.Node, file: str, message: str) -> ConfigProblem:
    return ConfigProblem(file, node.start_mark.line + 1, node.start_mark.column + 1, message)


def _merge(
    into: Document, target: dict[str, Json], source: Document, values: Mapping[str, Json], path: KeyPath
) -> None:
    """Put ``values`` into ``target``, mapping by mapping, and their places with them."""
    for key, value in values.items():
        here = (*path, key)
        old = target.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(into, old, source, value, here)
            continue
        _replace_places(into, source, here)
        target[key] = value


def _replace_places(into: Document, source: Document, path: KeyPath) -> None:
    depth = len(path)
    for old in [known for known in into.places if known[:depth] == path]:
        del into.places[old]
    into.places.update({known: place for known, place in source.places.items() if known[:depth] == path})
