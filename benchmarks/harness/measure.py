"""One run: one gateway, one scenario.

    subgraphs ◀── gateway ◀── load
    ▲ started here, in this order; watched from here

A run is a fresh gateway: started, asked until its answer is right, warmed up, left until nothing is under way,
measured.
"""

import http.client
import json
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from sys import executable

import msgspec

from benchmarks.harness.festival import right_answer, supergraph_sdl
from benchmarks.harness.gateways import Gateway, Place
from benchmarks.harness.load import LoadResult
from benchmarks.harness.processes import Processes, Shares
from benchmarks.harness.scenarios import Scenario

START_SECONDS = 60.0
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is asked."""

    seconds: float
    warmup: float
    connections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What one run showed.

    Attributes:
        has_own_cores: Whether nobody else was meant to run on the gateway's cores; else ``rps`` says little.
        cpu_ms: User and system time of all processes of the gateway, per request.
        busy: Cores that the gateway kept busy; near the number of its cores it was the bottleneck.
        busiest: Share of the gateway's CPU time that its busiest process took.
        memory_mb: The most that was seen; what processes share is counted once.
        bad: Answers that were not the right one, of ``requests``.
        calls: Requests to subgraphs per request, while many clients ask at a time.
        passed_on: Share of these that had the client's header.
        subgraphs_busy: Cores that the subgraphs kept busy.
        load_busy: Cores that the clients kept busy.
    """

    gateway: str
    scenario: str
    requests: int
    bad: int
    sample: str
    has_own_cores: bool
    rps: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    busy: float
    busiest: float
    memory_mb: float
    answer_bytes: int
    calls: float
    passed_on: float
    subgraphs_busy: float
    load_busy: float


class Bench:
    """The subgraphs, and a folder; both are gone after ``close``."""

    def __init__(self, shares: Shares) -> None:
        self.shares = shares
        self._temporary = tempfile.TemporaryDirectory(prefix="supergate-bench-")
        self.folder = Path(self._temporary.name)
        self.subgraphs = Processes(
            [executable, "-m", "benchmarks.harness.subgraph_server"],
            cores=shares.others,
            log=self.folder / "subgraphs.log",
            reads_output=True,
        )
        self._port = int(self.subgraphs.read_line())

    def close(self) -> None:
        """Stop the subgraphs, and remove the folder."""
        self.subgraphs.stop()
        self._temporary.cleanup()

    @contextmanager
    def serving(
        self, gateway: Gateway, scenario: Scenario, *, log: Path | None = None
    ) -> Iterator[tuple[Processes, Place]]:
        """A gateway that answers the scenario rightly; what it prints goes to ``log``."""
        base = f"http://127.0.0.1:{self._port}/{'any_order' if scenario.varies == 'shape' else 'same'}"
        place = Place(Path(tempfile.mkdtemp(dir=self.folder)), self.folder / "supergraph.graphql", base, _free_port())
        place.supergraph.write_text(supergraph_sdl(base))
        processes = Processes(
            gateway.command(place),
            cores=self.shares.gateway,
            log=log or place.folder / "log",
            environment=gateway.environment,
        )
        try:
            _wait_until_right(processes, place, scenario)
            yield processes, place
        finally:
            processes.stop()

    def measure(self, gateway: Gateway, scenario: Scenario, effort: Effort) -> Measurement:
        """One run."""
        with self.serving(gateway, scenario) as (processes, place):
            command = [
                *(executable, "-m", "benchmarks.harness.load", "--scenario", scenario.name),
                *("--port", str(place.port), "--connections", str(effort.connections)),
                *("--seconds", str(effort.seconds), "--warmup", str(effort.warmup)),
            ]
            log = self.folder / "load.log"
            load = Processes(command, cores=self.shares.others, log=log, reads_output=True)
            try:
                load.read_line()
                self.counts()
                before, subgraphs_before = processes.cpu_seconds(), self.subgraphs.cpu_seconds()
                load.go_on()
                memory_mb = _watch_memory(processes, effort.seconds)
                result = msgspec.json.decode(load.read_line(), type=LoadResult)
                cpu = _used(before, processes.cpu_seconds())
                subgraphs_cpu = sum(_used(subgraphs_before, self.subgraphs.cpu_seconds()))
            finally:
                load.stop()
            counts = self.counts()
        requests = max(result.requests, 1)
        return Measurement(
            gateway=gateway.name,
            scenario=scenario.name,
            requests=result.requests,
            bad=result.bad,
            sample=result.sample,
            has_own_cores=self.shares.are_apart,
            rps=result.requests / result.seconds,
            p50_ms=result.p50_ms,
            p99_ms=result.p99_ms,
            cpu_ms=sum(cpu) / requests * 1000,
            busy=sum(cpu) / result.seconds,
            busiest=max(cpu, default=0.0) / max(sum(cpu), 1e-9),
            memory_mb=memory_mb,
            answer_bytes=result.answer_bytes,
            calls=counts["requests"] / requests,
            passed_on=counts["of_callers"] / max(counts["requests"], 1),
            subgraphs_busy=subgraphs_cpu / result.seconds,
            load_busy=result.cpu_seconds / result.seconds,
        )

    def counts(self) -> dict[str, int]:
        """What the subgraphs have been asked since the last look."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        connection.request("GET", "/counts")
        counts: dict[str, int] = json.loads(connection.getresponse().read())
        connection.close()
        return counts


def _used(before: Mapping[int, float], after: Mapping[int, float]) -> list[float]:
    """CPU seconds of each process."""
    return [seconds - before.get(pid, 0.0) for pid, seconds in after.items()]


def _watch_memory(processes: Processes, seconds: float) -> float:
    most, until = 0.0, time.monotonic() + seconds
    while True:
        most = max(most, processes.memory_mb())
        left = until - time.monotonic()
        if left <= 0:
            return most
        time.sleep(min(_LOOK_SECONDS, left))


def _wait_until_right(processes: Processes, place: Place, scenario: Scenario) -> None:
    body = json.dumps({"query": scenario.document, "variables": dict(scenario.variables)})
    expected = right_answer(scenario.document, scenario.variables)["data"]
    until, answer = time.monotonic() + START_SECONDS, b""
    while time.monotonic() < until and processes.process.poll() is None:
        with suppress(OSError, http.client.HTTPException, ValueError):
            answer = _post(place.port, body)
            if json.loads(answer).get("data") == expected:
                return
        time.sleep(0.05)
    log = processes.log.read_text(errors="replace")[-2000:]
    raise RuntimeError(f"{' '.join(processes.command)} does not answer rightly: {answer[:500]!r}\n{log}")


def _post(port: int, body: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"content-type": "application/json", "accept": "application/json", "x-caller": "first"}
        connection.request("POST", "/graphql", body, headers)
        return connection.getresponse().read()
    finally:
        connection.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
