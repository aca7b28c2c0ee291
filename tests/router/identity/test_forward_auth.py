"""Asking another service who calls."""

from collections.abc import Mapping

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from router.config.authentication import ForwardAuthSection
from router.errors import AuthenticationUnavailableError, DeniedError, ForbiddenError
from router.identity.forward_auth import ForwardAuth
from tests.fake_clock import FakeClock
from tests.requests_in import request_in

KNOWN = {"X-User-ID": "ada", "X-User-Plan": "pro", "X-User-Scopes": "a b", "X-User-Role": "admin", "X-Secret": "s"}
CALL = {"authorization": "Bearer t"}


class Service:
    """Answers with what the test says, and keeps what it was asked."""

    def __init__(self, status: int = 200, headers: Mapping[str, str] = KNOWN, problem: OSError | None = None) -> None:
        self.status = status
        self.headers = headers
        self.problem = problem
        self.asked: list[dict[str, str]] = []

    async def ask(self, _url: str, headers: Mapping[str, str], _seconds: float) -> tuple[int, CIMultiDictProxy[str]]:
        self.asked.append(dict(headers))
        if self.problem is not None:
            raise self.problem
        return self.status, CIMultiDictProxy(CIMultiDict(self.headers))


def forward(service: Service, clock: FakeClock | None = None, **options: object) -> ForwardAuth:
    section = ForwardAuthSection.model_validate(
        {
            "url": "http://auth.test/verify",
            "response_headers": ["X-User-Role"],
            **options,
        }
    )
    return ForwardAuth(section, ask=service.ask, clock=clock or FakeClock())


async def test_the_service_names_the_caller() -> None:
    identity = await forward(Service()).authenticate(request_in(headers=CALL))
    assert identity is not None
    assert (identity.id, identity.plan, identity.scopes) == ("ada", "pro", frozenset({"a", "b"}))


async def test_only_the_listed_headers_of_its_answer_are_taken() -> None:
    identity = await forward(Service()).authenticate(request_in(headers=CALL))
    assert identity is not None
    assert identity.claims == {"x-user-role": "admin"}


async def test_it_is_told_the_credential_and_the_place_and_nothing_else() -> None:
    service = Service()
    await forward(service).authenticate(request_in(headers={**CALL, "x-private": "1"}))
    assert service.asked == [
        {
            "authorization": "Bearer t",
            "X-Forwarded-Method": "POST",
            "X-Forwarded-Uri": "/graphql",
            "X-Forwarded-For": "192.0.2.1",
        }
    ]


async def test_a_request_without_a_credential_is_anonymous_and_not_asked_about() -> None:
    service = Service()
    assert await forward(service).authenticate(request_in()) is None
    assert service.asked == []


async def test_401_is_a_bad_credential() -> None:
    with pytest.raises(DeniedError) as refused:
        await forward(Service(401)).authenticate(request_in(headers=CALL))
    assert refused.value.status == 401


async def test_403_is_a_caller_who_may_not() -> None:
    with pytest.raises(ForbiddenError):
        await forward(Service(403)).authenticate(request_in(headers=CALL))


@pytest.mark.parametrize(
    "service",
    [Service(500), Service(302), Service(problem=ConnectionError("refused")), Service(problem=TimeoutError())],
    ids=["500", "redirect", "refused", "slow"],
)
async def test_a_service_that_is_away_lets_nobody_in(service: Service) -> None:
    with pytest.raises(AuthenticationUnavailableError) as refused:
        await forward(service).authenticate(request_in(headers=CALL))
    assert refused.value.status == 503


async def test_a_service_that_is_away_can_mean_anonymous() -> None:
    assert await forward(Service(500), on_error="anonymous").authenticate(request_in(headers=CALL)) is None


async def test_an_answer_that_names_nobody_lets_nobody_in() -> None:
    with pytest.raises(AuthenticationUnavailableError):
        await forward(Service(headers={})).authenticate(request_in(headers=CALL))


async def test_an_answer_is_used_again_for_the_same_credential_only() -> None:
    service, clock = Service(), FakeClock()
    asking = forward(service, clock, ttl="10s")
    for headers in (CALL, CALL, {"authorization": "Bearer other"}):
        await asking.authenticate(request_in(headers=headers))
    assert len(service.asked) == 2
    clock.advance(10.0)
    await asking.authenticate(request_in(headers=CALL))
    assert len(service.asked) == 3
