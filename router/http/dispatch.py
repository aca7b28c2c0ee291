"""Where a request goes: the one handler behind every listener.

    server ──▶ dispatch ──▶ policies ──▶ GraphQL door | REST route
               ▲ you are here

A request takes the snapshot that is current when its head has been read, and keeps it to its end. Unknown paths and
wrong methods pass the policies like everything else, so that they are counted, logged and rate-limited.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from router.errors import ClientError, GatewayTimeoutError
from router.http.health import HealthCheck
from router.http.reading import SlowBodyError, Target, body_at_hand, read_body, split_target
from router.http.server import IncomingRequest
from router.http.time_limit import TimeLimits
from router.policy.pipeline import Handler, Pipeline
from router.policy.request import Door, Request, Response


@dataclass(slots=True)
class Destination:
    """Where a path and method lead; see ``Request`` for the names. Not frozen: there is one for each request."""

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
        self._limits = _Limits.of(0.0)

    async def __call__(self, incoming: IncomingRequest) -> Response:
        """Answer one request."""
        target = split_target(incoming.target)
        if (beside := self._beside.answer(incoming.method, target)) is not None:
            return beside
        snapshot = self._current()
        destination = snapshot.resolve(incoming.method, target.path)
        if snapshot.timeout_seconds != self._limits.answer.seconds:
            self._limits = _Limits.of(snapshot.timeout_seconds)
        handler = _within(self._limits.answer, destination.handler)
        body = body_at_hand(incoming, limit_bytes=snapshot.limit_body_bytes)
        if body is None:
            try:
                with self._limits.body():
                    body = await read_body(incoming, limit_bytes=snapshot.limit_body_bytes)
            except ClientError as error:
                body, handler = b"", raising(error)
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


class _Limits(NamedTuple):
    """How long each part of a request may take."""

    body: TimeLimits
    answer: TimeLimits

    @staticmethod
    def of(seconds: float) -> "_Limits":
        """So many seconds for each."""
        return _Limits(
            TimeLimits(seconds, SlowBodyError),
            TimeLimits(seconds, lambda: GatewayTimeoutError(f"no answer within {seconds:g} s")),
        )


def _within(limits: TimeLimits, handler: Handler) -> Handler:
    async def limited(request: Request) -> Response:
        with limits():
            return await handler(request)

    return limited
