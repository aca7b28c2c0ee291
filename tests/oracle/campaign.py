"""Many trials: random supergraphs, and on each of them random operations over random data."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

from tests.oracle.data import DataOptions
from tests.oracle.faults import FAULTS
from tests.oracle.features import random_subgraphs
from tests.oracle.operations import random_operation
from tests.oracle.report import describe
from tests.oracle.shrink import shrink
from tests.oracle.trial import Failure, Passed, Refused, Trial, compose_world, run_trial
from tests.oracle.world import build_world

OPERATIONS_PER_SUPERGRAPH = 8


@dataclass(slots=True)
class Tally:
    """What became of the trials.

    Attributes:
        refused: Supergraphs that did not compose, with the reason; each stands for all its trials.
        failures: Reports.
    """

    supergraphs: int = 0
    passed: int = 0
    requests: int = 0
    refused: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def run_campaign(seed: int, budget: int, *, max_failures: int = 3, shrink_tries: int = 1500) -> Tally:
    """Run ``budget`` trials, or as many as it takes to find ``max_failures`` failures; failures are shrunk."""
    tally = Tally()
    for number in range(-(-budget // OPERATIONS_PER_SUPERGRAPH)):
        if len(tally.failures) >= max_failures:
            break
        supergraph_seed = seed * 1_000_000 + number
        tally.supergraphs += 1
        for failed, failure in _run_supergraph(supergraph_seed, tally):
            small = shrink(failed, failure, run_trial, tries=shrink_tries)
            tally.failures.append(describe(*small, seed=f"{supergraph_seed}"))
            break
    return tally


def _trial(rng: Random, trial: Trial, number: int) -> Trial:
    options = DataOptions(seed=rng.randrange(1 << 30), nulls=rng.choice((0, 0, 120, 300)))
    if number % 4 == 3:
        options = replace(options, errors=60)
    if number % 4 == 2:
        trial = replace(trial, fault=(rng.choice(sorted(FAULTS)), rng.randrange(3)))
    labels = frozenset({"percent(50)"}) if rng.random() < 0.5 else frozenset[str]()
    return replace(trial, data=options, labels=labels, order=rng.randrange(1 << 30))


def _run_supergraph(supergraph_seed: int, tally: Tally) -> Iterator[tuple[Trial, Failure]]:
    sources = random_subgraphs(supergraph_seed)
    found = compose_world(sources)
    if isinstance(found, Refused):
        tally.refused.append(f"{supergraph_seed}: {found.reason}")
        return
    rng = Random(supergraph_seed)  # noqa: S311 - seeded, to be reproducible
    if isinstance(found, Failure):
        trial = Trial(sources=sources, operation=random_operation(rng, build_world(sources).api))
        yield trial, found
        return
    for number in range(OPERATIONS_PER_SUPERGRAPH):
        trial = _trial(rng, Trial(sources=sources, operation=random_operation(rng, found.world.api)), number)
        outcome = run_trial(trial, found)
        if isinstance(outcome, Passed):
            tally.passed += 1
            tally.requests += outcome.requests
        elif isinstance(outcome, Failure):
            yield trial, outcome
