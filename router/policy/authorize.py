"""What a route asks of its callers.

    authentication ──▶ Authorize ──▶ rate limit
                       ▲ you are here

A requirement is a function of the request that raises when it is not met. A route without one of its own gets the
default, ``authorization.require_authentication``.
"""

from collections.abc import Callable, Mapping

from router.errors import UnauthenticatedError
from router.policy.pipeline import PromptPolicy
from router.policy.request import Request, Response

Requirement = Callable[[Request], None]


def public(_request: Request) -> None:
    """Everybody may call."""


def authenticated(request: Request) -> None:
    """Only callers who proved who they are."""
    if request.identity is None:
        raise UnauthenticatedError


class Authorize(PromptPolicy):
    """Holds each request against the requirement of its route."""

    name = "authorize"
    priority = 1900

    def __init__(self, *, default: Requirement, routes: Mapping[str, Requirement]) -> None:
        self._default = default
        self._routes = routes

    def decide(self, request: Request) -> Response | None:
        """Raise what the requirement raises."""
        self._routes.get(request.route_name, self._default)(request)
        return None
