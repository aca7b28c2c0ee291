"""Where a request goes: the one handler behind every listener.

    server ──▶ dispatch ──▶ policies ──▶ GraphQL door | REST route
               ▲ you are here

A request takes the snapshot that is current when its head has been read, and keeps it to its end. Unknown paths and
wrong methods pass the policies like everything else, so that they are counted, logged and rate-limited.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from router.errors import ClientError, GatewayTimeoutError
from router.http.health import HealthCheck
from router.http.reading import SlowBodyError, Target, read_body, split_target
from router.http.server import IncomingRequest
from router.http.time_limit import TimeLimit
from router.policy.pipeline import Handler, Pipeline
from router.policy.request import Door, Request, Response


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a path and method lead; see ``Request`` for the names."""

    door: Door
    route: str
    route_name: str
    handler: Handler


class Served(Protocol):
    """What dispatch needs of a snapshot."""

    @property
    def pipeline(self) -> Pipeline:
        """The policies."""

    @property
    def limit_body_bytes(self) -> int:
        """``limits.http_max_request_bytes``."""

    @property
    def timeout_seconds(self) -> float:
        """Time for one request."""

    def resolve(self, method: str, path: str) -> Destination:
        """Where to go; for what is not there, a handler that says so."""


Page = Callable[[], Response]


class Beside:
    """Answers what needs no policies: health checks, the metrics. On listeners of their own, 404 for all else."""

    def __init__(self, *, health: HealthCheck | None, pages: dict[str, Page]) -> None:
        self._health = health
        self._pages = pages

    async def __call__(self, incoming: IncomingRequest) -> Response:
        """Answer one request."""
        return self.answer(incoming.method, split_target(incoming.target)) or Response(status=404)

    def answer(self, method: str, target: Target) -> Response | None:
        """The answer, if this is a health check or a page."""
        if method not in ("GET", "HEAD"):
            return None
        if self._health is not None and self._health.answers(target.path):
            return self._health.respond(target)
        page = self._pages.get(target.path)
        return page() if page is not None else None


class Dispatcher:
    """Answers requests of the main listener.

    Args:
        current: The snapshot of the moment.
        beside: What is answered beside the policies.
    """

    def __init__(self, current: Callable[[], Served], *, beside: Beside) -> None:
        self._current = current
        self._beside = beside

    async def __call__(self, incoming: IncomingRequest) -> Response:
        """Answer one request."""
        target = split_target(incoming.target)
        if (beside := self._beside.answer(incoming.method, target)) is not None:
            return beside
        snapshot = self._current()
        destination = snapshot.resolve(incoming.method, target.path)
        handler = _within(snapshot.timeout_seconds, destination.handler)
        body = b""
        try:
            if incoming.body.is_complete:
                body = await read_body(incoming, limit_bytes=snapshot.limit_body_bytes)
            else:
                with TimeLimit(snapshot.timeout_seconds, SlowBodyError):
                    body = await read_body(incoming, limit_bytes=snapshot.limit_body_bytes)
        except ClientError as error:
            handler = raising(error)
        request = Request(
            door=destination.door,
            method=incoming.method,
            path=target.path,
            route=destination.route,
            route_name=destination.route_name,
            headers=incoming.headers,
            query_string=target.query_string,
            body=body,
            peer_ip=incoming.peer_ip,
            peer_certificate=incoming.peer_certificate,
        )
        return await snapshot.pipeline.run(request, handler)


def raising(error: Exception) -> Handler:
    """A handler that ends the request with ``error``."""

    async def fail(_: Request) -> Response:
        raise error

    return fail


def _within(seconds: float, handler: Handler) -> Handler:
    async def limited(request: Request) -> Response:
        with TimeLimit(seconds, lambda: GatewayTimeoutError(f"no answer within {seconds:g} s")):
            return await handler(request)

    return limited
