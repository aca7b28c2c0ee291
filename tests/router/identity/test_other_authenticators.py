"""Client certificates, authenticators of the user's own, and the order of all of them."""

import pytest

from router.config.authentication import RouterAuthentication
from router.errors import AuthenticationUnavailableError, DeniedError
from router.identity.authenticator import Presented
from router.identity.build import AuthenticatorTools, build_authenticators
from router.identity.certificate import ClientCertificate
from router.identity.client_certificate import ClientCertificates, IdFrom
from router.identity.custom import Custom, CustomAuthenticatorError, load_check
from router.identity.forward_auth import cannot_ask
from router.identity.identity import Identity
from router.policy.policies import cannot_fetch
from tests.fake_clock import FakeClock
from tests.requests_in import request_in

DECODED = {
    "subject": ((("organizationName", "Acme"),), (("commonName", "orders"),)),
    "subjectAltName": (("DNS", "orders.internal"), ("email", "a@acme.test"), ("URI", "spiffe://acme/orders")),
}


class Ticket:
    """An authenticator as a user would write it."""

    credential_headers = ("x-ticket",)

    def __init__(self, good: str = "t1") -> None:
        self.good = good
        self.asked = 0

    async def authenticate(self, presented: Presented) -> Identity | None:
        self.asked += 1
        ticket = presented.headers.get("x-ticket")
        if ticket == "broken":
            raise ZeroDivisionError
        if ticket is not None and ticket != self.good:
            raise DeniedError
        return None if ticket is None else Identity(id="guest", method="ticket", plan="free")


class NoMethod:
    """Not an authenticator."""


@pytest.mark.parametrize(
    ("id_from", "name"),
    [
        ("common_name", "orders"),
        ("dns", "orders.internal"),
        ("email", "a@acme.test"),
        ("uri", "spiffe://acme/orders"),
    ],
)
async def test_a_part_of_the_certificate_names_the_caller(id_from: IdFrom, name: str) -> None:
    request = request_in()
    request.peer_certificate = ClientCertificate.read(b"der", DECODED)
    identity = await ClientCertificates(id_from=id_from).authenticate(request)
    assert identity is not None
    assert identity.id == name
    assert identity.claims["subject"] == "O=Acme,CN=orders"


async def test_a_certificate_without_that_part_names_nobody() -> None:
    request = request_in()
    request.peer_certificate = ClientCertificate.read(b"der", {"subject": ((("organizationName", "Acme"),),)})
    assert await ClientCertificates(id_from="common_name").authenticate(request) is None


async def test_without_a_certificate_nobody_is_named() -> None:
    assert await ClientCertificates(id_from="fingerprint").authenticate(request_in()) is None


def custom(check: Ticket, clock: FakeClock | None = None, ttl: float = 0.0) -> Custom:
    return Custom("ticket", check, ttl_seconds=ttl, clock=clock or FakeClock())


async def test_a_class_of_the_users_own_names_the_caller() -> None:
    identity = await custom(Ticket()).authenticate(request_in(headers={"x-ticket": "t1"}))
    assert identity is not None
    assert identity.id == "guest"


async def test_it_may_refuse() -> None:
    with pytest.raises(DeniedError):
        await custom(Ticket()).authenticate(request_in(headers={"x-ticket": "t2"}))


async def test_its_failure_lets_nobody_in() -> None:
    with pytest.raises(AuthenticationUnavailableError):
        await custom(Ticket()).authenticate(request_in(headers={"x-ticket": "broken"}))


async def test_what_it_said_is_remembered_for_the_same_credential() -> None:
    check, clock = Ticket(), FakeClock()
    asking = custom(check, clock, ttl=5.0)
    for _ in range(3):
        await asking.authenticate(request_in(headers={"x-ticket": "t1"}))
    assert check.asked == 1
    clock.advance(5.0)
    await asking.authenticate(request_in(headers={"x-ticket": "t1"}))
    assert check.asked == 2


def test_a_class_is_made_with_its_config() -> None:
    check = load_check(f"{__name__}:Ticket", {"good": "t9"})
    assert isinstance(check, Ticket)
    assert check.good == "t9"


@pytest.mark.parametrize(
    ("use", "config", "says"),
    [
        ("no.such.module:A", {}, "cannot be imported"),
        (f"{__name__}:Missing", {}, "cannot be imported"),
        (f"{__name__}:Ticket", {"bad": 1}, "does not take its config"),
        (f"{__name__}:NoMethod", {}, "no method"),
    ],
)
def test_a_class_that_cannot_be_used_is_told(use: str, config: dict[str, object], says: str) -> None:
    with pytest.raises(CustomAuthenticatorError, match=says):
        load_check(use, config)


def names(**section: object) -> list[str]:
    tools = AuthenticatorTools(
        fetch=cannot_fetch, ask=cannot_ask, clock=FakeClock(), wall_clock=FakeClock(), on_key_set_refresh=lambda _: None
    )
    built = build_authenticators(RouterAuthentication.model_validate(section), tools)
    return [each.name for each in built]


ALL: dict[str, object] = {
    "api_key": {},
    "mtls": {},
    "forward_auth": {"url": "http://auth.test"},
    "hmac": {"keys": [{"id": "a", "secret": "x" * 16}]},
    "custom": [{"use": f"{__name__}:Ticket", "name": "ticket"}],
}


def test_authenticators_are_asked_in_a_fixed_order_by_default() -> None:
    assert names(**ALL) == ["mtls", "hmac", "api_key", "forward_auth", "ticket"]


def test_the_order_can_be_said() -> None:
    assert names(**ALL, order=["ticket", "api_key"]) == ["ticket", "api_key", "mtls", "hmac", "forward_auth"]


def test_an_unknown_name_in_the_order_is_refused() -> None:
    with pytest.raises(ValueError, match="jwtt in order is no authenticator"):
        names(order=["jwtt"])
