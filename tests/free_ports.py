"""Ports for servers that are told theirs before they start.

A port that the system names (a bind to port 0) may be given to any outgoing connection or other server as soon as
the probe is closed. These are below the range that Linux and macOS name ports from, and each process of
pytest-xdist has a part of its own.
"""

import os
import random
import socket
from itertools import count

FIRST = 20_000
PARTS = 24
PART_SIZE = 500

_part = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % PARTS
_turns = count(random.SystemRandom().randrange(PART_SIZE))  # another suite on this machine starts elsewhere


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, and that nobody in this suite is given until many others were."""
    for _ in range(PART_SIZE):
        port = FIRST + _part * PART_SIZE + next(_turns) % PART_SIZE
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError(f"no port is free in part {_part}")


def free_ports(number: int) -> tuple[int, ...]:
    """The same, several of them."""
    return tuple(free_port() for _ in range(number))
