"""The blocks ``server`` and ``health_check``: processes, shutdown, and what a load balancer asks."""

from pydantic import Field

from router.config.listen import ListenAddress
from router.config.section import Section
from router.config.units import Duration


class Shutdown(Section):
    """How the gateway stops."""

    delay: Duration = 0.0
    """How long it reports "not ready" and still serves, so that load balancers can look away."""

    grace_period: Duration = 20.0
    """How long running requests may take after that."""


class ServerSection(Section):
    """Processes and their end."""

    workers: int | None = Field(default=None, ge=1)
    """Processes that share the listen address; one for each core if left out."""

    shutdown: Shutdown = Shutdown()


class HealthCheckSection(Section):
    """Health endpoints: alive, and ready for traffic."""

    listen: ListenAddress | None = None
    """An address of their own; they are always on the main one as well."""

    path: str = Field(default="/health", pattern=r"^/[^?#\s]*$")
    """Path of the health check; ``?ready``, ``?live``, ``/ready`` and ``/live`` below it are answered too."""
