"""Where credentials are looked for, and what becomes of bad ones."""

import asyncio

import pytest

from router.config.authentication import CookieSource, HeaderSource, QuerySource
from router.errors import (
    AuthenticationUnavailableError,
    InvalidAuthHeaderError,
    RequestError,
    TokenExpiredError,
    UnauthenticatedError,
)
from router.identity.bearer import BearerTokens, find_token
from router.identity.jwks import FixedKeys, KeySet
from router.identity.keys import read_keys
from router.identity.tokens import TokenVerifier, TrustedIssuer
from router.policy.authenticate import Authenticate
from router.policy.authorize import Authorize, authenticated, public
from tests.fake_clock import FakeClock
from tests.issuer import NOW, jwk, rsa_key, token
from tests.requests_in import request_in

HEADER = HeaderSource()
COOKIE = CookieSource(type="cookie", name="authz")


def policy(*, continue_on_error: bool = False, keys: KeySet | None = None) -> Authenticate:
    trusted = TrustedIssuer(
        keys=keys or FixedKeys(read_keys([jwk(rsa_key(), kid="k1")])), algorithms=frozenset({"RS256"})
    )
    verifier = TokenVerifier([trusted], clock_skew_seconds=60.0, wall_clock=FakeClock(NOW))
    return Authenticate([BearerTokens(verifier, sources=(HEADER, COOKIE), continue_on_error=continue_on_error)])


async def test_a_good_token_in_the_header_names_the_caller() -> None:
    request = request_in(headers={"Authorization": f"Bearer {token()}"})
    await policy().on_request(request)
    assert request.identity is not None
    assert request.identity.id == "ada"


async def test_a_good_token_in_the_cookie_names_the_caller() -> None:
    request = request_in(headers={"Cookie": f"theme=dark; authz={token()}"})
    await policy().on_request(request)
    assert request.identity is not None
    assert request.identity.id == "ada"


async def test_without_a_credential_the_caller_is_anonymous() -> None:
    request = request_in()
    await policy().on_request(request)
    assert request.identity is None


async def test_a_bad_token_ends_the_request() -> None:
    with pytest.raises(TokenExpiredError):
        await policy().on_request(request_in(headers={"authorization": f"Bearer {token(exp=NOW - 61)}"}))


@pytest.mark.parametrize("value", [f"Bearer {token(exp=NOW - 61)}", "Bearer x", "Basic x", "Bearer"])
async def test_a_bad_credential_may_count_as_none(value: str) -> None:
    request = request_in(headers={"authorization": value})
    await policy(continue_on_error=True).on_request(request)
    assert request.identity is None


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "", "Basic YTpi", "token", "Bearer a b", "Bearera"])
def test_a_malformed_header_is_refused_with_a_code_of_its_own(value: str) -> None:
    with pytest.raises(InvalidAuthHeaderError) as refused:
        find_token(request_in(headers={"authorization": value}), (HEADER,))
    assert refused.value.code == "INVALID_AUTH_HEADER"
    assert refused.value.headers["WWW-Authenticate"] == 'Bearer error="invalid_request"'


def test_of_two_headers_none_is_believed() -> None:
    request = request_in(headers=[("authorization", "Bearer a"), ("authorization", "Bearer b")])
    with pytest.raises(InvalidAuthHeaderError):
        find_token(request, (HEADER,))


@pytest.mark.parametrize("value", ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c", " Bearer a.b.c "])
def test_the_scheme_is_read_in_any_case(value: str) -> None:
    assert find_token(request_in(headers={"authorization": value}), (HEADER,)) == "a.b.c"


def test_another_scheme_can_be_left_to_others() -> None:
    source = HeaderSource(ignore_other_prefixes=True)
    assert find_token(request_in(headers={"authorization": "Basic YTpi"}), (source,)) is None


def test_a_header_can_be_the_token_itself() -> None:
    source = HeaderSource(name="x-token", value_prefix="")
    assert find_token(request_in(headers={"x-token": "a.b.c"}), (source,)) == "a.b.c"


def test_sources_are_asked_in_order() -> None:
    request = request_in(headers={"authorization": "Bearer first", "cookie": "authz=second"})
    assert find_token(request, (HEADER, COOKIE)) == "first"
    assert find_token(request, (COOKIE, HEADER)) == "second"


@pytest.mark.parametrize(
    ("cookie", "found"),
    [("authz=a.b.c", "a.b.c"), ('x=1;authz="a.b.c"', "a.b.c"), ("authz=", None), ("notauthz=a", None), ("authz", None)],
)
def test_a_cookie_is_found_among_others(cookie: str, found: str | None) -> None:
    assert find_token(request_in(headers={"cookie": cookie}), (COOKIE,)) == found


class NoKeys:
    """A key set that never could be fetched; its work never ends."""

    def __init__(self) -> None:
        self.working = asyncio.Event()

    async def find(self, key_id: str | None) -> tuple[()]:
        raise AuthenticationUnavailableError(key_id or "")

    async def work(self) -> None:
        self.working.set()
        await asyncio.Event().wait()


async def test_without_keys_the_gateway_is_at_fault_not_the_caller() -> None:
    with pytest.raises(AuthenticationUnavailableError) as refused:
        await policy(keys=NoKeys()).on_request(request_in(headers={"authorization": f"Bearer {token()}"}))
    assert refused.value.status == 503


async def test_key_sets_are_kept_up_to_date_by_the_policys_work() -> None:
    keys = NoKeys()
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(policy(keys=keys).work())
        await keys.working.wait()
        work.cancel()


@pytest.mark.parametrize(
    ("default", "route", "refused"),
    [(public, None, False), (authenticated, None, True), (authenticated, public, False), (public, authenticated, True)],
)
async def test_a_route_says_what_it_requires(default: object, route: object, refused: bool) -> None:  # noqa: FBT001
    assert default in (public, authenticated)
    requirements = {"things": authenticated if route is authenticated else public} if route else {}
    authorize = Authorize(default=authenticated if default is authenticated else public, routes=requirements)
    error: RequestError | None = None
    try:
        await authorize.on_request(request_in("rest"))
    except UnauthenticatedError as raised:
        error = raised
    assert (error is not None) == refused


async def test_a_missing_credential_is_challenged_without_an_error() -> None:
    with pytest.raises(UnauthenticatedError) as refused:
        await Authorize(default=authenticated, routes={}).on_request(request_in())
    assert refused.value.code == "UNAUTHENTICATED"
    assert refused.value.headers == {"WWW-Authenticate": "Bearer"}


@pytest.mark.parametrize(
    ("query", "found"),
    [("token=a.b.c", "a.b.c"), ("x=1&token=a%2Eb.c", "a.b.c"), ("mytoken=a", None), ("token=", None), ("", None)],
)
def test_a_token_can_stand_in_the_url(query: str, found: str | None) -> None:
    request = request_in()
    request.query_string = query
    assert find_token(request, (QuerySource(type="query", name="token"),)) == found


def test_two_tokens_in_the_url_are_refused() -> None:
    request = request_in()
    request.query_string = "token=a&token=b"
    with pytest.raises(InvalidAuthHeaderError):
        find_token(request, (QuerySource(type="query", name="token"),))


def test_no_token_is_looked_for_in_the_url_unless_told() -> None:
    request = request_in()
    request.query_string = "token=a.b.c&access_token=a.b.c"
    assert find_token(request, (HEADER, COOKIE)) is None
