"""Gateways side by side: ``make bench``, or ``python -m benchmarks.compare``.

Supergate with one and two workers, and with its interpreter alone; with ``--peers`` also the gateways that npm
installs. All have the same supergraph, subgraphs and clients. Rounds go A B C A B C, each run is a fresh process, and
medians count. Nothing is asserted on time; the exit code is 1 if any answer was not the right one, or a run failed.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.harness.gateways import Gateway, install_peers, installed_peers, supergate
from benchmarks.harness.machine import describe_machine, load_average
from benchmarks.harness.measure import Bench, Effort, Measurement
from benchmarks.harness.processes import available_cores, share_cores, stop_when_terminated
from benchmarks.harness.scenarios import SCENARIOS, Scenario
from benchmarks.harness.table import format_table

QUICK = Effort(seconds=0.3, warmup=0.1, connections=4)
HEAD = ("gateway", "CPU ms", "x", "RPS", "p50 ms", "p99 ms", "MB", "calls", "bad", "busy", "others")


def run(
    gateways: Sequence[Gateway], scenarios: Sequence[Scenario], effort: Effort, *, rounds: int
) -> list[Measurement]:
    """All rounds; what a gateway cannot do is told, and left out."""
    measured = []
    for scenario in scenarios:
        for number in range(rounds):
            for gateway in gateways:
                bench = Bench(share_cores(available_cores(), gateway.workers))
                try:
                    measurement = bench.measure(gateway, scenario, effort)
                except (RuntimeError, ConnectionError) as error:
                    _tell(f"{scenario.name}: {gateway.name} failed: {error}")
                    continue
                finally:
                    bench.close()
                measured.append(measurement)
                _tell(
                    f"{scenario.name} {number + 1}/{rounds}: {gateway.name} {measurement.cpu_ms:.3f} ms, "
                    f"{measurement.rps:.0f} RPS, {measurement.bad} bad"
                )
    return measured


def medians(measured: Sequence[Measurement]) -> Measurement:
    """Of the rounds of one gateway with one scenario; bad answers and requests are added up."""
    first = measured[0]
    numbers = {
        name: statistics.median(getattr(each, name) for each in measured)
        for name in Measurement.__slots__
        if isinstance(getattr(first, name), float)
    }
    return Measurement(
        gateway=first.gateway,
        scenario=first.scenario,
        requests=sum(each.requests for each in measured),
        bad=sum(each.bad for each in measured),
        sample=next((each.sample for each in measured if each.sample), ""),
        answer_bytes=first.answer_bytes,
        has_own_cores=first.has_own_cores,
        **numbers,
    )


def report(measured: Sequence[Measurement], scenario: Scenario) -> str:
    """The table of one scenario."""
    names = list(dict.fromkeys(each.gateway for each in measured if each.scenario == scenario.name))
    rows, first = [], None
    for name in names:
        rounds = [each for each in measured if (each.gateway, each.scenario) == (name, scenario.name)]
        median = medians(rounds)
        first = first or median
        rows.append(_row(median, first))
    size = f"{first.answer_bytes / 1000:.1f} kB" if first else "no answer"
    return f"### {scenario.name}: {scenario.about} ({size})\n\n{format_table(HEAD, rows)}\n"


def _row(median: Measurement, first: Measurement) -> tuple[str, ...]:
    return (
        median.gateway,
        f"{median.cpu_ms:.3f}",
        f"{median.cpu_ms / first.cpu_ms:.2f}" if first.cpu_ms else "",
        f"{median.rps:.0f}" + ("" if median.has_own_cores else "*"),
        f"{median.p50_ms:.1f}",
        f"{median.p99_ms:.1f}",
        f"{median.memory_mb:.0f}",
        f"{median.calls:.1f}" + ("" if median.passed_on > 0.99 else " shared"),
        str(median.bad),
        f"{median.busy:.2f}",
        f"{median.subgraphs_busy + median.load_busy:.2f}",
    )


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", action="store_true", help="install other gateways by npm, and measure them too")
    parser.add_argument("--only", metavar="NAMES", help="gateways, separated by commas; the first is the base of x")
    parser.add_argument("--scenario", metavar="NAMES", default=",".join(SCENARIOS), help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement (default: %(default)s)")
    parser.add_argument("--warmup", type=float, default=3.0, help="seconds before each (default: %(default)s)")
    parser.add_argument("--connections", type=int, default=32, help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single measurement, too")
    parser.add_argument("--quick", action="store_true", help="a fraction of a second each: whether it works at all")
    return parser.parse_args()


def _chosen_gateways(options: argparse.Namespace) -> list[Gateway]:
    if options.peers:
        install_peers()
    peers = installed_peers() if options.peers else []
    known = [supergate(), supergate(interprets=True), supergate(workers=2), *peers]
    if options.only is None:
        return known
    by_name = {gateway.name: gateway for gateway in known}
    unknown = [name for name in options.only.split(",") if name not in by_name]
    if unknown:
        raise SystemExit(f"No gateway is named {unknown[0]!r}; there are {', '.join(by_name)}.")
    return [by_name[name] for name in options.only.split(",")]


def _chosen_scenarios(options: argparse.Namespace) -> list[Scenario]:
    names = options.scenario.split(",")
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        raise SystemExit(f"No scenario is named {unknown[0]!r}; there are {', '.join(SCENARIOS)}.")
    return [SCENARIOS[name] for name in names]


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Measure, and print the tables."""
    options = _parse_arguments()
    stop_when_terminated()
    gateways, scenarios = _chosen_gateways(options), _chosen_scenarios(options)
    effort = QUICK if options.quick else Effort(options.seconds, options.warmup, options.connections)
    rounds = 1 if options.quick else options.rounds
    seconds = len(gateways) * len(scenarios) * rounds * (effort.seconds + effort.warmup + 2)
    _tell(f"This takes about {seconds / 60:.0f} minutes; the load average is {load_average()}.")
    measured = run(gateways, scenarios, effort, rounds=rounds)
    sys.stdout.write(f"{describe_machine(share_cores(available_cores(), 1))}\n\n")
    for gateway in gateways:
        sys.stdout.write(f"* {gateway.name}: {gateway.version}\n")
    if not all(each.has_own_cores for each in measured):
        sys.stdout.write("\nRPS with a *: subgraphs and clients ran on the cores of the gateway.\n")
    for scenario in scenarios:
        sys.stdout.write(f"\n{report(measured, scenario)}")
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(measured)))
    bad = [each for each in measured if each.bad]
    for each in bad:
        _tell(f"{each.scenario}: {each.gateway} gave {each.bad} bad answers of {each.requests}: {each.sample}")
    is_complete = len(measured) == len(gateways) * len(scenarios) * rounds
    raise SystemExit(0 if is_complete and not bad else 1)


if __name__ == "__main__":
    main()
