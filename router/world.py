"""What a gateway needs of the world around it: connections, HTTP, time.

    World ──▶ PolicySet ──▶ Snapshot
    ▲ you are here

Everything else in a snapshot is made of configuration and supergraph. A test brings a world of its own.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp

from router.identity.fetch import ask_over, fetch_over, post_over
from router.identity.forward_auth import Ask
from router.identity.jwks import Fetch
from router.policy.coprocessor import PostJson
from router.rest.proxy_route import Forwards
from router.upstream.endpoint import Connect, Endpoint
from router.upstream.forward import Forwarder

FETCH_TIMEOUT_SECONDS = 10.0
"""For key sets and the like."""


async def _nothing_to_close() -> None:
    """Close nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What there is around a gateway.

    Attributes:
        fetch: For published key sets.
        ask: For a service that decides who calls.
        post: For a coprocessor.
        connect: For subgraphs.
        make_forwarder: For services behind proxy routes; one for each snapshot, which closes it.
        clock: Monotonic seconds.
        wall_clock: Seconds since 1970.
        close: Gives back what is held.
    """

    fetch: Fetch
    ask: Ask
    post: PostJson
    connect: Connect = Endpoint.connect
    make_forwarder: Callable[[], Forwards] = Forwarder
    clock: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    close: Callable[[], Awaitable[None]] = _nothing_to_close


def open_world() -> World:
    """The real one; to be closed."""
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=FETCH_TIMEOUT_SECONDS))
    return World(fetch=fetch_over(session), ask=ask_over(session), post=post_over(session), close=session.close)
