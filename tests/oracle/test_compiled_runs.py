"""Fast runs do what the interpreter does, whatever subgraphs answer."""

import json
from random import Random

import pytest

from router.executor.outcome import FetchAnswer, FetchOutcome, FetchRequest
from router.executor.program import ExecutionOptions, Program, compile_program
from router.executor.ways import WAYS, Way
from supergraph import plan, prepare
from supergraph.errors import FederationError
from tests.oracle.both_ways import Comparison, run_both_ways
from tests.oracle.data import Data, DataOptions
from tests.oracle.features import random_subgraphs
from tests.oracle.memory import InMemorySubgraph
from tests.oracle.mutations import mutate, words_of
from tests.oracle.operations import OperationCase, random_operation
from tests.oracle.trial import Composed, coerce, compose_world

PARTS = 4
SUPERGRAPHS = 5
OPERATIONS = 6
MUTANTS = 5


class Subgraphs:
    """Answers requests as the data says, and mutates the answers if asked to."""

    def __init__(self, composed: Composed, program: Program, data: Data, mutant: str | None) -> None:
        self._subgraphs = {
            name: InMemorySubgraph(data, name, schema=schema) for name, schema in composed.schemas.items()
        }
        self._words = words_of([fetch.operation for fetch in program.plan.fetches])
        self._mutant = mutant

    def __call__(self, request: FetchRequest) -> FetchOutcome:
        body = json.loads(request.body)
        answer = self._subgraphs[request.fetch.subgraph].execute(body["query"], body.get("variables") or {})
        if self._mutant is None:
            return FetchAnswer(200, "application/json", json.dumps(answer).encode())
        return mutate(answer, f"{self._mutant} {request.fetch.id} {request.body!r}", self._words)


def compare(composed: Composed, case: OperationCase, seed: int, *, way: Way = WAYS[0]) -> list[Comparison]:
    """The operation, run in a fast way and interpreted, with right answers and with mutants of them."""
    try:
        operation = prepare(composed.supergraph, case.text)
        query_plan = plan(composed.supergraph, operation)
    except FederationError:
        return []  # for the execution oracle to tell
    rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
    options = ExecutionOptions(strict_leaves=rng.random() < 0.8, max_representations=rng.choice((None, None, None, 2)))
    program = compile_program(composed.supergraph, operation, query_plan, options=options)
    found = []
    for number in range(MUTANTS):
        data = Data(composed.world, DataOptions(seed=seed, nulls=rng.choice((0, 60))))
        subgraphs = Subgraphs(composed, program, data, f"{seed} {number}" if number else None)
        in_time = rng.randrange(4) if rng.random() < 0.1 else None
        variables = coerce(composed, case)
        found.append(run_both_ways(program, variables, subgraphs, way=way, order=number, answered_in_time=in_time))
        if found[-1].why_not is not None:
            break
    return found


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_fast_runs_ask_and_answer_as_interpreted_ones_do(way: Way, part: int) -> None:
    found: list[list[Comparison]] = []
    for number in range(SUPERGRAPHS):
        seed = 77_000 + part * SUPERGRAPHS + number
        composed = compose_world(random_subgraphs(seed))
        if not isinstance(composed, Composed):
            continue
        rng = Random(seed)  # noqa: S311 - seeded, to be reproducible
        for _ in range(OPERATIONS):
            case = random_operation(rng, composed.world.api)
            comparisons = compare(composed, case, rng.randrange(1 << 30), way=way)
            problems = [f"seed {seed}\n{case.text}\n{each.problem}" for each in comparisons if each.problem]
            assert not problems, problems[0]
            found.append(comparisons)

    fast = [comparisons for comparisons in found if comparisons and comparisons[0].why_not is None]
    assert len(fast) * 2 > len(found), "most operations must be run fast, or this test shows nothing"
    answered_rightly = [comparisons[0] for comparisons in fast]
    assert sum(not each.gave_up for each in answered_rightly) * 5 > len(fast) * 4, "right answers must be usual"
    all_runs = [each for comparisons in fast for each in comparisons]
    kept = [each for each in all_runs if not each.gave_up]
    assert len(kept) * 4 > len(all_runs), "many runs must not give up, or this test shows nothing"
