"""Which address a client calls from."""

import pytest

from router.policy.client_ip import client_ip, network_key
from tests.requests_in import request_in

SOCKET = "192.0.2.1"


@pytest.mark.parametrize(
    ("depth", "forwarded", "expected"),
    [
        (0, ["198.51.100.7"], SOCKET),
        (1, ["198.51.100.7"], "198.51.100.7"),
        (1, ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        (2, ["203.0.113.9, 198.51.100.7"], "203.0.113.9"),
        (2, ["1.1.1.1, 203.0.113.9", "198.51.100.7"], "203.0.113.9"),
        (1, [], SOCKET),
        (3, ["203.0.113.9, 198.51.100.7"], SOCKET),
        (1, ["unknown"], SOCKET),
        (1, ["2001:db8::1"], "2001:db8::1"),
    ],
)
def test_only_entries_of_trusted_proxies_are_believed(depth: int, forwarded: list[str], expected: str) -> None:
    request = request_in(headers=[("X-Forwarded-For", value) for value in forwarded])
    assert client_ip(request, trusted_proxy_depth=depth) == expected


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:0DB8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix", "unix"),
    ],
)
def test_one_customer_has_one_key(address: str, key: str) -> None:
    assert network_key(address) == key
