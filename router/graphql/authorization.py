"""What a caller may see: the authorization directives, enforced before planning.

    document ──▶ authorization ──▶ variables ──▶ plan ──▶ execute
                 ▲ you are here

Callers who meet the same demands of an operation share its plan. A supergraph without these directives pays nothing.
"""

import logging
from collections.abc import Mapping
from typing import TypeVar

from router.config.authorization import DirectivesSection
from router.errors import ForbiddenError, UnauthenticatedError
from router.executor.program import LeftOut
from router.graphql.result import ErrorObject
from router.policy.modes import Modes
from router.policy.request import Request
from router.policy.rules import Check
from supergraph import Supergraph
from supergraph.operation.authorization import Authorization, Demand, Demands, Denied, Filtered
from supergraph.operation.model import Operation

_log = logging.getLogger(__name__)

NAME = "field_authorization"
"""Its name among the policies."""

UNAUTHORIZED = "UNAUTHORIZED_FIELD_OR_TYPE"

_CACHED = 1024
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class UnauthorizedError(ForbiddenError):
    """The operation asks for what its caller may not see, and ``reject_unauthorized`` is on."""

    code = UNAUTHORIZED
    title = "The operation asks for fields that are not for this caller."


class FieldAuthorization:
    """Removes from operations what their callers may not see.

    Args:
        rules: What each ``@policy`` asks; nobody meets one without a rule.
    """

    def __init__(
        self, supergraph: Supergraph, options: DirectivesSection, *, rules: Mapping[str, Check], modes: Modes
    ) -> None:
        self._rules = Authorization(supergraph.schema, supergraph.features)
        self._is_on = self._rules.is_used and options.enabled
        self._options = options
        self._policies = rules
        self._modes = modes
        self._demands: dict[str, tuple[Demand, ...]] = {}
        self._filtered: dict[tuple[str, Demands], Filtered] = {}
        if options.enabled:
            for name in sorted(self._rules.policies - rules.keys()):
                _log.warning("policy of the supergraph has no rule, so nobody meets it", extra={"policy": name})

    def filter(self, operation: Operation, request: Request) -> Filtered:
        """The operation as this caller may run it; raises ``UnauthorizedError`` where it is refused as a whole."""
        if not self._is_on:
            return Filtered(operation, ())
        mode = self._modes.mode(NAME, request)
        filtered = Filtered(operation, ()) if mode == "off" else self._filter(operation, request)
        if not filtered.denied:
            return filtered
        if mode == "measure" or self._options.dry_run:
            self._modes.let_pass(NAME, request, UnauthorizedError())
            return Filtered(operation, ())
        if self._options.reject_unauthorized:
            error = UnauthenticatedError() if request.identity is None else UnauthorizedError()
            self._modes.refuse(NAME, request, error)
        return filtered

    def report(self, denied: tuple[Denied, ...], request_id: str) -> tuple[tuple[ErrorObject, ...], ErrorObject]:
        """What the client is told of fields that were left out: errors, and extensions."""
        if not denied or self._options.errors.response == "disabled":
            return (), {}
        errors = denied_errors(denied, request_id)
        if self._options.errors.response == "extensions":
            return (), {"authorizationErrors": errors}
        return errors, {}

    def _filter(self, operation: Operation, request: Request) -> Filtered:
        demands = self._demands.get(operation.key)
        if demands is None:
            demands = _remember(self._demands, operation.key, self._rules.demands_in(operation))
        met = frozenset(demand for demand in demands if self._is_met(demand, request))
        if len(met) == len(demands):
            return Filtered(operation, ())
        key = (operation.key, met)
        filtered = self._filtered.get(key)
        if filtered is None:
            filtered = _remember(self._filtered, key, self._rules.filter(operation, met.__contains__))
        return filtered

    def _is_met(self, demand: Demand, request: Request) -> bool:
        identity = request.identity
        if demand.kind == "authenticated":
            return identity is not None
        if demand.kind == "scopes":
            # An empty list of alternatives demands nothing but a caller.
            return identity is not None and (
                not demand.groups or any(group <= identity.scopes for group in demand.groups)
            )
        return any(all(self._holds(name, request) for name in group) for group in demand.groups)

    def _holds(self, policy: str, request: Request) -> bool:
        check = self._policies.get(policy)
        return check is not None and check(request.identity, request)


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
