"""Measures a request and writes its access-log line, whatever becomes of it."""

from contextlib import ExitStack
from dataclasses import dataclass

from router.policy.pipeline import Policy
from router.policy.request import Request, Response
from router.telemetry.telemetry import Telemetry


@dataclass(slots=True)
class _Running:
    started: float
    span: ExitStack


class Observe(Policy):
    """Opens the span of a request on the way in; on the way out closes it, counts and logs."""

    name = "observe"

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._running: dict[Request, _Running] = {}

    async def on_request(self, request: Request) -> Response | None:
        """Start the clock and the span."""
        span = ExitStack()
        self._running[request] = _Running(self._telemetry.clock(), span)
        self._telemetry.request_started()
        span.enter_context(self._telemetry.request_span(request))
        return None

    def on_response(self, request: Request, response: Response) -> None:
        """Tell what became of it."""
        running = self._running.pop(request)
        with running.span:
            self._telemetry.request_finished(request, response, self._telemetry.clock() - running.started)
