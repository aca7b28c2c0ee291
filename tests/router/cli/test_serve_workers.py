"""``supergate serve`` with two workers: from outside they are one gateway."""

import http.client
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import pytest

from tests.live_gateway import compose_supergraph

CONFIG = """
telemetry: {access_log: {enabled: false}}
ratelimit:
  policies: [{name: per-client, key: header.x-client, capacity: 20, interval: 24h, algorithm: sliding_window}]
"""


class Gateway:
    """A gateway process with two workers."""

    def __init__(self, folder: Path) -> None:
        supergraph = compose_supergraph("http://127.0.0.1:9/u", "http://127.0.0.1:9/r")
        (folder / "supergraph.graphql").write_text(supergraph.sdl)
        (folder / "router.yaml").write_text(CONFIG)
        files = ("--config", str(folder / "router.yaml"), "--supergraph", str(folder / "supergraph.graphql"))
        options = ("--host", "127.0.0.1", "--port", "0", "--workers", "2")
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "router.cli", "serve", *files, *options],
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        try:
            self.port = int(self.wait_for(r"Serving on .*:(\d+)")[1])
            self.wait_for("worker serves worker=1")
        except pytest.fail.Exception:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """The next line on stderr that fits."""
        assert self._process.stderr is not None
        lines = []
        for line in iter(self._process.stderr.readline, ""):
            lines.append(line)
            if match := re.search(pattern, line):
                return match
        pytest.fail("".join(lines))

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        """Status and text of the answer on a new connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        response = connection.getresponse()
        answer = response.status, response.read().decode()
        connection.close()
        return answer

    def query(self, **headers: str) -> int:
        """Status of a small query."""
        return self.ask("POST", "/graphql", b'{"query":"{ __typename }"}', content_type="application/json", **headers)[
            0
        ]

    def samples(self, name: str) -> Mapping[str, float]:
        """One metric, by its labels."""
        lines = self.ask("GET", "/metrics")[1].splitlines()
        found = (re.fullmatch(rf"{name}(?:{{(.*)}})? (\S+)", line) for line in lines)
        return {match[1]: float(match[2]) for match in found if match}

    @property
    def workers(self) -> list[int]:
        """Their process ids."""
        pid = self._process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


def test_a_local_limit_is_exact_over_both_workers(gateway: Gateway) -> None:
    assert Counter(gateway.query(x_client="exact") for _ in range(30)) == {200: 20, 429: 10}


def test_whichever_worker_is_scraped_shows_the_requests_of_both(gateway: Gateway) -> None:
    before = sum(gateway.samples("api_requests_total").values())
    for _ in range(10):
        gateway.query()
    shown = {sum(gateway.samples("api_requests_total").values()) - before for _ in range(8)}
    assert shown == {10.0}


def test_a_worker_that_is_killed_is_replaced_and_its_numbers_stay(gateway: Gateway) -> None:
    before = gateway.samples("api_requests_total")
    killed = gateway.workers[0]
    os.kill(killed, signal.SIGKILL)
    gateway.wait_for("worker restarted")
    gateway.wait_for("worker serves")
    assert killed not in gateway.workers
    assert len(gateway.workers) == 2
    assert gateway.samples("api_requests_total") == before
    assert gateway.samples("router_worker_restarts_total") == {None: 1.0}
    assert gateway.samples("api_active_connections") == {None: 0.0}
