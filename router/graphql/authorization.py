"""What a caller may see: the authorization directives, enforced before planning.

    document ──▶ authorization ──▶ variables ──▶ plan ──▶ execute
                 ▲ you are here

Callers who meet the same demands of an operation share its plan. A supergraph without these directives pays nothing.
"""

from typing import TypeVar

from router.executor.program import LeftOut
from router.graphql.result import ErrorObject
from router.identity.identity import Identity
from supergraph import Supergraph
from supergraph.operation.authorization import Authorization, Demand, Demands, Denied, Filtered
from supergraph.operation.model import Operation

UNAUTHORIZED = "UNAUTHORIZED_FIELD_OR_TYPE"

_CACHED = 1024
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class FieldAuthorization:
    """Removes from operations what their callers may not see."""

    def __init__(self, supergraph: Supergraph) -> None:
        self._rules = Authorization(supergraph.schema, supergraph.features)
        self._demands: dict[str, tuple[Demand, ...]] = {}
        self._filtered: dict[tuple[str, Demands], Filtered] = {}

    def filter(self, operation: Operation, identity: Identity | None) -> Filtered:
        """The operation as this caller may run it."""
        if not self._rules.is_used:
            return Filtered(operation, ())
        demands = self._demands.get(operation.key)
        if demands is None:
            demands = _remember(self._demands, operation.key, self._rules.demands_in(operation))
        met = frozenset(demand for demand in demands if is_met(demand, identity))
        if len(met) == len(demands):
            return Filtered(operation, ())
        key = (operation.key, met)
        filtered = self._filtered.get(key)
        if filtered is None:
            filtered = _remember(self._filtered, key, self._rules.filter(operation, met.__contains__))
        return filtered


def is_met(demand: Demand, identity: Identity | None) -> bool:
    """Whether the caller meets one demand. Policies have no rules in this version, so no caller meets one."""
    match demand.kind:
        case "authenticated":
            return identity is not None
        case "scopes":
            # An empty list of alternatives demands nothing but a caller.
            return identity is not None and (
                not demand.groups or any(group <= identity.scopes for group in demand.groups)
            )
        case _:
            return False


def denied_errors(denied: tuple[Denied, ...], request_id: str) -> tuple[ErrorObject, ...]:
    """One error for each place that was left out, whatever the types behind it."""
    paths = dict.fromkeys(each.path for each in denied)
    extensions: ErrorObject = {"code": UNAUTHORIZED, **({"request_id": request_id} if request_id else {})}
    return tuple(
        {"message": "This field is not for this caller.", "path": list(path), "extensions": extensions}
        for path in paths
    )


def left_out(denied: tuple[Denied, ...]) -> LeftOut:
    """What execution has to withhold, even from an answer that says more than was asked."""
    return LeftOut(
        places=frozenset(tuple(key for key in each.path if key != "@") for each in denied),
        fields=frozenset((each.field_id, each.type) for each in denied),
    )


def _remember(cache: dict[_Key, _Value], key: _Key, value: _Value) -> _Value:
    if len(cache) >= _CACHED:
        cache.clear()
    cache[key] = value
    return value
