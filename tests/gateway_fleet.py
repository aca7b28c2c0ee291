"""Several gateways, each in a process of its own: ``python -m tests.gateway_fleet 4 router.yaml``.

All that takes long is imported and composed once, before the processes are made. Each prints its address when it
serves; they end when standard input does.
"""

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

from router.config.listen import Address
from router.gateway import Router
from supergraph import Subgraph, Supergraph, compose, read_supergraph


def main() -> None:
    """Make the processes, and end them."""
    count, config = int(sys.argv[1]), Path(sys.argv[2])
    sdl = compose([Subgraph("a", "http://127.0.0.1:9/graphql", "type Query { a: Int }")]).sdl
    assert sdl is not None
    supergraph = read_supergraph(sdl)
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(serve(config, supergraph))
            finally:
                os._exit(0)
        children.append(child)
    sys.stdin.read()
    for child in children:
        os.kill(child, signal.SIGTERM)
    for child in children:
        os.waitpid(child, 0)


async def serve(config: Path, supergraph: Supergraph) -> None:
    """One gateway, until it is told to stop or its parent is gone."""

    def tell(address: Address) -> None:
        os.write(sys.stdout.fileno(), f"http://{address}\n".encode())

    router = Router.from_config(config, source=supergraph, environ={})
    await router.serve(Address("127.0.0.1", 0), started=tell)


if __name__ == "__main__":
    assert threading.active_count() == 1, "threads do not survive a fork"
    main()
