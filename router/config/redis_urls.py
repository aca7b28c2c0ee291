"""Where a Redis server is, or several that belong together, as URLs say it.

    redis://[user:password@]host[:6379][/database]           one server; also rediss:// (TLS) and unix://
    redis+sentinel://host1[:26379],host2/service[/database]  the master that sentinels know; also rediss+sentinel://
    redis+cluster://host1[:6379],host2                       a cluster; also rediss+cluster://

Several URLs of single servers are a cluster, too.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

Kind = Literal["single", "sentinel", "cluster"]

_SCHEMES: dict[str, tuple[Kind, bool]] = {
    "redis": ("single", False),
    "rediss": ("single", True),
    "unix": ("single", False),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}
_PORTS: dict[Kind, int] = {"single": 6379, "sentinel": 26379, "cluster": 6379}
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:,/@\s]+)(?::(\d{1,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisServers:
    """What URLs say.

    Attributes:
        url: The URL of a single server.
        nodes: Host and port of each sentinel, or of nodes that know the cluster.
        service: What sentinels call the master.
    """

    kind: Kind
    url: str = ""
    nodes: tuple[tuple[str, int], ...] = ()
    service: str = ""
    database: int = 0
    username: str | None = None
    password: str | None = None
    tls: bool = False


def parse_redis_urls(urls: Sequence[str]) -> RedisServers:
    """Read the URLs of one store; raises ``ValueError``."""
    parsed = [_parse(url) for url in urls]
    if len(parsed) == 1:
        return parsed[0]
    if any(each.kind == "sentinel" or each.url.startswith("unix:") for each in parsed):
        raise ValueError("several URLs are the nodes of a cluster; list sentinels in one redis+sentinel:// URL")
    nodes = [_parse(re.sub(r"^(rediss?):", r"\1+cluster:", url)) for url in urls]
    first = nodes[0]
    if any((each.username, each.password, each.tls) != (first.username, first.password, first.tls) for each in nodes):
        raise ValueError("the nodes of a cluster have one user, one password, and all or none of them TLS")
    return RedisServers(
        kind="cluster",
        nodes=tuple(node for each in nodes for node in each.nodes),
        username=first.username,
        password=first.password,
        tls=first.tls,
    )


def _parse(url: str) -> RedisServers:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise ValueError(f"a Redis URL begins with one of {', '.join(f'{scheme}://' for scheme in _SCHEMES)}")
    kind, tls = _SCHEMES[parts.scheme]
    if kind == "single":
        if not parts.netloc and parts.scheme != "unix":
            raise ValueError("a Redis URL names a host: redis://host:6379")
        return RedisServers(kind=kind, url=url, tls=tls)
    user_info, _, hosts = parts.netloc.rpartition("@")
    username, _, password = user_info.partition(":")
    service, database = _path(parts.path, kind)
    return RedisServers(
        kind=kind,
        nodes=tuple(_node(host, _PORTS[kind]) for host in hosts.split(",")),
        service=service,
        database=database,
        username=unquote(username) or None,
        password=unquote(password) or None,
        tls=tls,
    )


def _node(text: str, port: int) -> tuple[str, int]:
    match = _HOST.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} in a Redis URL is not host:port; several are divided by commas")
    return match[1].strip("[]"), int(match[2] or port)


def _path(path: str, kind: Kind) -> tuple[str, int]:
    service, _, database = path.strip("/").partition("/")
    if kind == "cluster":
        if service:
            raise ValueError("a cluster has no databases; end its URL after the last host")
        return "", 0
    if not service:
        raise ValueError("a sentinel URL ends with the name of the service: redis+sentinel://host:26379/mymaster")
    if database and not database.isdecimal():
        raise ValueError("a sentinel URL ends with the name of the service and the number of a database")
    return unquote(service), int(database or 0)
