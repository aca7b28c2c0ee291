"""``supergate demo`` as a newcomer runs it: real processes on free ports, asked from outside."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.free_ports import free_ports

# One demo serves most of these tests, so they stay in one process of pytest-xdist.
pytestmark = pytest.mark.xdist_group("demo")

NAMES = ("", "users-", "orders-", "products-", "metrics-")
README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that is up."""

    process: subprocess.Popen[str]
    ports: tuple[int, ...]
    banner: str

    def get(self, path: str, *, port: int | None = None, token: str | None = None) -> tuple[int, bytes]:
        # A GET of /graphql without a header that pages cannot send is refused as a forgery from another site.
        headers = {"apollo-require-preflight": "true"}
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        return self._send(Request(f"http://127.0.0.1:{port or self.ports[0]}{path}", headers=headers))

    def ask(self, query: str) -> object:
        body = json.dumps({"query": query}).encode()
        url = f"http://127.0.0.1:{self.ports[0]}/graphql"
        _, answer = self._send(Request(url, body, {"content-type": "application/json"}))
        return json.loads(answer)

    @property
    def token(self) -> str:
        found = re.search(r"TOKEN=(\S+)", self.banner)
        assert found
        return found[1]

    @staticmethod
    def _send(request: Request) -> tuple[int, bytes]:
        try:
            with urlopen(request, timeout=30) as response:  # noqa: S310 - loopback
                return response.status, response.read()
        except HTTPError as error:
            with error:
                return error.code, error.read()


def start_demo() -> Demo:
    ports = free_ports(len(NAMES))
    options = [word for name, port in zip(NAMES, ports, strict=True) for word in (f"--{name}port", str(port))]
    command = [sys.executable, "-m", "router.cli", "demo", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stdout is not None
    lines: list[str] = []
    while "authorization: Bearer" not in "".join(lines):
        line = process.stdout.readline()
        if not line:
            _, said = process.communicate()
            pytest.fail(f"the demo has ended: {said}")
        lines.append(line)
    return Demo(process, ports, "".join(lines))


def stop_demo(demo: Demo, number: signal.Signals) -> tuple[int, str]:
    """Stop it; returns the exit code and what it said. Returns only when all its children are gone, too."""
    demo.process.send_signal(number)
    # The children write to the same pipe: it ends when the last of them has ended.
    _, said = demo.process.communicate(timeout=60)
    return demo.process.returncode, said


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    running = start_demo()
    yield running
    stop_demo(running, signal.SIGTERM)


def test_the_query_of_the_readme_has_the_answer_of_the_readme(demo: Demo) -> None:
    query = re.search(r"^```graphql\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    answer = re.search(r"^```json\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
    assert query
    assert answer
    assert demo.ask(query[1]) == json.loads(answer[1])


def test_the_graphql_line_of_the_banner_works(demo: Demo) -> None:
    body = re.search(r"-d '(.*)'$", demo.banner, flags=re.MULTILINE)
    assert body
    answer = demo.ask(json.loads(body[1])["query"])
    assert isinstance(answer, dict)
    assert "errors" not in answer
    assert len(answer["data"]["topProducts"]) == 2


def test_the_proxy_route_reaches_the_products_service(demo: Demo) -> None:
    status, body = demo.get("/api/v1/products/p4")
    assert (status, json.loads(body)["name"]) == (200, "Desk lamp")


def test_the_proxy_route_passes_the_query_string_on(demo: Demo) -> None:
    status, body = demo.get("/api/v1/products?limit=2&page=2")
    assert (status, [item["upc"] for item in json.loads(body)["items"]]) == (200, ["p3", "p4"])


def test_the_dashboard_is_one_object_from_three_subgraphs(demo: Demo) -> None:
    status, body = demo.get("/api/v1/dashboard", token=demo.token)
    dashboard = json.loads(body)
    assert status == 200
    assert dashboard["me"] == {"id": "u1", "name": "Ada Lovelace", "plan": "PRO"}
    assert [order["id"] for order in dashboard["myOrders"]] == ["o3", "o2", "o1"]
    assert dashboard["topProducts"][0]["name"] == "Warm bulb"


def test_a_client_cannot_name_itself_past_the_gateway(demo: Demo) -> None:
    body = json.dumps({"query": "{ me { id } }"}).encode()
    headers = {"content-type": "application/json", "x-consumer-id": "u3"}
    with urlopen(Request(f"http://127.0.0.1:{demo.ports[0]}/graphql", body, headers), timeout=30) as response:
        assert json.load(response) == {"data": {"me": None}}


@pytest.mark.parametrize("path", ["/graphql?query=%7B__typename%7D", "/api/v1/products", "/api/v1/dashboard"])
def test_a_bad_token_is_refused_on_every_door(demo: Demo, path: str) -> None:
    status, _ = demo.get(path, token=demo.token[:-8] + "AAAAAAAA")
    assert status == 401


def test_metrics_count_by_route_template(demo: Demo) -> None:
    demo.get("/api/v1/products/p1")
    status, body = demo.get("/metrics", port=demo.ports[-1])
    assert status == 200
    assert b'route="/api/v1/products/{rest*}"' in body


def test_ctrl_c_stops_everything() -> None:
    code, said = stop_demo(start_demo(), signal.SIGINT)
    assert code == 0
    assert said.endswith("Stopped.\n")


def test_a_killed_demo_leaves_no_child_behind() -> None:
    demo = start_demo()
    code, _ = stop_demo(demo, signal.SIGKILL)
    assert code == -signal.SIGKILL


def test_a_second_demo_says_which_ports_are_taken(demo: Demo) -> None:
    options = [word for name, port in zip(NAMES, demo.ports, strict=True) for word in (f"--{name}port", str(port))]
    command = [sys.executable, "-m", "router.cli", "demo", *options]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert second.returncode == 1
    assert all(str(port) in second.stderr for port in demo.ports)
