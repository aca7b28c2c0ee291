"""A port that several processes listen on.

Each has a listening socket of its own (``SO_REUSEPORT``), and the kernel spreads connections over them by their hash:
of 50 connections each of two workers got 18 to 32. One socket that all inherit was tried, too: whoever wakes up first
takes all that wait, and of 50 connections that came at once one worker got all in two of five runs.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from router.config.listen import Address
from router.http.listener import ListenError, describe_refusal


@contextmanager
def reserved(address: Address) -> Iterator[Address]:
    """Keep a port for processes that will listen on it; port 0 is replaced by one that is free.

    Programs that share ports may take the same one by mistake, and would get every other connection. So it is tried
    first whether anybody listens.

    Raises:
        ListenError: It is taken, or cannot be had.
    """
    with ExitStack() as stack:
        port = address.port
        try:
            for family, kind, protocol, _, place in socket.getaddrinfo(
                address.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            ):
                with socket.socket(family, kind, protocol) as probe:
                    _bind(probe, (place[0], port), shared=False)
                    # A socket that is bound and does not listen gets no connections.
                    kept = stack.enter_context(socket.socket(family, kind, protocol))
                    port = probe.getsockname()[1]
                _bind(kept, (place[0], port), shared=True)
        except OSError as error:
            raise ListenError(describe_refusal(address, error)) from error
        yield Address(address.host, port)


def _bind(sock: socket.socket, place: tuple[str | int, int], *, shared: bool) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if sock.family is socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if shared:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind(place)
