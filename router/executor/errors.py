"""Errors of subgraphs become errors of the response.

    subgraph ──▶ errors ──▶ response
                 ▲ you are here

Texts stay as the subgraph wrote them: what is
hidden from clients is decided by a policy, which finds the subgraph's name in ``extensions.service``.
"""

from collections.abc import Callable, Iterable, Iterator

from router.executor.answer import SubgraphError
from router.executor.codec import encode_json
from router.executor.completed_lists import CompletedLists
from router.executor.locate import ErrorPlace, ResponsePath
from router.executor.project import LinkedPath, Position
from router.executor.room import Growth, Room
from router.executor.walk import Stored
from supergraph.operation.model import Deferred
from supergraph.plan import Fetch

DOWNSTREAM_ERROR = "DOWNSTREAM_SERVICE_ERROR"
INVALID_RESPONSE = "RESPONSE_VALIDATION_FAILED"
TIMEOUT = "GATEWAY_TIMEOUT"
TOO_MANY_REQUESTS = "MAX_SUBREQUESTS_LIMIT"
TOO_MANY_ERRORS = "TOO_MANY_ERRORS"
TOO_LARGE = "RESPONSE_TOO_LARGE"

MAX_ERRORS = 10_000
"""A response has no more, but for one that says so, and those that concern all of it."""

MAX_COPIED_BYTES = 10_000_000
"""What the errors of a response may take that are told again, for other places."""

ErrorObject = dict[str, object]


Meet = Callable[[Iterable[tuple[Deferred, Position]], Stored, LinkedPath | None], None]


class ErrorPaths:
    """The paths of recorded errors: a null is explained by an error at, above or below its place.

    ``explained`` are places that were left out on purpose, as response keys without list positions.
    """

    __slots__ = ("_ends", "_explained", "_inner")

    def __init__(self, explained: frozenset[tuple[str, ...]] = frozenset()) -> None:
        self._explained = explained
        self._ends: set[ResponsePath] = set()
        self._inner: set[ResponsePath] = set()

    def add(self, path: ResponsePath) -> None:
        """Record an error at ``path``; () explains every null."""
        self._ends.add(path)
        self._inner.update(path[:length] for length in range(len(path)))

    def explain(self, path: ResponsePath) -> bool:
        """Whether a recorded error stands at, above or below ``path``."""
        if path in self._inner or any(path[:length] in self._ends for length in range(len(path) + 1)):
            return True
        return bool(self._explained) and tuple(key for key in path if isinstance(key, str)) in self._explained


class ErrorLog:
    """The errors of one run, in an order that does not depend on the order of answers.

    Attributes:
        paths: Where they explain a null.
    """

    __slots__ = ("_copied_bytes_left", "_fan_out", "_found", "_is_cut", "_recorded", "paths")

    def __init__(self, fan_out: int, explained: frozenset[tuple[str, ...]] = frozenset()) -> None:
        self._fan_out = fan_out
        self._recorded: list[tuple[int, int, int, ErrorObject]] = []
        self._found: list[ErrorObject] = []
        self._copied_bytes_left = MAX_COPIED_BYTES
        self._is_cut = False
        self.paths = ErrorPaths(explained)

    def record(self, fetch: Fetch, part: int, error: SubgraphError, place: ErrorPlace) -> None:
        """Take an error of the request ``part`` of ``fetch``."""
        for path in place.concerned:
            self.paths.add(path)
        extensions = {"code": DOWNSTREAM_ERROR, **error.extensions, "service": fetch.subgraph}
        if type(extensions["code"]) is not str:
            extensions["code"] = DOWNSTREAM_ERROR
        shown = place.shown[: self._fan_out]
        if len(shown) > 1:
            shown = shown[: 1 + self._copies(len(shown) - 1, len(error.message) + len(encode_json(extensions)))]
        if len(shown) < len(place.shown):
            extensions["affectedPaths"] = len(place.shown)
        for path in shown:
            if self._is_full():
                break
            entry: ErrorObject = {"message": error.message}
            if path:
                entry["path"] = list(path)
            entry["extensions"] = extensions
            self._recorded.append((fetch.id, part, len(self._recorded), entry))

    def add(self, message: str, path: ResponsePath, *, code: str = INVALID_RESPONSE) -> None:
        """Take an error of our own, by default one that projection found."""
        if path and self._is_full():
            return
        self.paths.add(path)
        entry: ErrorObject = {"message": message}
        if path:
            entry["path"] = list(path)
        entry["extensions"] = {"code": code}
        self._found.append(entry)

    def entries(self) -> tuple[ErrorObject, ...]:
        """All errors: those of fetches in the order of the plan, then those of projection in response order."""
        recorded = sorted(self._recorded, key=lambda record: record[:3])
        return (*(entry for *_, entry in recorded), *self._found, *self._last())

    def _copies(self, wanted: int, size_bytes: int) -> int:
        """How many more times an error may be told."""
        copies = min(wanted, self._copied_bytes_left // size_bytes)
        self._copied_bytes_left -= copies * size_bytes
        return copies

    def _is_full(self) -> bool:
        """Whether one more is to be left out."""
        if len(self._recorded) + len(self._found) >= MAX_ERRORS:
            self._is_cut = True
        return self._is_cut

    def _last(self) -> Iterator[ErrorObject]:
        if self._is_cut:
            message = f"There are more errors than the {MAX_ERRORS} that are shown."
            yield {"message": message, "extensions": {"code": TOO_MANY_ERRORS}}


class ProjectionErrors:
    """Turns what projection had to make null into errors, unless an error is there already.

    Deferred parts that projection comes to are passed on to ``meet``.
    """

    __slots__ = ("_log", "_meet", "growth", "lists", "met", "room", "told")

    def __init__(self, log: ErrorLog, meet: Meet, room: Room, growth: Growth) -> None:
        self._log = log
        self._meet = meet
        self.room = room
        self.growth = growth
        self.lists = CompletedLists() if growth.is_shared else None
        self.told = self.met = 0

    def deferred(self, parts: Iterable[tuple[Deferred, Position]], stored: Stored, path: LinkedPath | None) -> None:
        """An object has deferred parts."""
        self.met += 1
        self._meet(parts, stored, path)

    def null(self, path: LinkedPath, coordinate: str) -> None:
        """A null stands in a non-null position."""
        self._add_unexplained(f"Cannot return null for non-nullable field {coordinate}.", path)

    def wrong_value(self, path: LinkedPath, coordinate: str, wanted: str) -> None:
        """A value is not what its type says; the value itself may be one that clients must not see."""
        self.told += 1
        self._log.add(f"The value of {coordinate} is not {_with_article(wanted)}.", unlink(path))

    def unknown_type(self, path: LinkedPath | None) -> None:
        """The selection depends on an object's type, and nothing says which it is."""
        self._add_unexplained("The type of this object is not known.", path)

    def _add_unexplained(self, message: str, path: LinkedPath | None) -> None:
        self.told += 1
        unlinked = unlink(path)
        if not self._log.paths.explain(unlinked):
            self._log.add(message, unlinked)


def _with_article(wanted: str) -> str:
    return wanted if wanted.startswith(("a ", "an ")) else f"a valid {wanted}"


def unlink(path: LinkedPath | None) -> ResponsePath:
    """A linked path as a tuple, outermost segment first."""
    segments: list[str | int] = []
    while path is not None:
        path, segment = path
        segments.append(segment)
    return tuple(reversed(segments))
