"""The planning cases: which requests a plan makes, and that it answers as one plain schema would.

``--update-cases`` rewrites the expected blocks; read that diff like code.
"""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from supergraph import Operation, QueryPlan, Subgraph, compose, plan, prepare, read_supergraph
from supergraph.errors import OperationError, PlanningError
from supergraph.operation.defer import with_all_parts
from supergraph.operation.select import with_deferred_parts
from supergraph.plan.check import check_plan
from supergraph.read import Supergraph
from tests.cases.fetch_list import list_fetches
from tests.cases.loader import Case, load_cases, update_case
from tests.oracle.data import DataOptions
from tests.oracle.pieces import SubgraphSource
from tests.oracle.trial import Composed, Failure, Outcome, Passed, Refused, Trial, compose_world, run_trial

ALL_CASES = load_cases(Path(__file__).parents[2] / "cases" / "planner")
# What the execution oracle found, told by a line ``# known:``, until it is mended.
KNOWN = [case for case in ALL_CASES if "known" in case.headers]
CASES = [case for case in ALL_CASES if case not in KNOWN]
PLANNED = [case for case in CASES if "error" not in case.expected]
REFUSED = [case for case in CASES if "error" in case.expected]
SHOWN = [case for case in PLANNED if "plan" in case.expected]
SUPPORTED = [case for case in PLANNED if "needs" not in case.headers]
# The monolith is executed without incremental delivery and without event streams.
EXECUTED = [
    case
    for case in SUPPORTED
    if not re.match("subscription|.*@defer", case.operation.text) and "executed" not in case.headers
]

needs_feature = pytest.mark.xfail(strict=True, reason="the planner does not have this feature so far")


def marked(cases: list[Case]) -> list[object]:
    """The cases; those that need a feature which is missing so far must fail."""
    return [
        pytest.param(case, id=str(case), marks=[needs_feature] if "needs" in case.headers else []) for case in cases
    ]


@cache
def compose_sources(sources: tuple[SubgraphSource, ...]) -> Composed | Refused | Failure:
    return compose_world(sources)


def run_case(case: Case, seed: int) -> Outcome:
    data = DataOptions(seed=seed, nulls=150 * (seed % 2))
    trial = Trial(sources=case.subgraphs, operation=case.operation, data=data, labels=case.labels, order=seed)
    composed = compose_sources(case.subgraphs)
    return run_trial(trial, composed) if isinstance(composed, Composed) else composed


def compose_case(case: Case) -> Supergraph:
    composed = compose_sources(case.subgraphs)
    assert isinstance(composed, Composed), composed
    return composed.supergraph


def prepare_case(case: Case, supergraph: Supergraph) -> Operation:
    return with_deferred_parts(supergraph, prepare(supergraph, case.operation.text))


def plan_case(case: Case) -> QueryPlan:
    supergraph = compose_case(case)
    return plan(supergraph, prepare_case(case, supergraph), labels=case.labels)


@pytest.mark.parametrize("case", marked(PLANNED))
def test_a_plan_makes_these_requests(case: Case, pytestconfig: pytest.Config) -> None:
    listed = list_fetches(plan_case(case))

    if pytestconfig.getoption("--update-cases") and "needs" not in case.headers:
        update_case(case, "fetches", listed)
        return
    assert listed.splitlines() == case.expected["fetches"].splitlines()


@pytest.mark.parametrize("case", marked(SHOWN))
def test_a_plan_is_shown_like_this(case: Case, pytestconfig: pytest.Config) -> None:
    shown = plan_case(case).pretty().strip()

    if pytestconfig.getoption("--update-cases"):
        update_case(case, "plan", shown)
        return
    assert shown == case.expected["plan"]


@pytest.mark.parametrize("case", marked(SUPPORTED))
def test_a_plan_leaves_nothing_out(case: Case) -> None:
    supergraph = compose_case(case)
    operation = prepare_case(case, supergraph)
    everything = replace(operation, selection=with_all_parts(operation.selection))

    assert check_plan(supergraph, everything, plan(supergraph, operation, labels=case.labels)) == []


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("case", marked(EXECUTED))
def test_a_plan_answers_as_one_schema_would(case: Case, seed: int) -> None:
    outcome = run_case(case, seed)

    assert isinstance(outcome, Passed), outcome


if KNOWN:  # a case is added with what the execution oracle finds, and its mark goes when the fault is mended

    @pytest.mark.xfail(strict=True, reason="found by the execution oracle and not mended yet")
    @pytest.mark.parametrize("case", KNOWN, ids=str)
    def test_a_known_fault_is_still_there(case: Case) -> None:
        outcomes = [run_case(case, seed) for seed in range(8)]

        assert [outcome for outcome in outcomes if not isinstance(outcome, Passed)] == []


@pytest.mark.parametrize("case", marked(REFUSED))
def test_an_operation_without_a_plan_is_refused(case: Case) -> None:
    composition = compose([Subgraph(each.name, f"http://{each.name}", each.sdl) for each in case.subgraphs])
    codes = [error.code for error in composition.errors]
    if composition.sdl is not None:
        supergraph = read_supergraph(composition.sdl)
        with pytest.raises((OperationError, PlanningError)) as raised:
            plan(supergraph, prepare(supergraph, case.operation.text), labels=case.labels)
        codes = [raised.value.code]

    assert codes == [case.expected["error"]]
