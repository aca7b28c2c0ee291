"""``supergate demo``: three example subgraphs and the gateway, ready to be asked.

The subgraphs and the gateway are child processes, each in a session of its own: Ctrl-C reaches this process only, which
then stops the gateway first, so that it can finish what it has begun. A child holds a pipe from this process and
stops when the pipe closes, so none outlives it, however it ends.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import aiohttp
import typer

from router.cli.console import fail, give, say
from router.cli.demo_token import LIFETIME_HOURS, SUBJECT, make_demo_token

HOST = "127.0.0.1"
START_TIMEOUT_SECONDS = 30.0
STOP_TIMEOUT_SECONDS = 30.0
POLL_SECONDS = 0.05
GATEWAY = "the gateway"

DEFAULT_CONFIG = Path(__file__).parents[2] / "config" / "router.yaml"

BANNER = """
Supergate is up after {seconds:.1f} s. Ctrl-C stops it and the subgraphs.

  GraphQL    {url}/graphql
  REST       {url}/api/v1/products and {url}/api/v1/dashboard
  Metrics    http://{host}:{ports.metrics}/metrics
  Subgraphs  users {host}:{ports.users}, orders {host}:{ports.orders}, products {host}:{ports.products}

One GraphQL question that three subgraphs answer together:

  curl -s {url}/graphql -H 'content-type: application/json' \\
    -d '{{"query": "{{ topProducts(first: 2) {{ name shippingEstimate orders {{ id user {{ name }} }} }} }}"}}'

One REST call to a service:

  curl -s '{url}/api/v1/products?limit=2'

One REST call that asks all three, as user {subject} (the token is good for {hours} hours, until the demo stops):

  TOKEN={token}
  curl -s {url}/api/v1/dashboard -H "authorization: Bearer $TOKEN"
"""


class DemoError(Exception):
    """The demo cannot run, or go on; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where everything listens."""

    gateway: int
    users: int
    orders: int
    products: int
    metrics: int

    def by_name(self) -> Mapping[str, int]:
        """Each port under the name of what listens there."""
        return {GATEWAY: self.gateway, **self.subgraphs(), "metrics": self.metrics}

    def subgraphs(self) -> Mapping[str, int]:
        """The ports of the subgraphs."""
        return {"users": self.users, "orders": self.orders, "products": self.products}

    def environment(self) -> Mapping[str, str]:
        """The variables that ``config/router.yaml`` reads."""
        others = {**self.subgraphs(), "metrics": self.metrics}
        return {f"{name.upper()}_PORT": str(port) for name, port in others.items()}


def demo(
    port: Annotated[int, typer.Option(help="Port of the gateway.")] = 4000,
    users_port: Annotated[int, typer.Option(envvar="USERS_PORT", help="Port of the users subgraph.")] = 4101,
    orders_port: Annotated[int, typer.Option(envvar="ORDERS_PORT", help="Port of the orders subgraph.")] = 4102,
    products_port: Annotated[int, typer.Option(envvar="PRODUCTS_PORT", help="Port of the products subgraph.")] = 4103,
    metrics_port: Annotated[int, typer.Option(envvar="METRICS_PORT", help="Port of the metrics.")] = 9090,
    config: Annotated[Path, typer.Option(help="Configuration of the gateway.")] = DEFAULT_CONFIG,
) -> None:
    """Start three example subgraphs and the gateway, and say how to ask them."""
    ports = Ports(gateway=port, users=users_port, orders=orders_port, products=products_port, metrics=metrics_port)
    try:
        check_config(config)
        check_ports(ports.by_name())
        with TemporaryDirectory(prefix="supergate-demo-") as folder:
            asyncio.run(_run(ports, config, Path(folder)))
    except DemoError as error:
        fail(str(error))
    except asyncio.CancelledError:
        say("Stopped.")


def check_config(config: Path) -> None:
    """Raise ``DemoError`` if there is no such file."""
    if not config.is_file():
        raise DemoError(f"there is no {config}; run the demo in a checkout of Supergate, or name a file with --config")


def check_ports(ports: Mapping[str, int]) -> None:
    """Raise ``DemoError`` that names every port that is taken, or given twice."""
    names = {port: [name for name in ports if ports[name] == port] for port in ports.values()}
    for port, sharing in names.items():
        if len(sharing) > 1:
            raise DemoError(f"port {port} is given for {' and '.join(sharing)}; each needs one of its own")
    taken = [f"{port} ({name})" for name, port in ports.items() if not _is_free(port)]
    if taken:
        subject = "this port is" if len(taken) == 1 else "these ports are"
        cure = "stop what listens there, or choose others (see supergate demo --help)"
        raise DemoError(f"{subject} taken: {', '.join(taken)}; {cure}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port on which closed connections linger counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


async def _run(ports: Ports, config: Path, folder: Path) -> None:
    """Start everything and wait: for a signal, which cancels this, or for the gateway to stop by itself."""
    started = time.monotonic()
    token = make_demo_token(now_seconds=int(time.time()))
    jwks = folder / "jwks.json"
    jwks.write_text(json.dumps(token.jwks), encoding="utf-8")
    environment = {**os.environ, **ports.environment(), "DEMO_JWKS": str(jwks)}
    _cancel_on_signals()
    async with AsyncExitStack() as stack:
        children: dict[str, Process] = {}
        for name, port in ports.subgraphs().items():
            subgraph = running_child(f"subgraphs.{name}", "--port", str(port), environment=environment)
            children[name] = await stack.enter_async_context(subgraph)
        for name, port in ports.subgraphs().items():
            await wait_until_healthy(name, children[name], port)
        serve = ("router.cli", "serve", "--config", str(config), "--host", HOST, "--port", str(ports.gateway))
        children[GATEWAY] = await stack.enter_async_context(running_child(*serve, environment=environment))
        await wait_until_healthy(GATEWAY, children[GATEWAY], ports.gateway)
        give(_banner(ports, token=token.text, seconds=time.monotonic() - started))
        await watch(children)


def _cancel_on_signals() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal cancel the main task."""
    task = asyncio.current_task()
    assert task is not None, "called from a coroutine"
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


@asynccontextmanager
async def running_child(*arguments: str, environment: Mapping[str, str]) -> AsyncIterator[Process]:
    """A module that runs as a child while the context lasts; at its end the child is asked to stop, then made to."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "subgraphs.child", *arguments, stdin=PIPE, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        await _stop(process)


async def _stop(process: Process) -> None:
    with suppress(ProcessLookupError):  # it may have stopped by itself
        process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def wait_until_healthy(name: str, process: Process, port: int) -> None:
    """Ask ``/health`` until it answers 200; raises ``DemoError`` if the child ends or takes too long."""
    say(f"Waiting for {name} on port {port} …")
    try:
        async with asyncio.timeout(START_TIMEOUT_SECONDS), aiohttp.ClientSession() as session:
            while not await _is_healthy(session, port):
                if process.returncode is not None:
                    raise DemoError(f"{name} could not start (exit code {process.returncode}); see its message above")
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError as error:
        raise DemoError(f"{name} was not healthy within {START_TIMEOUT_SECONDS:.0f} seconds") from error


async def _is_healthy(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://{HOST}:{port}/health") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def watch(children: Mapping[str, Process]) -> None:
    """Tell which children stop by themselves; raises ``DemoError`` when the gateway does.

    The demo goes on without a subgraph: what the gateway answers then is worth a look.
    """

    async def ended(name: str, process: Process) -> tuple[str, int]:
        return name, await process.wait()

    for each in asyncio.as_completed([ended(name, process) for name, process in children.items()]):
        name, code = await each
        if name == GATEWAY:
            raise DemoError(f"{name} has stopped with exit code {code}")
        say(f"{name} has stopped with exit code {code}; to start it again: python -m subgraphs.{name}")


def _banner(ports: Ports, *, token: str, seconds: float) -> str:
    url = f"http://{HOST}:{ports.gateway}"
    return BANNER.format(
        ports=ports, host=HOST, url=url, token=token, seconds=seconds, subject=SUBJECT, hours=LIFETIME_HOURS
    )
