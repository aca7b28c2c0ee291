"""Whether an operation asks for the schema, and what error texts may say of it when it may not."""

from router.config.supergraph import IntrospectionSection
from router.errors import UnauthenticatedError
from router.graphql.errors import IntrospectionDisabledError
from router.policy.request import Request
from supergraph.operation.model import SelectionSet

_LOCAL_FIELDS = frozenset({"__schema", "__type"})
_SUGGESTION = "Did you mean "


Introspection = bool | IntrospectionSection
"""``supergraph.introspection``."""


def may_introspect(option: Introspection, request: Request) -> bool:
    """Whether this caller may ask for the schema, and be told names of it."""
    return option if isinstance(option, bool) else request.identity is not None or not option.authenticated


def check_introspection(option: Introspection, request: Request) -> None:
    """Raise the reason why this caller may not ask for the schema, if there is one."""
    if may_introspect(option, request):
        return
    if isinstance(option, bool):
        raise IntrospectionDisabledError("Introspection is not enabled; supergraph.introspection: true allows it.")
    raise UnauthenticatedError("Introspection needs authentication.")


def asks_for_schema(selection: SelectionSet) -> bool:
    """Whether ``__schema`` or ``__type`` is selected at the root; they exist nowhere else."""
    return any(getattr(unit, "name", None) in _LOCAL_FIELDS for unit in selection.units)


def without_suggestions(message: str) -> str:
    """``message`` without ``Did you mean …?``: suggestions tell names of the schema, one after the other.

    No regular expression: a message may quote a client's long text, and a search for white space before a word would
    begin anew at each blank of it.
    """
    before, suggestion, after = message.partition(_SUGGESTION)
    end = after.rfind("?")
    return message if not suggestion or end < 0 else before.rstrip() + after[end + 1 :]
