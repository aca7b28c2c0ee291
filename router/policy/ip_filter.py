"""Who may call, by address."""

import ipaddress
from collections.abc import Sequence

from router.errors import IpDeniedError
from router.policy.client_ip import client_ip, parse_address
from router.policy.pipeline import PromptPolicy
from router.policy.request import Request, Response

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class IpFilter(PromptPolicy):
    """Refuses addresses that are denied, and, if some are allowed, all others.

    Args:
        trusted_proxy_depth: See ``client_ip``.
    """

    name = "ip"
    priority = 2600

    def __init__(self, *, allow: Sequence[Network], deny: Sequence[Network], trusted_proxy_depth: int) -> None:
        self._allow = tuple(allow)
        self._deny = tuple(deny)
        self._trusted_proxy_depth = trusted_proxy_depth

    def decide(self, request: Request) -> Response | None:
        """Raise ``IpDeniedError``."""
        address = parse_address(client_ip(request, trusted_proxy_depth=self._trusted_proxy_depth))
        if address is None:
            # A unix socket has no address; whoever may open it is asked by the file system.
            if self._allow and request.peer_ip:
                raise IpDeniedError
            return None
        if _within(address, self._deny) or (self._allow and not _within(address, self._allow)):
            raise IpDeniedError
        return None


def _within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
