"""Connections to the server or servers that count, and the two scripts on them.

    RedisLimitStore ──▶ lane ──▶ RedisServers ──▶ one server | the master that sentinels name | a cluster
                                 ▲ you are here

Connections are pooled, made when they are first needed, and never tried twice: a retry would take longer than a request
may wait. How long that is, is the business of the callers; the library's own time limit for each command would cost a
quarter of what the command costs.
"""

import asyncio
from collections.abc import Sequence

from redis.asyncio import Redis, Sentinel
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.crc import key_slot
from redis.exceptions import RedisError

from router.config.ratelimit import RedisStorage
from router.config.redis_urls import RedisServers, parse_redis_urls
from router.stores.redis_script import GIVE_BACK, TAKE

_LARGEST_POOL = 64
_LARGEST_START_SECONDS = 2.0


class RedisScripts:
    """The scripts, wherever the keys are.

    Attributes:
        is_cluster: Keys of different slots are on different servers, and no script can have both.
    """

    def __init__(self, options: RedisStorage) -> None:
        servers = parse_redis_urls(options.urls)
        self.is_cluster = servers.kind == "cluster"
        self._sentinel: Sentinel | None = None
        self._client: Redis | RedisCluster
        match servers.kind:
            case "single":
                self._client = _single(servers, options)
            case "cluster":
                self._client = _cluster(servers, options)
            case "sentinel":
                self._sentinel = _sentinel(servers, options)
                self._client = self._sentinel.master_for(servers.service, retry=_no_retry())
        self._take = self._client.register_script(TAKE)
        self._give_back = self._client.register_script(GIVE_BACK)
        # A cluster has thousands of slots, and each may have something to send; a pool that is empty is an error there.
        self._connections = asyncio.Semaphore(_LARGEST_POOL // 2)

    def slot(self, key: str) -> int:
        """Keys of one slot can be decided together."""
        return key_slot(key.encode()) if self.is_cluster else 0

    async def take(self, keys: Sequence[str], arguments: Sequence[str | int]) -> Sequence[int]:
        """Decide; raises ``RedisError`` or ``OSError``."""
        return await self._run(self._take, keys, arguments)

    async def give_back(self, keys: Sequence[str], arguments: Sequence[str | int]) -> None:
        """Give back; raises ``RedisError`` or ``OSError``."""
        await self._run(self._give_back, keys, arguments)

    async def ping(self) -> None:
        """Raise ``RedisError`` or ``OSError`` if nobody answers."""
        await self._client.ping()

    async def _run(self, script: AsyncScript, keys: Sequence[str], arguments: Sequence[str | int]) -> Sequence[int]:
        async with self._connections:
            try:
                # A cluster has to be known first: the library sends a script to any node if it knows none yet.
                await self._client.initialize()
                answer: Sequence[int] = await script(keys=keys, args=arguments)
            except AttributeError as error:
                if not self.is_cluster:
                    raise
                # When a node of a cluster fails, the library closes connections under the feet of other commands.
                raise ConnectionError("the connection was closed") from error
            return answer

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
        if self._sentinel is not None:
            await self._sentinel.aclose()


async def check_reachable(options: RedisStorage) -> None:
    """Raise ``OSError`` if the server does not answer in a time that a start may take."""
    scripts = RedisScripts(options)
    try:
        async with asyncio.timeout(max(options.timeout, _LARGEST_START_SECONDS)):
            await scripts.ping()
    except (RedisError, OSError) as error:
        problem = f"ratelimit.storage.redis.required_to_start: the server does not answer: {error!r}"
        raise OSError(problem) from error
    finally:
        await scripts.close()


def _no_retry() -> Retry:
    return Retry(NoBackoff(), 0)


def _single(servers: RedisServers, options: RedisStorage) -> Redis:
    return Redis.from_url(
        servers.url,
        socket_timeout=None,
        socket_connect_timeout=options.timeout,
        max_connections=_LARGEST_POOL,
        retry=_no_retry(),
    )


def _sentinel(servers: RedisServers, options: RedisStorage) -> Sentinel:
    return Sentinel(  # type: ignore[no-untyped-call]  # its constructor has no annotations
        list(servers.nodes),
        sentinel_kwargs={
            "socket_timeout": options.timeout,
            "socket_connect_timeout": options.timeout,
            "ssl": servers.tls,
            "retry": _no_retry(),
        },
        socket_timeout=None,
        socket_connect_timeout=options.timeout,
        max_connections=_LARGEST_POOL,
        db=servers.database,
        username=servers.username,
        password=servers.password,
        ssl=servers.tls,
    )


def _cluster(servers: RedisServers, options: RedisStorage) -> RedisCluster:
    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in servers.nodes],
        socket_timeout=None,
        socket_connect_timeout=options.timeout,
        max_connections=_LARGEST_POOL,
        username=servers.username,
        password=servers.password,
        ssl=servers.tls,
        retry=_no_retry(),
        # Else every fifth answer that a slot has moved would close the connections of all other commands.
        reinitialize_steps=0,
    )
