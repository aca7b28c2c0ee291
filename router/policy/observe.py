"""Measures a request and writes its access-log line, whatever becomes of it."""

from router.policy.pipeline import PromptPolicy
from router.policy.request import Request, Response
from router.telemetry.telemetry import RunningRequest, Telemetry


class Observe(PromptPolicy):
    """Opens the span of a request on the way in; on the way out closes it, counts and logs."""

    name = "observe"
    priority = 2900

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._running: dict[Request, RunningRequest] = {}

    def decide(self, request: Request) -> Response | None:
        """Start the clock and the span."""
        self._running[request] = self._telemetry.request_started(request)
        return None

    def on_response(self, request: Request, response: Response) -> None:
        """Tell what became of it."""
        self._telemetry.request_finished(self._running.pop(request), request, response)
