"""One operation run twice on the same answers: by the interpreter, and in a fast way.

    Program, answers ──▶ PlanRun ────────┐
              └────────▶ SpeculativeRun ─┴▶ the same requests, the same response

The answers arrive in an order that depends on the requests alone, so both runs see the same.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from zlib import crc32

from router.executor.compiled.places import NotCompilableError
from router.executor.outcome import ExecutionResult, FetchOutcome, FetchRequest
from router.executor.program import Program
from router.executor.run import PlanRun
from router.executor.speculative_run import SpeculativeRun
from router.executor.ways import Way, compiled

Answers = Callable[[FetchRequest], FetchOutcome]
"""Equal requests must get equal answers."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the two runs.

    Attributes:
        why_not: Why there is no fast run of the plan; ``None`` if there is.
        gave_up: Whether the interpreter took over.
        problem: In what the runs differ; ``None`` if in nothing.
    """

    why_not: str | None = None
    gave_up: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What one run asked and answered."""

    requests: Counter[tuple[int, bytes]]
    result: ExecutionResult


def run_both_ways(
    program: Program,
    variables: Mapping[str, object],
    answers: Answers,
    *,
    way: Way = compiled,
    order: int = 0,
    answered_in_time: int | None = None,
) -> Comparison:
    """Run twice and compare.

    Args:
        program: What to run.
        variables: Coerced.
        answers: Asked by both runs.
        way: The fast one.
        order: Seed of the order in which answers arrive.
        answered_in_time: After so many answers time is up; ``None`` for never.
    """
    try:
        start = way(program, program.conditions.evaluate(variables))
    except NotCompilableError as reason:
        return Comparison(why_not=str(reason))
    takeovers: list[None] = []
    speculative = SpeculativeRun(program, variables, start(variables), lambda: takeovers.append(None))
    compiled = _drive(speculative, answers, order, answered_in_time)
    interpreted = _drive(PlanRun(program, variables), answers, order, answered_in_time)
    return Comparison(gave_up=bool(takeovers), problem=_difference(interpreted, compiled))


def _drive(run: PlanRun | SpeculativeRun, answers: Answers, order: int, answered_in_time: int | None) -> Course:
    requests: Counter[tuple[int, bytes]] = Counter()
    waiting: list[FetchRequest] = []
    answered = 0
    while True:
        ready = run.ready()
        waiting.extend(ready)
        requests.update((request.fetch.id, request.body) for request in ready)
        if not waiting:
            break
        if answered == answered_in_time:
            run.time_out()
            break
        request = min(waiting, key=lambda each: crc32(b"%d %d " % (order, each.fetch.id) + each.body))
        waiting.remove(request)
        run.receive(request, answers(request))
        answered += 1
    return Course(requests, run.response())


def _difference(interpreted: Course, compiled: Course) -> str | None:
    if interpreted.requests != compiled.requests:
        lost, invented = interpreted.requests - compiled.requests, compiled.requests - interpreted.requests
        return f"requests differ\n  interpreted: {dict(lost)}\n  compiled: {dict(invented)}"
    wanted, found = interpreted.result, compiled.result
    for name, one, other in (
        ("data", exactly(wanted.data), exactly(found.data)),
        ("errors", json.dumps(wanted.errors), json.dumps(found.errors)),
        ("nothing in time", str(wanted.nothing_in_time), str(found.nothing_in_time)),
    ):
        if one != other:
            return f"{name} differs\n  interpreted: {one}\n  compiled:    {other}"
    return None


def exactly(body: bytes) -> str:
    """JSON as text that is equal only if order of keys and kinds of numbers are."""
    return repr(json.loads(body, object_pairs_hook=tuple))
