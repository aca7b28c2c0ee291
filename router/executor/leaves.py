"""What a leaf may be, by its type in the API schema.

A check gives the value that the client gets, or ``INVALID``. Custom scalars have no check: only the subgraph knows
what they may be.
"""

from collections.abc import Callable
from typing import Final

from graphql import GraphQLNamedType, is_enum_type

LeafCheck = Callable[[object], object]


class _Invalid:
    """Says that a value does not fit its type; null is a value."""


INVALID: Final = _Invalid()

_INT_LIMIT = 2**31


def leaf_check(leaf_type: GraphQLNamedType) -> LeafCheck | None:
    """The check for a scalar or enum, or ``None`` if every value passes."""
    if is_enum_type(leaf_type):
        return _enum_check(frozenset(leaf_type.values))
    return _SCALAR_CHECKS.get(leaf_type.name)


def _enum_check(values: frozenset[str]) -> LeafCheck:
    def check_enum(value: object) -> object:
        return value if type(value) is str and value in values else INVALID

    return check_enum


def _check_int(value: object) -> object:
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and -_INT_LIMIT <= value < _INT_LIMIT else INVALID


def _check_float(value: object) -> object:
    # JSON has neither NaN nor infinity, and the decoder refuses what overflows.
    return value if type(value) is float or type(value) is int else INVALID


def _check_string(value: object) -> object:
    return value if type(value) is str else INVALID


def _check_boolean(value: object) -> object:
    return value if type(value) is bool else INVALID


def _check_id(value: object) -> object:
    if type(value) is str:
        return value
    return str(value) if type(value) is int else INVALID


_SCALAR_CHECKS: dict[str, LeafCheck] = {
    "Int": _check_int,
    "Float": _check_float,
    "String": _check_string,
    "Boolean": _check_boolean,
    "ID": _check_id,
}
