"""How executions of one program are started: interpreted at first, compiled once it is worth the work.

    Planned ──▶ Runs ──▶ SpeculativeRun | PlanRun ──▶ schedule
                ▲ you are here

An operation that comes a few times is compiled beside the requests, for each truth of its conditions: in the fastest
way that fits it. Where fast runs give up often (a subgraph that answers with errors, or with its keys in another order)
the next way is taken; the last one is left for a while.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from router.executor.compiled.places import NotCompilableError
from router.executor.program import CACHED_PROJECTIONS, Program
from router.executor.run import PlanRun
from router.executor.speculative_run import SpeculativeRun
from router.executor.ways import WAYS, Start, Way

Submit = Callable[[Callable[[], None]], object]
"""Runs a function soon, in another thread."""

_log = logging.getLogger(__name__)

COMPILED_AFTER = 3
"""Runs of an operation before it is compiled."""

MAX_COMPILED = 8
"""Under how many truths of its conditions an operation is compiled: a client chooses them, and each takes memory."""

JUDGED_AFTER = 64
"""Fast runs after which it is decided whether to go on."""

LEFT_AT = 8
"""One run in so many may give up before the next way is taken."""

RESTS_AT = 4
"""One run in so many may give up in the last way."""

RESTS = 16 * JUDGED_AFTER
"""Interpreted runs before fast ones are tried again."""


@dataclass(slots=True, eq=False)
class _Record:
    """What became of the runs under one truth of the conditions.

    Attributes:
        start: Starts a fast run; ``None`` while there is no way, or it is being prepared.
        left: The ways that have not been tried.
    """

    start: Start | None = None
    left: tuple[Way, ...] = WAYS
    runs: int = 0
    given_up: int = 0
    rests: int = 0

    def count_given_up(self) -> None:
        """Note that a fast run gave up."""
        self.given_up += 1


class Runs:
    """The executions of one program.

    Args:
        submit: Where compiling runs; ``None`` interprets always.
    """

    __slots__ = ("_compiling", "_program", "_records", "_submit")

    def __init__(self, program: Program, *, submit: Submit | None) -> None:
        self._program = program
        # A plan that may need more requests than it has is for the interpreter, which counts them.
        self._submit = submit if len(program.fetches) <= program.options.max_requests else None
        self._records: dict[int, _Record] = {}
        self._compiling = 0

    @property
    def compiles(self) -> bool:
        """Whether the program is compiled once it comes often."""
        return self._submit is not None

    def start(self, variables: Mapping[str, object]) -> PlanRun | SpeculativeRun:
        """An execution with coerced ``variables``."""
        if self._submit is None:
            return PlanRun(self._program, variables)
        bits = self._program.conditions.evaluate(variables)
        record = self._records.get(bits)
        if record is None:
            if len(self._records) == CACHED_PROJECTIONS:
                self._records.clear()
                self._compiling = 0
            record = self._records[bits] = _Record()
        if record.start is None:
            record.runs += 1
            if record.runs == COMPILED_AFTER and self._compiling < MAX_COMPILED:
                self._compiling += 1
                self._submit(lambda: self._prepare(bits, record))
            return PlanRun(self._program, variables)
        if record.runs >= JUDGED_AFTER:
            self._judge(bits, record)
        if record.rests:
            record.rests -= 1
            return PlanRun(self._program, variables)
        record.runs += 1
        return SpeculativeRun(self._program, variables, record.start(variables), record.count_given_up)

    def _judge(self, bits: int, record: _Record) -> None:
        """Decide whether fast runs go on, and count anew."""
        if record.given_up * LEFT_AT > record.runs and record.left and self._submit is not None:
            self._submit(lambda: self._prepare(bits, record))
        elif record.given_up * RESTS_AT > record.runs:
            record.rests = RESTS
        record.runs = record.given_up = 0

    def _prepare(self, bits: int, record: _Record) -> None:
        """Take the first of the ways that are left, if there is one."""
        while record.left:
            way, *left = record.left
            record.left = tuple(left)
            try:
                start = way(self._program, bits)
            except NotCompilableError as reason:
                _log.debug("operation is run in another way", extra={"reason": str(reason)})
            except Exception:  # nobody else is there to tell, and the interpreter goes on
                _log.exception("operation was not compiled")
                return
            else:
                record.runs = record.given_up = 0
                record.start = start
                return
