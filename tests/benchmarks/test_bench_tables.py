"""The tables: medians of rounds, in Markdown."""

from dataclasses import replace

from benchmarks.compare import medians, report
from benchmarks.harness.measure import Measurement
from benchmarks.harness.scenarios import SCENARIOS
from benchmarks.harness.table import format_table
from benchmarks.workers import speed_up

ROUND = Measurement(
    gateway="ours",
    scenario="small",
    requests=100,
    bad=0,
    sample="",
    has_own_cores=True,
    rps=1000.0,
    p50_ms=1.0,
    p99_ms=2.0,
    cpu_ms=0.5,
    busy=0.5,
    busiest=1.0,
    memory_mb=90.0,
    answer_bytes=60,
    calls=1.0,
    passed_on=1.0,
    subgraphs_busy=0.1,
    load_busy=0.2,
)


def test_one_slow_round_does_not_count() -> None:
    rounds = [ROUND, replace(ROUND, cpu_ms=9.0), replace(ROUND, cpu_ms=0.6)]
    assert medians(rounds).cpu_ms == 0.6


def test_each_bad_answer_counts() -> None:
    median = medians([ROUND, replace(ROUND, bad=2, sample="500"), replace(ROUND, bad=1)])
    assert (median.bad, median.requests, median.sample) == (3, 300, "500")


def test_gateways_are_compared_with_the_first() -> None:
    table = report([ROUND, replace(ROUND, gateway="theirs", cpu_ms=1.5)], SCENARIOS["small"])
    assert "| theirs  |  1.500 | 3.00 |" in table


def test_a_gateway_that_shares_requests_is_marked() -> None:
    assert "1.0 shared" in report([replace(ROUND, passed_on=0.2)], SCENARIOS["small"])


def test_a_gateway_without_cores_of_its_own_is_marked() -> None:
    assert "1000*" in report([replace(ROUND, has_own_cores=False)], SCENARIOS["small"])


def test_a_scenario_that_nobody_could_answer_has_an_empty_table() -> None:
    assert "no answer" in report([], SCENARIOS["small"])


def test_numbers_stand_right_and_names_left() -> None:
    assert format_table(("name", "ms"), [("a", "10.5")]).splitlines() == [
        "| name |   ms |",
        "| ---- | ---: |",
        "| a    | 10.5 |",
    ]


def test_two_workers_that_share_evenly_are_worth_twice_as_much() -> None:
    assert speed_up(replace(ROUND, busiest=0.5), ROUND) == 2


def test_a_worker_that_has_most_of_the_connections_is_full_first() -> None:
    assert speed_up(replace(ROUND, busiest=0.8), ROUND) == 1.25


def test_requests_that_cost_more_beside_others_make_a_worker_worth_less() -> None:
    assert speed_up(replace(ROUND, busiest=0.5, cpu_ms=0.625), ROUND) == 1.6
