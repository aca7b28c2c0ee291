"""Where a request goes: the one handler behind every listener.

    server ──▶ dispatch ──▶ policies ──▶ GraphQL door | REST route
               ▲ you are here

A request takes the snapshot that is current when its head has been read, and keeps it to its end. Unknown paths and
wrong methods pass the policies like everything else, so that they are counted, logged and rate-limited.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from router.errors import ClientError, GatewayTimeoutError
from router.http.health import HealthCheck
from router.http.reading import SlowBodyError, body_at_hand, read_body, split_target
from router.http.server import IncomingRequest
from router.http.time_limit import TimeLimits
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
        path, query_string = split_target(incoming.target)
        return self.answer(incoming.method, path, query_string) or Response(status=404)

    def answer(self, method: str, path: str, query_string: str) -> Response | None:
        """The answer, if this is a health check or a page."""
        if method not in ("GET", "HEAD"):
            return None
        if self._health is not None and self._health.answers(path):
            return self._health.respond(path, query_string)
        page = self._pages.get(path)
        return page() if page is not None else None


class Dispatcher:
    """Answers requests of the main listener with one snapshot.

    Args:
        snapshot: Where they lead.
        beside: What is answered beside the policies.
    """

    def __init__(self, snapshot: Served, *, beside: Beside) -> None:
        self._snapshot = snapshot
        self._beside = beside
        self._pipeline = snapshot.pipeline
        self._limit_body_bytes = snapshot.limit_body_bytes
        seconds = snapshot.timeout_seconds
        self._body_limits = TimeLimits(seconds, SlowBodyError)
        self._answer_limits = TimeLimits(seconds, lambda: GatewayTimeoutError(f"no answer within {seconds:g} s"))

    def __call__(self, incoming: IncomingRequest) -> Awaitable[Response]:
        """Answer one request. Not a coroutine itself, for each that waits for another costs."""
        path, query_string = split_target(incoming.target)
        if (beside := self._beside.answer(incoming.method, path, query_string)) is not None:
            return _ready(beside)
        destination = self._snapshot.resolve(incoming.method, path)
        body = body_at_hand(incoming, limit_bytes=self._limit_body_bytes)
        request = Request(
            door=destination.door,
            method=incoming.method,
            path=path,
            route=destination.route,
            route_name=destination.route_name,
            headers=incoming.headers,
            query_string=query_string,
            body=b"" if body is None else body,
            peer_ip=incoming.peer_ip,
            peer_certificate=incoming.peer_certificate,
        )
        handler = partial(_within, self._answer_limits, destination.handler)
        if body is None:
            return self._run_with_body(request, incoming, handler)
        return self._pipeline.run(request, handler)

    async def _run_with_body(self, request: Request, incoming: IncomingRequest, handler: Handler) -> Response:
        """Wait for the body; one that is not there, or not readable, is refused behind the policies."""
        try:
            with self._body_limits():
                request.body = await read_body(incoming, limit_bytes=self._limit_body_bytes)
        except ClientError as error:
            handler = raising(error)
        return await self._pipeline.run(request, handler)


async def _ready(response: Response) -> Response:
    return response


def raising(error: Exception) -> Handler:
    """A handler that ends the request with ``error``."""

    async def fail(_: Request) -> Response:
        raise error

    return fail


async def _within(limits: TimeLimits, handler: Handler, request: Request) -> Response:
    with limits():
        return await handler(request)
