"""What a load balancer asks: is it alive, is it ready.

The three spellings in use are all answered: ``/health?ready`` and ``?live``, ``/health/ready`` and ``/health/live``,
``/readiness``.
"""

from collections.abc import Callable

import orjson

from router.policy.request import Response

_HEADERS = (("content-type", "application/json"), ("cache-control", "no-store"))


class HealthCheck:
    """Answers health requests; ``is_ready`` is asked each time."""

    def __init__(self, path: str, *, is_ready: Callable[[], bool]) -> None:
        self._is_ready = is_ready
        base = path.rstrip("/")
        self._live_paths = frozenset({path, f"{base}/live"})
        self._ready_paths = frozenset({f"{base}/ready", "/readiness"})

    def answers(self, path: str) -> bool:
        """Whether ``path`` is a health endpoint."""
        return path in self._live_paths or path in self._ready_paths

    def respond(self, path: str, query_string: str) -> Response:
        """Alive is alive; not ready is 503."""
        asked = {name.partition("=")[0].lower() for name in query_string.split("&")}
        wants_ready = path in self._ready_paths or "ready" in asked
        up = not wants_ready or self._is_ready()
        response = Response(status=200 if up else 503, body=orjson.dumps({"status": "UP" if up else "DOWN"}))
        response.headers.extend(_HEADERS)
        return response
