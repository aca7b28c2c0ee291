"""Deferred parts of a running plan: which objects they belong to, when they are ready, what is sent.

    store ──▶ project ──▶ what is not deferred, and the spots of what is
                ▲                                   │
                └───────────── ready ◀──────────────┘

A *spot* is an object in the response that a deferred part has something to say about. Projection meets spots; those
count whose object the client really got. A part is ready when its fetches have finished, successfully or not. It is
sent as one increment for each spot, and its own projection may meet the spots of parts inside.

A null that propagates stops at the spot: what was sent before stays true. An error is told with the part whose fetch
it came from.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from router.executor.errors import ErrorLog, ErrorObject, ProjectionErrors, unlink
from router.executor.locate import ResponsePath
from router.executor.payload import complete_payload
from router.executor.program import Program
from router.executor.project import LinkedPath, Position
from router.executor.room import Growth, Room
from router.executor.walk import Stored
from supergraph.operation.model import Block, Deferred


@dataclass(frozen=True, slots=True)
class Increment:
    """What one object of the response gets later.

    Attributes:
        data: JSON bytes of the object with the deferred fields; ``null`` if a null propagates to it.
        path: Where the object stands.
        label: As the client wrote it.
        errors: GraphQL error objects; their paths start at the response's root.
    """

    data: bytes
    path: ResponsePath
    label: str | None = None
    errors: tuple[Mapping[str, object], ...] = ()


class _Spot(NamedTuple):
    block: Block
    position: Position
    stored: Stored
    path: LinkedPath | None


@dataclass(slots=True)
class _Part:
    """A deferred part that is waited for."""

    block: Block
    spots: list[_Spot] = field(default_factory=list)


class Deferrals:
    """The deferred parts of one run."""

    __slots__ = ("_growth", "_logs", "_met", "_program", "_unfinished", "_waiting")

    def __init__(self, program: Program, growth: Growth) -> None:
        self._program = program
        self._growth = growth
        self._unfinished = dict(program.deferred_fetches)
        self._logs: dict[int, ErrorLog] = {}
        self._met: list[_Spot] = []
        self._waiting: dict[int, _Part] = {}

    @property
    def has_next(self) -> bool:
        """Whether anything is still to be delivered."""
        return bool(self._waiting)

    @property
    def has_ready(self) -> bool:
        """Whether ``increments`` would give any."""
        return any(not self._unfinished.get(block) for block in self._waiting)

    def log(self, block: int) -> ErrorLog:
        """Where the errors of a part are told."""
        log = self._logs.get(block)
        if log is None:
            log = self._logs[block] = ErrorLog(self._program.options.error_fan_out, self._program.left_out.places)
        return log

    def finish(self, block: int) -> None:
        """A fetch for a part has finished."""
        self._unfinished[block] -= 1

    def meet(self, parts: Iterable[tuple[Deferred, Position]], stored: Stored, path: LinkedPath | None) -> None:
        """Projection has come to an object with deferred parts."""
        self._met.extend(_Spot(part.block, position, stored, path) for part, position in parts)

    def keep(self, completed: object, base: ResponsePath = ()) -> None:
        """Of the spots just met, wait for those whose object is in ``completed``, which stands at ``base``."""
        met, self._met = self._met, []
        for spot in met:
            if _shows(completed, unlink(spot.path)[len(base) :]):
                self._waiting.setdefault(spot.block.id, _Part(spot.block)).spots.append(spot)

    def increments(self) -> tuple[Increment, ...]:
        """What has become ready; each is given once."""
        found: list[Increment] = []
        while (part := self._next_ready()) is not None:
            del self._waiting[part.block.id]
            found.extend(self._complete(part))
        return tuple(found)

    def _next_ready(self) -> _Part | None:
        ready = (block for block in self._waiting if not self._unfinished.get(block))
        block = min(ready, default=None)
        return None if block is None else self._waiting[block]

    def _complete(self, part: _Part) -> list[Increment]:
        log = self.log(part.block.id)
        problems = ProjectionErrors(log, self.meet, Room(self._program.options.max_response_bytes), self._growth)
        encoded: dict[ResponsePath, bytes] = {}
        for spot in part.spots:
            path = unlink(spot.path)
            completed, encoded[path] = complete_payload(spot.position, spot.stored, spot.path, problems, log)
            self.keep(completed, path)
        errors = _by_place(log.entries(), encoded)
        return [Increment(data, path, part.block.label, tuple(errors.get(path, ()))) for path, data in encoded.items()]


def _shows(value: object, path: ResponsePath) -> bool:
    """Whether an object stands at ``path`` of a completed value."""
    for segment in path:
        if type(value) is dict and type(segment) is str:
            value = value.get(segment)
        elif type(value) is list and type(segment) is int:
            value = value[segment]
        else:
            return False
    return value is not None


def _by_place(
    errors: Iterable[ErrorObject], places: Mapping[ResponsePath, bytes]
) -> dict[ResponsePath, list[ErrorObject]]:
    """Each error with the closest object around it; one that is nowhere with the first."""
    found: dict[ResponsePath, list[ErrorObject]] = {}
    first = next(iter(places))
    for error in errors:
        path = error.get("path")
        steps = tuple(path) if isinstance(path, list) else ()
        around = (steps[:length] for length in range(len(steps), -1, -1))
        found.setdefault(next((place for place in around if place in places), first), []).append(error)
    return found
