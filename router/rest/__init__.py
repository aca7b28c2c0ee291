"""The REST door: routes that run operations, and routes behind which services answer."""

from router.rest.requirements import requirements_of
from router.rest.routes import RestRoutes, RouteMatch

__all__ = ["RestRoutes", "RouteMatch", "requirements_of"]
