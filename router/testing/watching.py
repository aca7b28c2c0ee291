"""One request on its way, watched.

Dispatcher ──▶ WatchedSnapshot ──▶ Watch ──▶ policies ──▶ …
▲ you are here, for one request each
"""

from dataclasses import replace

from router.http.dispatch import Destination
from router.http.server import RequestBody
from router.identity.identity import Identity
from router.policy.pipeline import Handler, Pipeline, Policy
from router.policy.request import Request, Response
from router.snapshot import Snapshot
from router.testing.verdicts import WatchedModes


class Watch(Policy):
    """Stands before all policies of one request.

    Args:
        identity: Who calls, if the test says so.

    Attributes:
        request: The request, once it is there.
        got_through: Whether somebody behind the policies was asked.
    """

    name = "watch"

    def __init__(self, modes: WatchedModes, identity: Identity | None) -> None:
        self._modes = modes
        self._identity = identity
        self.request: Request | None = None
        self.got_through = False

    async def on_request(self, request: Request) -> Response | None:
        """Take notes from now on."""
        self.request = request
        request.identity = self._identity
        self._modes.watch(request)
        return None

    def behind(self, handler: Handler) -> Handler:
        """``handler``, which is behind the policies."""

        async def handle(request: Request) -> Response:
            self.got_through = True
            return await handler(request)

        return handle


class WatchedSnapshot:
    """A snapshot for one request."""

    def __init__(self, snapshot: Snapshot, modes: WatchedModes, watch: Watch) -> None:
        self._snapshot = snapshot
        self._pipeline = Pipeline((watch, *snapshot.pipeline.policies), modes)
        self._watch = watch

    @property
    def pipeline(self) -> Pipeline:
        """That of the snapshot, watched."""
        return self._pipeline

    @property
    def limit_body_bytes(self) -> int:
        """That of the snapshot."""
        return self._snapshot.limit_body_bytes

    @property
    def timeout_seconds(self) -> float:
        """That of the snapshot."""
        return self._snapshot.timeout_seconds

    def resolve(self, method: str, path: str) -> Destination:
        """As the snapshot does."""
        destination = self._snapshot.resolve(method, path)
        return replace(destination, handler=self._watch.behind(destination.handler))


class _Complete:
    """Where the bytes of a body come from that is there already."""

    def send_continue(self) -> None:
        """Nobody waits for it."""

    def regulate(self) -> None:
        """Nothing comes any more."""


def complete_body(body: bytes) -> RequestBody:
    """A body that has come with its head."""
    made = RequestBody(_Complete())
    made.feed(body)
    made.complete()
    return made
