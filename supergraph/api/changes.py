"""What a new API schema changes for the clients of the old one.

API schema before, API schema after ──▶ find_changes ──▶ Change of each difference that matters
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import BreakingChangeType, DangerousChangeType, GraphQLSchema, OperationType, is_specified_scalar_type
from graphql.utilities import find_schema_changes

_COORDINATE = re.compile(r"@\w+(?:\(\w+:\))?|\w+\.\w+(?:\(\w+:\))?")
_FIRST_NAME = re.compile(r"\w+")
_LAST_NAME = re.compile(r"\w+(?=\W*\Z)")
_NAMED_LAST = frozenset(
    {
        BreakingChangeType.TYPE_REMOVED_FROM_UNION,
        DangerousChangeType.TYPE_ADDED_TO_UNION,
        DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED,
    }
)
_NAMED_FIRST = frozenset(
    {
        BreakingChangeType.TYPE_REMOVED,
        BreakingChangeType.TYPE_CHANGED_KIND,
        BreakingChangeType.IMPLEMENTED_INTERFACE_REMOVED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Attributes:
        is_breaking: Some operation that was valid before is not, or gets something of another shape. Else the change
            is dangerous: operations stay valid, but a client may not expect what it gets.
        kind: For programs, such as ``FIELD_REMOVED``.
        coordinate: The schema coordinate of what changed.
    """

    is_breaking: bool
    kind: str
    coordinate: str
    message: str


def find_changes(before: GraphQLSchema, after: GraphQLSchema) -> tuple[Change, ...]:
    """Breaking changes, then dangerous ones, each by coordinate."""
    found = {*_changed_parts(before, after), *_removed_operations(before, after)}
    return tuple(sorted(found, key=lambda c: (not c.is_breaking, c.coordinate, c.kind, c.message)))


def _changed_parts(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    for kind, message in find_schema_changes(before, after):
        if not isinstance(kind, BreakingChangeType | DangerousChangeType):
            continue
        coordinate = _coordinate(kind, message)
        removed = before.type_map.get(coordinate) if kind is BreakingChangeType.TYPE_REMOVED else None
        if removed is not None and is_specified_scalar_type(removed):
            continue  # the last field or argument of that type has gone, and is reported
        yield Change(
            is_breaking=isinstance(kind, BreakingChangeType), kind=kind.name, coordinate=coordinate, message=message
        )


def _coordinate(kind: BreakingChangeType | DangerousChangeType, message: str) -> str:
    """The coordinate in a message of graphql-core, which gives it nowhere else."""
    if kind in _NAMED_LAST:
        pattern = _LAST_NAME
    elif kind in _NAMED_FIRST:
        pattern = _FIRST_NAME
    else:
        pattern = _COORDINATE
    found = pattern.search(message.removeprefix("Standard scalar "))
    return found[0] if found else ""


def _removed_operations(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[Change]:
    """Root types that are still there as types, but not as roots."""
    for operation in OperationType:
        root = before.get_root_type(operation)
        if root is not None and after.get_root_type(operation) is None and root.name in after.type_map:
            yield Change(
                is_breaking=True,
                kind="OPERATION_TYPE_REMOVED",
                coordinate=root.name,
                message=f"{root.name} is not the {operation.value} type any more.",
            )
