"""Real processes: who is started, replaced, told and stopped."""

import os
import signal
import time

from router.stores.limits import Algorithm, Charge, Rule
from router.stores.shared_limits import SharedLimitStore
from router.telemetry.metrics import Metrics
from router.workers import PATIENCE_SECONDS, Worker
from tests.worker_group import Signals, Tell, running, work_for_ever


def serve(worker: Worker, tell: Tell) -> int:
    """A worker that is well."""
    signals = Signals(signal.SIGTERM)
    worker.ready()
    tell(f"{worker.number} {os.getpid()}")
    signals.wait()
    tell("drained")
    return 0


def test_on_sigterm_every_worker_drains() -> None:
    with running(3, serve) as group:
        assert sorted(group.hear()[0] for _ in range(3)) == ["0", "1", "2"]
        group.signal(signal.SIGTERM)
        assert group.hear_end() == ["drained"] * 3
        assert group.exit_code() == 0


def test_the_others_start_when_the_first_one_serves() -> None:
    def work(worker: Worker, tell: Tell) -> int:
        signals = Signals(signal.SIGHUP)
        tell(f"{worker.number} starts")
        signals.wait()
        tell(f"{worker.number} serves")
        worker.ready()
        work_for_ever()
        return 0

    with running(2, work) as group:
        heard = [group.hear()]
        group.signal(signal.SIGHUP)
        assert [*heard, group.hear(), group.hear()] == ["0 starts", "0 serves", "1 starts"]


def count_of_restarts(metrics: Metrics) -> str:
    (line,) = (line for line in metrics.text().decode().splitlines() if line.startswith("router_worker_restarts_total"))
    return line


def test_a_worker_that_is_killed_is_replaced_and_that_is_counted() -> None:
    def work(worker: Worker, tell: Tell) -> int:
        signals = Signals(signal.SIGTERM)
        worker.ready()
        tell(f"{worker.number} {os.getpid()} {worker.is_replacement}")
        if worker.is_replacement:
            tell(count_of_restarts(Metrics(memory=worker.metrics)))
        signals.wait()
        return 0

    with running(2, work) as group:
        pids = {line.split()[0]: line.split()[1] for line in (group.hear(), group.hear())}
        os.kill(int(pids["1"]), signal.SIGKILL)
        number, pid, is_replacement = group.hear().split()
        assert (number, is_replacement) == ("1", "True")
        assert pid != pids["1"]
        assert group.hear() == "router_worker_restarts_total 1.0"
        group.signal(signal.SIGTERM)
        assert group.exit_code() == 0


def test_what_workers_count_is_added_up_and_outlives_them() -> None:
    def work(worker: Worker, tell: Tell) -> int:
        metrics = Metrics(memory=worker.metrics)
        metrics.cache_observer("plan", "hit")()
        worker.ready()
        (line,) = (line for line in metrics.text().decode().splitlines() if line.startswith("router_cache_requests"))
        tell(f"{os.getpid()} {line.rpartition(' ')[2]}")
        work_for_ever()
        return 0

    with running(2, work) as group:
        _, first = group.hear().split()
        pid, second = group.hear().split()
        os.kill(int(pid), signal.SIGKILL)
        _, third = group.hear().split()
        assert (first, second, third) == ("1.0", "2.0", "3.0")


def test_a_local_limit_is_one_for_all_workers() -> None:
    once = Rule(name="r", algorithm=Algorithm.TOKEN_BUCKET, capacity=300, interval_seconds=1e9)

    def work(worker: Worker, tell: Tell) -> int:
        store = SharedLimitStore(worker.counters, clock=time.monotonic)
        worker.ready()
        tell(str(sum(store.take_now([Charge(once, "k")])[0].allowed for _ in range(200))))
        work_for_ever()
        return 0

    with running(3, work) as group:
        assert sum(int(group.hear()) for _ in range(3)) == 300


def test_a_first_worker_that_cannot_serve_ends_it_all() -> None:
    def work(_worker: Worker, tell: Tell) -> int:
        tell("no supergraph")
        return 1

    with running(3, work) as group:
        assert group.hear_end() == ["no supergraph"]
        assert group.exit_code() == 1


def test_a_worker_that_fails_with_an_exception_has_ended() -> None:
    def work(_worker: Worker, _tell: Tell) -> int:
        raise ValueError("a bug")

    with running(1, work) as group:
        assert group.exit_code() == 1


def test_sighup_reaches_every_worker() -> None:
    def work(worker: Worker, tell: Tell) -> int:
        signals = Signals(signal.SIGHUP)
        worker.ready()
        tell("serves")
        tell(signal.Signals(signals.wait()).name)
        work_for_ever()
        return 0

    with running(2, work) as group:
        assert [group.hear(), group.hear()] == ["serves", "serves"]
        group.signal(signal.SIGHUP)
        assert [group.hear(), group.hear()] == ["SIGHUP", "SIGHUP"]


def test_sighup_before_a_worker_listens_for_it_does_no_harm() -> None:
    def work(worker: Worker, tell: Tell) -> int:
        worker.ready()
        os.kill(os.getpid(), signal.SIGHUP)
        tell("still here")
        work_for_ever()
        return 0

    with running(1, work) as group:
        assert group.hear() == "still here"


def test_a_worker_that_does_not_stop_in_time_is_killed() -> None:
    def work(worker: Worker, tell: Tell) -> int:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        worker.ready()
        tell("serves")
        work_for_ever()
        return 0

    with running(1, work, stop_seconds=0.1 - PATIENCE_SECONDS) as group:
        group.hear()
        group.signal(signal.SIGTERM)
        assert group.exit_code() == 1


def test_a_second_interrupt_reaches_workers_that_drain() -> None:
    def work(worker: Worker, tell: Tell) -> int:
        signals = Signals(signal.SIGTERM, signal.SIGINT)
        worker.ready()
        tell("serves")
        while True:
            tell(signal.Signals(signals.wait()).name)

    with running(1, work) as group:
        group.hear()
        group.signal(signal.SIGINT)
        assert group.hear() == "SIGTERM"
        group.signal(signal.SIGINT)
        assert group.hear() == "SIGINT"


def test_processes_that_are_no_workers_may_end_as_well() -> None:
    def leave_behind() -> None:
        if os.fork() == 0:
            os._exit(3)

    with running(1, serve, before=leave_behind) as group:
        group.hear()
        group.signal(signal.SIGTERM)
        assert group.exit_code() == 0


def test_workers_end_with_their_parent() -> None:
    with running(2, serve) as group:
        group.hear()
        group.hear()
        group.signal(signal.SIGKILL)
        assert group.hear_end() == ["drained"] * 2
