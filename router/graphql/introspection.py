"""Whether an operation asks for the schema, and what error texts may say of it when it may not."""

import re

from router.graphql.errors import IntrospectionDisabledError
from supergraph.operation.model import Operation, SelectionSet

_LOCAL_FIELDS = frozenset({"__schema", "__type"})
_SUGGESTION = re.compile(r"\s*Did you mean .*\?", re.DOTALL)


def check_introspection(operation: Operation, *, enabled: bool) -> None:
    """Raise ``IntrospectionDisabledError`` if the operation asks for a schema that it may not see."""
    if not enabled and asks_for_schema(operation.selection):
        raise IntrospectionDisabledError("Introspection is not enabled; supergraph.introspection: true allows it.")


def asks_for_schema(selection: SelectionSet) -> bool:
    """Whether ``__schema`` or ``__type`` is selected at the root; they exist nowhere else."""
    return any(getattr(unit, "name", None) in _LOCAL_FIELDS for unit in selection.units)


def without_suggestions(message: str) -> str:
    """``message`` without ``Did you mean …?``: suggestions tell names of the schema, one after the other."""
    return _SUGGESTION.sub("", message)
