"""What routes ask of their callers, in the terms of the authorization policy."""

from collections.abc import Callable, Mapping

from router.config.rest import RequireSection, RestSection, RouteSection
from router.errors import ForbiddenError, UnauthenticatedError
from router.policy.authorize import Requirement, authenticated, public
from router.policy.request import Request
from router.policy.rules import Check, RuleProblemError


def requirements_of(section: RestSection, rules: Mapping[str, Check]) -> Mapping[str, Requirement]:
    """What routes ask of their callers, by route name; routes that say nothing are left out.

    ``rules`` are ``authorization.policies``; raises ``RuleProblemError`` for a name that is not among them.
    """
    found = {route.name: _requirement(route, rules) for route in section.routes}
    return {name: requirement for name, requirement in found.items() if requirement is not None}


def _requirement(route: RouteSection, rules: Mapping[str, Check]) -> Requirement | None:
    match route.require:
        case None:
            return None
        case "public":
            return public
        case "authenticated":
            return authenticated
        case RequireSection() as wanted:
            return _all_of(wanted, _named(route, wanted, rules))


def _named(route: RouteSection, wanted: RequireSection, rules: Mapping[str, Check]) -> Mapping[str, Check]:
    for name in wanted.policies:
        if name not in rules:
            raise RuleProblemError(f"the route {route.name} requires the policy {name}, which has no rule")
    return {name: rules[name] for name in wanted.policies}


def _all_of(wanted: RequireSection, policies: Mapping[str, Check]) -> Requirement:
    alternatives = tuple(map(frozenset, wanted.scopes))
    groups = frozenset(wanted.groups)

    def require(request: Request) -> None:
        identity = request.identity
        if identity is None:
            raise UnauthenticatedError
        if wanted.api_key and identity.method != "api_key":
            raise UnauthenticatedError("This route needs an API key.")
        if alternatives and not any(needed <= identity.scopes for needed in alternatives):
            needs = " or ".join(" and ".join(sorted(needed)) for needed in alternatives)
            raise ForbiddenError(f"This route needs the scope {needs}.")
        if groups and groups.isdisjoint(_words(identity.claims.get(wanted.groups_claim))):
            raise ForbiddenError("This route is for other groups.")
        _check_policies(request, policies)

    return require


def _check_policies(request: Request, policies: Mapping[str, Callable[..., bool]]) -> None:
    for name, check in policies.items():
        if not check(request.identity, request):
            raise ForbiddenError(f"This route needs the policy {name}.")


def _words(value: object) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split())
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()
