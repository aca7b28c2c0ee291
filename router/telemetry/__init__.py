"""What the gateway tells about its work: metrics, traces, the access log."""

from router.telemetry.telemetry import Telemetry, build_telemetry

__all__ = ["Telemetry", "build_telemetry"]
