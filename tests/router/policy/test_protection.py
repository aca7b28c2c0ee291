"""Addresses, user agents, and the closed gateway."""

from collections.abc import Sequence
from ipaddress import ip_network

import pytest

from router.config.security import BotsSection, IpSection
from router.errors import BotDeniedError, IpDeniedError, MaintenanceError
from router.policy.bots import Bots
from router.policy.ip_filter import IpFilter
from router.policy.maintenance import Maintenance
from tests.requests_in import request_in


async def is_let_in(
    address: str,
    *,
    allow: Sequence[str] = (),
    deny: Sequence[str] = (),
    forwarded: Sequence[str] = (),
    depth: int = 0,
) -> bool:
    policy = IpFilter(
        allow=[ip_network(each) for each in allow],
        deny=[ip_network(each) for each in deny],
        trusted_proxy_depth=depth,
    )
    headers = [("x-forwarded-for", value) for value in forwarded]
    try:
        await policy.on_request(request_in(headers=headers, peer_ip=address))
    except IpDeniedError:
        return False
    return True


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", False),
        ("203.0.114.7", True),
        ("::ffff:203.0.113.7", False),
        ("2001:db8::1", False),
        ("2001:db9::1", True),
        ("fe80::1%eth0", True),
    ],
)
async def test_denied_networks_stay_out(address: str, *, expected: bool) -> None:
    assert await is_let_in(address, deny=["203.0.113.0/24", "2001:db8::/32"]) is expected


async def test_if_some_are_allowed_nobody_else_is() -> None:
    assert await is_let_in("10.1.2.3", allow=["10.0.0.0/8"])
    assert not await is_let_in("11.1.2.3", allow=["10.0.0.0/8"])
    assert not await is_let_in("::1", allow=["10.0.0.0/8"])


async def test_a_denied_address_stays_out_of_an_allowed_network() -> None:
    assert not await is_let_in("10.1.2.3", allow=["10.0.0.0/8"], deny=["10.1.2.3"])


async def test_the_address_that_a_trusted_proxy_saw_counts() -> None:
    assert not await is_let_in("10.0.0.1", deny=["203.0.113.7"], forwarded=["203.0.113.7"], depth=1)


async def test_a_client_cannot_write_itself_another_address() -> None:
    forwarded = ["198.51.100.1, 203.0.113.7"]
    assert not await is_let_in("10.0.0.1", deny=["203.0.113.7"], forwarded=forwarded, depth=1)
    assert await is_let_in("10.0.0.1", deny=["203.0.113.7"], forwarded=["203.0.113.7"], depth=0)


@pytest.mark.parametrize("text", ["300.0.0.1", "10.0.0.0/33", "example.com", "10.0.0.1/8"])
def test_what_is_no_network_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="write an address, or a network"):
        IpSection.model_validate({"deny": [text]})


async def test_an_unwanted_user_agent_stays_out() -> None:
    with pytest.raises(BotDeniedError):
        await Bots(["(?i)sqlmap"]).on_request(request_in(headers={"user-agent": "SQLmap/1.7"}))


async def test_other_user_agents_and_none_pass() -> None:
    bots = Bots(["(?i)sqlmap"])
    assert await bots.on_request(request_in(headers={"user-agent": "Mozilla/5.0"})) is None
    assert await bots.on_request(request_in()) is None


def test_what_is_no_regular_expression_is_told() -> None:
    with pytest.raises(ValueError, match="not a regular expression"):
        BotsSection.model_validate({"deny_user_agents": ["("]})


async def test_a_closed_gateway_says_when_to_come_back() -> None:
    with pytest.raises(MaintenanceError) as refused:
        await Maintenance(retry_after_seconds=90.0).on_request(request_in())
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "90")
