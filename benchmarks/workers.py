"""What a second worker is worth: ``python -m benchmarks.workers``.

A gateway with two workers on two cores is compared with one worker on one core. Somebody has to ask and to be asked,
and that takes cores, too. There are two ways to keep it honest, and the first line of the output says which one it was:

* With cores to spare, the gateway has as many as it has workers, and subgraphs and clients have all others.
* Else everything (gateway, subgraphs, clients) runs on as many cores as there are workers. With two there is twice of
  everything to be had, and the others take the same share of it.

``x`` is how many times the requests a second of the first row there are. ``a core`` is requests per second of CPU
time: what one core could answer if it did nothing else. It falls when workers get in each other's way. ``busiest`` is
the share of the busiest worker; connections are spread by the kernel, and not evenly when there are few. ``x by CPU``
is what both together allow when every worker has a core and nobody else is in the way: it can be told on a busy
machine, too, and does not see what only shows when all cores are full, such as the bandwidth of memory.
"""

import argparse
import sys
from collections.abc import Sequence

from benchmarks.compare import QUICK, medians
from benchmarks.harness.gateways import supergate
from benchmarks.harness.machine import describe_machine
from benchmarks.harness.measure import Bench, Effort, Measurement
from benchmarks.harness.processes import Cores, Shares, available_cores, stop_when_terminated
from benchmarks.harness.scenarios import SCENARIOS, Scenario
from benchmarks.harness.table import format_table

_HEAD = ("scenario, workers", "RPS", "x", "x by CPU", "CPU ms", "a core", "busiest", "p50 ms", "p99 ms", "MB", "bad")


def fair_shares(available: Cores, workers: int, most_workers: int) -> Shares:
    """Cores for ``workers``, so that it can be compared with ``most_workers``; see above."""
    ordered = sorted(available)
    own = frozenset(ordered[:workers])
    if len(ordered) >= 2 * most_workers:
        return Shares(own, frozenset(ordered[most_workers:]))
    return Shares(own, own)


def measure(scenario: Scenario, counts: Sequence[int], effort: Effort, *, rounds: int) -> dict[int, list[Measurement]]:
    """The rounds of each number of workers, by turns."""
    measured: dict[int, list[Measurement]] = {workers: [] for workers in counts}
    for _ in range(rounds):
        for workers in counts:
            bench = Bench(fair_shares(available_cores(), workers, max(counts)))
            try:
                measurement = bench.measure(supergate(workers=workers), scenario, effort)
            finally:
                bench.close()
            measured[workers].append(measurement)
            sys.stderr.write(f"{scenario.name}: {workers} workers, {measurement.rps:.0f} RPS\n")
    return measured


def speed_up(several: Measurement, one: Measurement) -> float:
    """How many times the requests of ``one`` all workers answer when the busiest has no time left."""
    if not several.cpu_ms:
        return 0.0
    return one.cpu_ms * one.busiest / (several.cpu_ms * several.busiest)


def _row(workers: int, median: Measurement, first: Measurement) -> tuple[str, ...]:
    return (
        f"{median.scenario}, {workers}",
        f"{median.rps:.0f}",
        f"{median.rps / first.rps:.2f}",
        f"{speed_up(median, first):.2f}",
        f"{median.cpu_ms:.3f}",
        f"{1000 / median.cpu_ms:.0f}" if median.cpu_ms else "",
        f"{median.busiest:.0%}",
        f"{median.p50_ms:.1f}",
        f"{median.p99_ms:.1f}",
        f"{median.memory_mb:.0f}",
        str(median.bad),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="small,wide,cached", help="default: %(default)s")
    parser.add_argument("--workers", default="1,2", help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=5.0, help="default: %(default)s")
    parser.add_argument("--warmup", type=float, default=3.0, help="default: %(default)s")
    parser.add_argument("--connections", type=int, default=128, help="of all clients (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="a fraction of a second each")
    options = parser.parse_args()
    stop_when_terminated()
    counts = [int(number) for number in options.workers.split(",")]
    effort = QUICK if options.quick else Effort(options.seconds, options.warmup, options.connections)
    rows, bad = [], 0
    for name in options.scenario.split(","):
        measured = measure(SCENARIOS[name], counts, effort, rounds=1 if options.quick else options.rounds)
        by_count = {workers: medians(rounds) for workers, rounds in measured.items()}
        rows += [_row(workers, median, by_count[counts[0]]) for workers, median in by_count.items()]
        bad += sum(median.bad for median in by_count.values())
    shares = fair_shares(available_cores(), max(counts), max(counts))
    sys.stdout.write(f"{describe_machine(shares)}\n\n{format_table(_HEAD, rows)}\n")
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
