"""Rules about callers, compiled from the configuration: for ``@policy``, and for what REST routes require."""

import inspect
import logging
from collections.abc import Callable, Mapping, Sequence

from router.config.authorization import Rule
from router.identity.authenticator import claim
from router.identity.identity import Identity
from router.importing import import_object
from router.policy.request import Request

_log = logging.getLogger(__name__)

Check = Callable[[Identity | None, Request], bool]
"""Whether a caller meets a rule."""


class RuleProblemError(ValueError):
    """A rule cannot be used; the message says why."""


def compile_rules(rules: Mapping[str, Rule]) -> Mapping[str, Check]:
    """The rules by name; raises ``RuleProblemError`` or ``ImportProblemError``."""
    return {name: compile_rule(rule) for name, rule in rules.items()}


def compile_rule(rule: Rule) -> Check:
    """One rule, all of whose conditions must hold."""
    checks: list[Check] = []
    if rule.authenticated is not None:
        checks.append(_authenticated(wanted=rule.authenticated))
    if rule.claim is not None:
        checks.append(_claim(rule.claim, rule))
    if rule.scopes is not None:
        checks.append(_of_identity(_scopes(tuple(map(frozenset, rule.scopes)))))
    if rule.plans is not None:
        checks.append(_of_identity(_plan(frozenset(rule.plans))))
    if rule.methods is not None:
        checks.append(_of_identity(_method(frozenset(rule.methods))))
    if rule.all is not None:
        checks.append(_all(tuple(map(compile_rule, rule.all))))
    if rule.any is not None:
        checks.append(_any(tuple(map(compile_rule, rule.any))))
    if rule.not_ is not None:
        checks.append(_not(compile_rule(rule.not_)))
    if rule.python is not None:
        checks.append(_python(rule.python))
    return checks[0] if len(checks) == 1 else _all(tuple(checks))


def _of_identity(test: Callable[[Identity], bool]) -> Check:
    return lambda identity, _: identity is not None and test(identity)


def _authenticated(*, wanted: bool) -> Check:
    return lambda identity, _: (identity is not None) is wanted


def _scopes(alternatives: Sequence[frozenset[str]]) -> Callable[[Identity], bool]:
    return lambda identity: any(needed <= identity.scopes for needed in alternatives)


def _plan(plans: frozenset[str]) -> Callable[[Identity], bool]:
    return lambda identity: identity.plan in plans


def _method(methods: frozenset[str]) -> Callable[[Identity], bool]:
    return lambda identity: identity.method in methods


def _all(checks: Sequence[Check]) -> Check:
    return lambda identity, request: all(check(identity, request) for check in checks)


def _any(checks: Sequence[Check]) -> Check:
    return lambda identity, request: any(check(identity, request) for check in checks)


def _not(check: Check) -> Check:
    return lambda identity, request: not check(identity, request)


def _claim(path: str, rule: Rule) -> Check:
    test = _claim_test(rule)
    return _of_identity(lambda identity: test(claim(identity.claims, path)))


def _claim_test(rule: Rule) -> Callable[[object], bool]:
    if rule.exists is not None:
        return lambda value: (value is not None) is rule.exists
    if rule.contains is not None:
        return lambda value: _contains(value, rule.contains)
    wanted: tuple[object, ...] = (rule.equals,) if rule.one_of is None else rule.one_of
    return lambda value: any(_same(value, each) for each in wanted)


def _contains(value: object, wanted: object) -> bool:
    if isinstance(value, str):
        return wanted in value.split()
    return isinstance(value, list | tuple) and any(_same(each, wanted) for each in value)


def _same(value: object, wanted: object) -> bool:
    # In Python True is 1, and a claim that says one must not pass for the other.
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _python(path: str) -> Check:
    function = import_object(path)
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise RuleProblemError(f"{path} is not a function that returns a bool (async functions cannot be rules)")

    def ask(identity: Identity | None, request: Request) -> bool:
        try:
            return function(identity, request) is True
        except Exception:
            # A rule that fails lets nobody in.
            _log.exception("rule failed", extra={"rule": path, "request_id": request.id})
            return False

    return ask
