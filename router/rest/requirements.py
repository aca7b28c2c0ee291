"""What routes ask of their callers, in the terms of the authorization policy."""

from collections.abc import Mapping

from router.config.rest import RestSection, RouteSection, ScopesRequirement
from router.errors import ForbiddenError, UnauthenticatedError
from router.policy.authorize import Requirement, authenticated, public
from router.policy.request import Request


def requirements_of(section: RestSection) -> Mapping[str, Requirement]:
    """What routes ask of their callers, by route name; routes that say nothing are left out."""
    found = {route.name: _requirement(route) for route in section.routes}
    return {name: requirement for name, requirement in found.items() if requirement is not None}


def _requirement(route: RouteSection) -> Requirement | None:
    match route.require:
        case None:
            return None
        case "public":
            return public
        case "authenticated":
            return authenticated
        case ScopesRequirement(scopes=alternatives):
            return _scopes(tuple(map(frozenset, alternatives)))


def _scopes(alternatives: tuple[frozenset[str], ...]) -> Requirement:
    def require(request: Request) -> None:
        if request.identity is None:
            raise UnauthenticatedError
        if not any(needed <= request.identity.scopes for needed in alternatives):
            wanted = " or ".join(" and ".join(sorted(needed)) for needed in alternatives)
            raise ForbiddenError(f"This route needs the scope {wanted}.")

    return require
