"""``supergate compose --watch``: again on each change, until Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from router.cli.watch import watch
from router.sources.fingerprint import fingerprint


@dataclass(slots=True)
class Run:
    words: str
    files: frozenset[Path]


@dataclass(slots=True)
class Session:
    """Someone who runs a watch and, whenever it waits, does the next of ``steps``; then presses Ctrl-C."""

    files: frozenset[Path]
    steps: list[Callable[[], object]]
    read: list[str] = field(default_factory=list)

    def run(self) -> Run:
        texts = [path.read_text() if path.exists() else "-" for path in sorted(self.files)]
        self.read.append(" ".join(texts))
        return Run(f"run {len(self.read)}", self.files)

    def wait(self) -> None:
        if not self.steps:
            raise KeyboardInterrupt
        self.steps.pop(0)()

    def watch(self) -> list[str]:
        watch(self.run, wait=self.wait)
        return self.read


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.graphql"
    path.write_text("one")
    os.utime(path, (1_000_000, 1_000_000))  # long before any run
    return path


def test_it_runs_once_without_a_change(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Session(frozenset({file}), [lambda: None]).watch() == ["one"]
    assert re.fullmatch(r"\[\d\d:\d\d:\d\d\] run 1\nStopped\.\n", capsys.readouterr().err)


def test_it_runs_again_after_each_change(file: Path) -> None:
    steps: list[Callable[[], object]] = [lambda: file.write_text("two 2"), lambda: file.write_text("three")]
    assert Session(frozenset({file}), steps).watch() == ["one", "two 2", "three"]


def test_a_change_of_time_alone_counts(file: Path) -> None:
    assert len(Session(frozenset({file}), [lambda: os.utime(file, (1, 1))]).watch()) == 2


def test_files_that_come_and_go_count(file: Path) -> None:
    other = file.with_name("b.graphql")
    steps: list[Callable[[], object]] = [lambda: other.write_text("new"), other.unlink]
    assert Session(frozenset({file, other}), steps).watch() == ["one -", "one new", "one -"]


def test_a_change_during_a_run_is_not_missed(file: Path) -> None:
    session = Session(frozenset({file}), [lambda: file.write_text("second")])
    plain = session.run

    def run() -> Run:
        result = plain()
        if len(session.read) == 2:
            file.write_text("during it")
        return result

    watch(run, wait=session.wait)
    assert session.read == ["one", "second", "during it"]


def test_a_change_during_the_first_run_is_not_missed(file: Path) -> None:
    session = Session(frozenset({file}), [])
    plain = session.run

    def run() -> Run:
        result = plain()
        if len(session.read) == 1:
            file.write_text("during it")
        return result

    watch(run, wait=session.wait)
    assert session.read == ["one", "during it"]


def test_files_of_an_earlier_run_are_watched_on(file: Path) -> None:
    session = Session(frozenset({file}), [lambda: file.write_text("broken"), lambda: file.write_text("mended")])

    def run() -> Run:
        result = session.run()
        return Run("broken", frozenset()) if result.words == "run 2" else result

    watch(run, wait=session.wait)
    assert session.read == ["one", "broken", "mended"]


def test_a_missing_file_has_no_stamp(tmp_path: Path) -> None:
    assert fingerprint([tmp_path / "no"]) == {tmp_path / "no": None}


def test_the_command_composes_on_change_and_ends_with_0(tmp_path: Path) -> None:
    schema, output = tmp_path / "a.graphql", tmp_path / "out.graphql"
    schema.write_text("type Query { one: Int }")
    (tmp_path / "supergraph.yaml").write_text("subgraphs: {a: {routing_url: 'http://a', schema: {file: a.graphql}}}")
    arguments = ["compose", "--config", "supergraph.yaml", "--watch", "-o", "out.graphql"]
    command = [sys.executable, "-m", "router.cli", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stderr is not None
        timer = threading.Timer(60, process.kill)  # the end of the output, where nothing comes
        timer.start()
        try:
            assert any("] composed to out.graphql: 1 subgraph, no problems" in line for line in process.stderr)
            assert "one: Int" in output.read_text()
            schema.write_text("type Query {")
            assert any("] not composed: 1 subgraph, 1 error" in line for line in process.stderr)
            assert "one: Int" in output.read_text()
            schema.unlink()
            assert any("a.graphql: no such file" in line for line in process.stderr)
            schema.write_text("type Query { two: Int }")
            assert any("] composed to out.graphql" in line for line in process.stderr)
            assert "two: Int" in output.read_text()
            process.send_signal(signal.SIGINT)
            assert process.stderr.read().endswith("Stopped.\n")
            assert process.wait() == 0
        finally:
            timer.cancel()
            process.kill()
