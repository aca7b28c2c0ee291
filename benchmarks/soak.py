"""One worker under mixed load for long, and whether its memory grows: ``make soak``, or ``python -m benchmarks.soak``.

Most requests repeat themselves; some have a text that was never seen before, some are wrong or meet a subgraph's
error, and some clients leave before they have their answer. After each hundredth part, when nothing is under way, the
worker's resident memory is looked at, and what its garbage collector has done. A straight line is laid through the
second half; the exit code is 1 if it rises by more than ``--bound-mb``, or if any answer was not the right one.
"""

import argparse
import asyncio
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import uvloop

from benchmarks.harness.collector import read_collections
from benchmarks.harness.gateways import Gateway, Place, serve_arguments
from benchmarks.harness.load import Load
from benchmarks.harness.machine import describe_machine
from benchmarks.harness.measure import Bench
from benchmarks.harness.processes import available_cores, resident_mb, share_cores, stop_when_terminated
from benchmarks.harness.requests import Requests, Supply, request_head
from benchmarks.harness.scenarios import SCENARIOS
from benchmarks.harness.table import format_table

SHARES = {"small": 35, "deep": 20, "cached": 20, "wide": 3, "aliases": 8, "shapes": 4}
"""Percent of the requests, by scenario; what is left is wrong."""

WRONG_BODIES = (
    {"query": "{ unlucky }"},  # a subgraph answers with an error
    {"query": "{ headliner { nobodyKnowsThis } }"},
    {"query": "{ headliner {"},
    {"query": "query ($id: ID!) { band(id: $id) { name } }", "variables": {"id": {"not": "an id"}}},
    {"query": "{ band(id: 1) { name } }", "operationName": "Other"},
)
LEAVING_EVERY = 20
"""For so many requests there is one client more that leaves before its answer."""

_HEAD = ("requests", "RSS MB", "gen 0", "gen 1", "gen 2", "GC s", "longest ms", "RPS", "bad")
_ROWS = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """The worker at one moment.

    Attributes:
        requests: How many it had answered.
        collections: Of each generation, the seconds of all, and those of the longest.
    """

    requests: int
    rss_mb: float
    collections: tuple[int, int, int, float, float]
    rps: float
    bad: int


class WrongRequests:
    """Requests that are answered with errors."""

    def __init__(self, port: int) -> None:
        bodies = [orjson.dumps(body) for body in WRONG_BODIES]
        self._requests = [(request_head(port, body), body) for body in bodies]

    def make(self, number: int) -> bytes:
        """The bytes of a request."""
        head, body = self._requests[number % len(self._requests)]
        return b"%b%010d\r\n\r\n%b" % (head, number, body)

    def is_right(self, _number: int, status: int, body: bytes) -> bool:
        """Whether there are errors, told as GraphQL tells them."""
        try:
            return status in (200, 400) and bool(orjson.loads(body)["errors"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return False


class Mix:
    """All kinds of requests, in an order that looks random and is always the same."""

    def __init__(self, port: int) -> None:
        wrong: Supply = WrongRequests(port)
        self._kinds: list[Supply] = [wrong] * (100 - sum(SHARES.values()))
        for name, percent in SHARES.items():
            self._kinds.extend([Requests(SCENARIOS[name], port)] * percent)
        random.Random(3).shuffle(self._kinds)  # noqa: S311 - the same order in every run, not a secret

    def make(self, number: int) -> bytes:
        """The bytes of a request."""
        return self._kinds[number % 100].make(number)

    def is_right(self, number: int, status: int, body: bytes) -> bool:
        """Whether that is the answer to it."""
        return self._kinds[number % 100].is_right(number, status, body)


def growth(points: Sequence[tuple[float, float]]) -> float:
    """By how much the straight line rises from the first point to the last that fits all points best."""
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    if spread == 0:
        return 0.0
    slope = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
    return slope * (points[-1][0] - points[0][0])


def judge(samples: Sequence[Sample], bound_mb: float) -> tuple[str, bool]:
    """What to say about it, and whether that is good."""
    second_half = [(float(sample.requests), sample.rss_mb) for sample in samples[len(samples) // 2 :]]
    rise, bad = growth(second_half), sum(sample.bad for sample in samples)
    text = f"Over the second half memory rises by {rise:.1f} MB (bound: {bound_mb} MB); {bad} bad."
    return text, rise <= bound_mb and not bad


async def leave(port: int, clients: int) -> None:
    """Clients that ask for much and are gone before they have it; some have not even said everything."""
    body = orjson.dumps({"query": SCENARIOS["wide"].document})
    message = b"%b%010d\r\n\r\n%b" % (request_head(port, body), 0, body)
    rng = random.Random(clients)  # noqa: S311 - when somebody leaves is no secret
    for number in range(clients):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(message[: len(message) // 2] if number % 4 == 0 else message)
        await asyncio.sleep(rng.uniform(0, 0.004))
        writer.transport.abort()


async def soak(port: int, worker: int, collections: Path, options: argparse.Namespace) -> list[Sample]:
    """Send everything, and look at the worker now and then."""
    load = Load(Mix(port), port)
    await load.connect(options.connections)
    samples: list[Sample] = []
    each, done = max(options.requests // options.samples, 1), 0
    while done < options.requests:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(leave(port, max(each // LEAVING_EVERY, 1)))
            asking = tasks.create_task(load.run(requests=each))
        result = asking.result()
        done += result.requests
        rps = result.requests / result.seconds
        samples.append(Sample(done, resident_mb(worker), read_collections(collections), rps, result.bad))
        if result.sample:
            sys.stderr.write(f"not the right answer: {result.sample}\n")
        if len(samples) % max(options.samples // _ROWS, 1) == 0:
            sys.stderr.write(f"{done} requests, {samples[-1].rss_mb:.1f} MB, {rps:.0f} RPS\n")
    return samples


def _gateway(collections: Path) -> Gateway:
    def command(place: Place) -> list[str]:
        return [sys.executable, "-m", "benchmarks.harness.launch", str(collections), *serve_arguments(place)]

    return Gateway("supergate", "", command)


def _row(sample: Sample) -> tuple[str, ...]:
    *counts, seconds, longest = sample.collections
    return (
        f"{sample.requests}",
        f"{sample.rss_mb:.1f}",
        *map(str, counts),
        f"{seconds:.2f}",
        f"{longest * 1000:.1f}",
        f"{sample.rps:.0f}",
        str(sample.bad),
    )


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=500_000, help="default: %(default)s")
    parser.add_argument("--connections", type=int, default=32, help="default: %(default)s")
    parser.add_argument("--samples", type=int, default=100, help="looks at the worker (default: %(default)s)")
    parser.add_argument("--bound-mb", type=float, default=8.0, help="default: %(default)s")
    return parser.parse_args()


def main() -> None:
    """Soak, print the table, and judge."""
    options = _parse_arguments()
    stop_when_terminated()
    shares = share_cores(available_cores(), 1)
    bench = Bench(shares)
    try:
        collections = bench.folder / "collections"
        with bench.serving(_gateway(collections), SCENARIOS["shapes"], log=Path(os.devnull)) as (processes, place):
            os.sched_setaffinity(0, shares.others)
            samples = uvloop.run(soak(place.port, processes.process.pid, collections, options))
    finally:
        bench.close()
    shown = samples[:: max(len(samples) // _ROWS, 1)]
    rows = [_row(sample) for sample in (shown if shown[-1] is samples[-1] else [*shown, samples[-1]])]
    text, is_good = judge(samples, options.bound_mb)
    sys.stdout.write(f"{describe_machine(shares)}\n\n{format_table(_HEAD, rows)}\n\n{text}\n")
    raise SystemExit(0 if is_good else 1)


if __name__ == "__main__":
    main()
