"""The gateway is closed for a while."""

from router.errors import MaintenanceError
from router.policy.pipeline import Policy
from router.policy.request import Request, Response


class Maintenance(Policy):
    """Refuses everything. Health checks and metrics do not come here, so nothing restarts the gateway for it."""

    name = "maintenance"
    priority = 2500

    def __init__(self, *, retry_after_seconds: float) -> None:
        self._retry_after_seconds = retry_after_seconds

    async def on_request(self, _request: Request) -> Response | None:
        """Raise ``MaintenanceError``."""
        raise MaintenanceError(headers={"Retry-After": str(max(1, round(self._retry_after_seconds)))})
