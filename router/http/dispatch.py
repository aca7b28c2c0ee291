"""Where a request goes: the one handler behind every listener.

    aiohttp ──▶ dispatch ──▶ policies ──▶ GraphQL door | REST route
                ▲ you are here

A request takes the snapshot that is current when its head has been read, and keeps it to its end. Unknown paths and
wrong methods pass the policies like everything else, so that they are counted, logged and rate-limited.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from router.errors import ClientError, GatewayTimeoutError
from router.http.health import HealthCheck
from router.http.reading import SlowBodyError, Target, read_body, split_target
from router.policy.pipeline import Handler, Pipeline
from router.policy.request import Door, Request, Response, Write


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

    async def __call__(self, raw: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        return _to_aiohttp(self.answer(raw.method, split_target(raw.raw_path)) or Response(status=404))

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

    async def __call__(self, raw: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        target = split_target(raw.raw_path)
        if (beside := self._beside.answer(raw.method, target)) is not None:
            return _to_aiohttp(beside)
        snapshot = self._current()
        destination = snapshot.resolve(raw.method, target.path)
        handler = _within(snapshot.timeout_seconds, destination.handler)
        body = b""
        try:
            async with asyncio.timeout(snapshot.timeout_seconds):
                body = await read_body(raw, limit_bytes=snapshot.limit_body_bytes)
        except ClientError as error:
            handler = raising(error)
        except TimeoutError:
            handler = raising(SlowBodyError())
        request = Request(
            door=destination.door,
            method=raw.method,
            path=target.path,
            route=destination.route,
            route_name=destination.route_name,
            headers=raw.headers,
            query_string=target.query_string,
            body=body,
            peer_ip=raw.remote or "",
        )
        response = await snapshot.pipeline.run(request, handler)
        if response.rest is not None:
            return await _write_in_parts(raw, response, response.rest)
        answer = _to_aiohttp(response)
        if not raw.content.at_eof():
            answer.force_close()  # the rest of a body that is too large is not worth reading
        return answer


def raising(error: Exception) -> Handler:
    """A handler that ends the request with ``error``."""

    async def fail(_: Request) -> Response:
        raise error

    return fail


def _within(seconds: float, handler: Handler) -> Handler:
    async def limited(request: Request) -> Response:
        try:
            async with asyncio.timeout(seconds):
                return await handler(request)
        except TimeoutError as error:
            raise GatewayTimeoutError(f"no answer within {seconds:g} s") from error

    return limited


async def _write_in_parts(
    raw: web.BaseRequest, response: Response, rest: Callable[[Write], Awaitable[None]]
) -> web.StreamResponse:
    """Write a response that is not complete yet, and the rest as it comes.

    A client that goes away cancels this, and with it the requests that the rest waits for.
    """
    response.headers.setdefault("server", "supergate")
    answer = web.StreamResponse(status=response.status, headers=response.headers)
    await answer.prepare(raw)
    try:
        await answer.write(response.body)
        await rest(answer.write)
    except* ConnectionError:
        answer.force_close()  # nobody reads it
    return answer


def _to_aiohttp(response: Response) -> web.Response:
    response.headers.setdefault("server", "supergate")  # else aiohttp names itself and Python, with versions
    return web.Response(status=response.status, body=response.body, headers=response.headers)
