"""The skeleton of a document: what operations have in common that differ in literals, aliases and layout only.

    document ──▶ skeleton ──▶ template of that skeleton ──▶ Operation
                 ▲ you are here

Clients that write values into the text send a new document with every request. Reading its skeleton is one pass of a
regular expression, which takes a hundredth of what parsing, validating and planning take. ``template`` says when an
operation that was made for one document of a skeleton answers another.

The rules:

* Two valid documents have the same key only if each becomes the other by exchanging literals (numbers, strings and
  flat lists of them), exchanging aliases, and moving white space, commas and comments.
* Equal literals stay equal: ``{ f(x: 1) f(x: 1) }`` merges and ``{ f(x: 1) f(x: 2) }`` does not, so the key numbers
  different literals in the order in which they come. Aliases likewise.
* An alias is exchanged only if nothing else in the document has that name.
* A document that is not valid has the key of a valid one only if one of its numbers or strings is malformed. So
  whoever takes literals out of a skeleton must read them strictly.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_IGNORED = r"(?:[\ \t\n\r,\ufeff]++|\#[^\n\r]*+)*+"
_STRING = r'"(?!"")(?:[^"\\\n\r]|\\.)*+"'
_NUMBER = r"-?[0-9][0-9A-Za-z_.]*+(?:(?<=[eE])[+-][0-9A-Za-z_.]*+)?+"

# Every character of a text is ignored or in exactly one lexeme. What no lexeme of the language begins with is a lexeme
# of its own, which no valid document has. The end matches too, once or twice, as an empty lexeme.
_LEXEME = re.compile(
    _IGNORED
    + r"""(
      [_A-Za-z][_0-9A-Za-z]*+
    | [{}():$!=@|&] | \.\.\.
    | \[ [\ \t\n\r,]*+ (?: (?:STRING|NUMBER) [\ \t\n\r,]*+ )++ \]
    | \"\"\" (?: [^"\\] | \\\"\"\" | \\ | "(?!"") )*+ \"\"\"
    | STRING | NUMBER
    | (?s:.)
    | \Z
    )""".replace("STRING", _STRING).replace("NUMBER", _NUMBER),
    re.VERBOSE,
)

_ITEM = re.compile(f"{_STRING}|{_NUMBER}")

_STARTS: Mapping[str, str] = {
    **dict.fromkeys("(:)", "punctuator"),
    **dict.fromkeys("-0123456789", "n"),
    '"': "s",
    "[": "l",
}
"""By first character, what is no name: literals are exchanged for literals of their kind only."""

_NOT_LITERALS = frozenset('"-[')
"""Alone, these begin a literal that does not end, or a list that is not flat."""

_HOLE = "\x00"
"""Begins the part that stands for a literal or an alias; a lexeme that begins so has nothing behind it."""


@dataclass(frozen=True, slots=True)
class Hole:
    """What a part of a skeleton stands for: the literal or the alias of that number."""

    number: int
    is_alias: bool


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """A document, taken apart.

    Attributes:
        key: Equal for documents of the same skeleton.
        parts: The lexemes, with holes for literals and aliases; see ``hole``.
        literals: The different literals in the order in which they come, as they were written.
        aliases: The different exchangeable aliases in the order in which they come.
    """

    key: str
    parts: Sequence[str]
    literals: tuple[str, ...]
    aliases: tuple[str, ...]

    @property
    def tokens(self) -> int:
        """How many tokens the document has. A flat list is one part, and many tokens."""
        count = len(self.parts)
        for part in self.parts:
            if part.startswith(f"{_HOLE}l"):
                count += len(list_items(self.literals[int(part[2:])])) + 1
        return count


def read_skeleton(document: str) -> Skeleton:
    """Take ``document`` apart; it need not be valid."""
    parts: list[str] = _LEXEME.findall(document)
    while parts and not parts[-1]:
        parts.pop()
    literals: dict[str, str] = {}
    aliases: dict[str, list[int]] = {}
    depth = 0
    for index, part in enumerate(parts):
        kind = _STARTS.get(part[:1])
        if kind is None:
            continue
        if kind != "punctuator":
            if part not in _NOT_LITERALS:
                parts[index] = literals.setdefault(part, f"{_HOLE}{kind}{len(literals)}")
        elif part == "(":
            depth += 1
        elif part == ")":
            depth -= 1
        elif depth == 0 and index:  # within parentheses, what stands before it is no alias but an argument
            aliases.setdefault(parts[index - 1], []).append(index - 1)
    exchanged = _exchange_aliases(parts, aliases) if aliases else ()
    return Skeleton(" ".join(parts), parts, tuple(literals), exchanged)


def list_items(literal: str) -> list[str]:
    """The literals in a literal that is a list."""
    return _ITEM.findall(literal)


def hole(part: str) -> Hole | None:
    """What ``part`` stands for; ``None`` if it is a lexeme."""
    if len(part) < 2 or not part.startswith(_HOLE):
        return None
    return Hole(int(part[2:]), is_alias=part[1] == "a")


def _exchange_aliases(parts: list[str], places: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    """Make holes of the aliases that are the name of nothing else."""
    for indices in places.values():
        for index in indices:
            parts[index] = _HOLE
    taken = set(parts)
    exchanged: list[str] = []
    for alias, indices in places.items():
        part = alias
        if alias not in taken and _is_exchangeable(alias):
            part = f"{_HOLE}a{len(exchanged)}"
            exchanged.append(alias)
        for index in indices:
            parts[index] = part
    return tuple(exchanged)


def _is_exchangeable(alias: str) -> bool:
    # As a key of data, ``__typename`` has a meaning of its own.
    return alias.isascii() and alias.isidentifier() and not alias.startswith("__")
