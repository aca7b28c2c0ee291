"""A plan under one truth of its conditions, ready to run by cutting answers to pieces.

cutting ──▶ SplicedPlan ──▶ SplicedRun
▲ you are here
"""

from dataclasses import dataclass

from router.executor.outcome import FetchRequest
from router.executor.program import CompiledFetch, Program
from router.executor.readiness import Order
from router.executor.spliced._cutter import Cutter


@dataclass(frozen=True, slots=True)
class Run:
    """Fields of an answer that go together into other objects.

    Attributes:
        column: Of the bytes; of a run with holes, of the places in the pieces where it begins.
        end: Of a run with holes, of the places where it ends.
    """

    column: int
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A call that was made for the same objects before: its number, and theirs among its targets."""

    call: int
    target: int


@dataclass(frozen=True, slots=True)
class Value:
    """Where the values of one field of representations have been noted: in an answer's column.

    Attributes:
        through: If they are the entities' of another fetch, how objects find theirs.
        refuses_null: Null may not be sent.
    """

    fetch: int
    column: int
    through: Link | None
    refuses_null: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SplicedTarget:
    """Objects that a call is made for, in the answers of one fetch.

    Attributes:
        creator: The fetch.
        template: A representation with ``%b`` for each of its values, if the call's targets do not all have the same.
        values: At least one.
        holes: The column of the holes' places, and the run that goes into them.
    """

    creator: int
    template: bytes | None
    values: tuple[Value, ...]
    holes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class SplicedCall:
    """One ``_entities`` field.

    Attributes:
        number: Among all calls of the plan.
        head: What stands before its representations in the request.
        counted: A column that has an entry for each entity.
        template: A representation with ``%b`` for each of its values, if all targets have the same, of several values.
        words: What stands before the first, between two, and after the last of the distinct representations; or of
            their values, if all targets have the same template of one value. The first begins with ``head``.
    """

    number: int
    head: bytes
    targets: tuple[SplicedTarget, ...]
    runs: tuple[Run, ...]
    counted: int
    template: bytes | None
    words: tuple[bytes, bytes, bytes]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SplicedFetch:
    """One fetch.

    Attributes:
        request: Where it is always the same.
        is_whole: Its answer is the whole response, as it is.
        calls: Of an entity fetch.
    """

    id: int
    compiled: CompiledFetch
    request: FetchRequest | None
    cutter: Cutter
    is_whole: bool = False
    calls: tuple[SplicedCall, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SplicedPlan:
    """All of a plan.

    Attributes:
        fetches: ``None`` for a fetch that is not made.
        response: Its pieces: bytes, or a root fetch and one of its runs.
        calls: How many there are.
    """

    program: Program
    order: Order
    fetches: tuple[SplicedFetch | None, ...]
    response: tuple[bytes | tuple[int, Run], ...]
    calls: int
