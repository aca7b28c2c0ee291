"""A plan under one truth of its conditions, ready to run by cutting answers to pieces; ``splicer.c`` reads its parts.

cutting ──▶ SplicedPlan ──▶ SplicedRun
▲ you are here
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from router.executor.outcome import FetchRequest
from router.executor.program import CompiledFetch, Program
from router.executor.readiness import Order
from router.executor.spliced._splicer import Cutter, Splicer

OWN: Final = -1
"""The call of values that objects have themselves."""

SOLID: Final = -1
"""The end of a run without holes."""

NO_LIMIT: Final = -1
"""For the representations of a request."""


class Run(NamedTuple):
    """Fields of an answer that go together into other objects.

    Attributes:
        column: Of the bytes; of a run with holes, of the places in the pieces where it begins.
        end: Of a run with holes, of the places where it ends.
    """

    column: int
    end: int = SOLID


class Value(NamedTuple):
    """Where the values of one field of representations have been noted: in an answer's column.

    Attributes:
        call: If they are the entities' of another fetch: the call that was made for the same objects.
        target: The objects, among the call's targets.
        refuses_null: Null may not be sent.
    """

    fetch: int
    column: int
    call: int
    target: int
    refuses_null: bool


class Target(NamedTuple):
    """Objects that a call is made for, in the answers of one fetch.

    Attributes:
        creator: The fetch.
        texts: What a representation has before, between and after its values.
        values: At least one.
        holes: The column of the holes' places, and the run that goes into them.
    """

    creator: int
    texts: tuple[bytes, ...]
    values: tuple[Value, ...]
    holes: tuple[tuple[int, int], ...]


class Call(NamedTuple):
    """One ``_entities`` field. Calls have numbers among all calls of the plan.

    Attributes:
        head: What stands before its first representation in the request.
        counted: A column that has an entry for each entity.
    """

    head: bytes
    targets: tuple[Target, ...]
    runs: tuple[Run, ...]
    counted: int


class AnsweredFetch(NamedTuple):
    """How the body of a fetch begins, and what its answers bring; without calls, a root fetch."""

    cutter: Cutter
    prefix: bytes
    calls: tuple[Call, ...] = ()


Response = tuple[bytes | tuple[int, Run], ...]
"""The pieces of the response: bytes, or a root fetch and one of its runs. None if an answer is the response."""


@dataclass(frozen=True, slots=True, eq=False)
class SplicedFetch:
    """One fetch; ``request`` is there where it is always the same."""

    compiled: CompiledFetch
    request: FetchRequest | None


@dataclass(frozen=True, slots=True, eq=False)
class SplicedPlan:
    """All of a plan; ``fetches`` has ``None`` for a fetch that is not made."""

    program: Program
    order: Order
    fetches: tuple[SplicedFetch | None, ...]
    splicer: Splicer
