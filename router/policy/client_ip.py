"""Which address a client calls from, when proxies stand in front of the gateway."""

import ipaddress
from functools import lru_cache

from router.policy.request import Request


def client_ip(request: Request, *, trusted_proxy_depth: int) -> str:
    """The address that the outermost trusted proxy saw; depth 0 is the socket's other end.

    Each proxy appends to ``X-Forwarded-For`` whom it talks to. Of ``depth`` trusted proxies the last ``depth`` entries
    are true; whatever stands before them the client may have written itself. A header that is too short or does not
    hold an address means that the request came another way: then the socket counts.
    """
    if trusted_proxy_depth == 0:
        return request.peer_ip
    entries = [entry.strip() for value in request.headers.getall("x-forwarded-for", []) for entry in value.split(",")]
    if len(entries) < trusted_proxy_depth:
        return request.peer_ip
    entry = entries[-trusted_proxy_depth]
    return entry if parse_address(entry) else request.peer_ip


@lru_cache(maxsize=1024)
def network_key(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 that one IPv6 customer usually has whole."""
    parsed = parse_address(address)
    if parsed is None:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((parsed, 64), strict=False))
    return str(parsed)


@lru_cache(maxsize=1024)
def parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address without its zone; ``::ffff:203.0.113.7`` is the same host as ``203.0.113.7``."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address
