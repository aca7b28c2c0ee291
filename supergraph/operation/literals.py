"""Literals as values: what a number or a string means where an argument of a built-in scalar stands.

Strict on purpose: a literal that is not surely valid in its place is refused here, and whoever asked takes the way of
the specification, which tells the client what is wrong with it. Custom scalars are not read: what a literal of theirs
means is known to the subgraphs alone.
https://spec.graphql.org/September2025/#sec-Scalars.Built-in-Scalars
"""

import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from graphql import GraphQLError, Lexer, Source, TokenKind

from supergraph.operation.skeleton import list_items
from supergraph.operation.values import print_text


class _Refused:
    """Says that a literal cannot be read; no value of JSON can."""


REFUSED: Final = _Refused()

ReadLiteral = Callable[[str], object]

_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_INT_LIMIT = 2**31
_MAX_DIGITS = 400
"""Python refuses to read integers that are much longer, and no double is."""


def read_string(literal: str) -> object:
    """The text of a string or block string."""
    if literal[0] != '"':
        return REFUSED
    if "\\" not in literal and not literal.startswith('"""'):
        return literal[1:-1] if is_text(literal) else REFUSED
    try:
        token = Lexer(Source(literal)).advance()
    except GraphQLError:
        return REFUSED
    known = token.kind in (TokenKind.STRING, TokenKind.BLOCK_STRING) and token.end == len(literal)
    return token.value if known and token.value is not None and is_text(token.value) else REFUSED


def _read_int(literal: str) -> object:
    if len(literal) > len(str(_INT_LIMIT)) + 1 or _INT.fullmatch(literal) is None:
        return REFUSED
    value = int(literal)
    return value if -_INT_LIMIT <= value < _INT_LIMIT else REFUSED


def _read_float(literal: str) -> object:
    if len(literal) > _MAX_DIGITS or _FLOAT.fullmatch(literal) is None:
        return REFUSED
    value = float(literal)
    return value if math.isfinite(value) else REFUSED


def _read_id(literal: str) -> object:
    # Whether the integer -0 is the ID "0" or "-0", implementations do not agree.
    return literal if literal != "-0" and _INT.fullmatch(literal) is not None else read_string(literal)


READERS: Mapping[str, ReadLiteral] = {"Int": _read_int, "Float": _read_float, "String": read_string, "ID": _read_id}
"""By built-in scalar, how a literal becomes a value or ``REFUSED``. No literal that is a name is read here."""


def read_list(read: ReadLiteral, literal: str) -> object:
    """A flat list, each item by ``read``."""
    if literal[0] != "[":
        return REFUSED
    values = [read(item) for item in list_items(literal)]
    return REFUSED if REFUSED in values else values


def print_literal(literal: str) -> str:
    """A literal that was read, as ``print_value`` prints it."""
    if literal[0] == "[":
        return "[" + ", ".join(map(print_literal, list_items(literal))) + "]"
    if literal[0] != '"' or ("\\" not in literal and not literal.startswith('"""') and literal.isprintable()):
        return literal
    return print_text(str(read_string(literal)))


def is_text(value: str) -> bool:
    """Whether ``value`` can be sent: half of a surrogate pair cannot."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
