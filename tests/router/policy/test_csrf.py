"""Cross-site request forgery: what could come from a page on another site, and what could not."""

import pytest

from router.errors import CsrfError, UnsupportedMediaTypeError
from router.policy.csrf import Csrf
from router.policy.request import Door
from tests.requests_in import request_in

POLICY = Csrf(required_headers=("x-apollo-operation-name", "apollo-require-preflight"))


async def passes(method: str, headers: list[tuple[str, str]], browser: tuple[str, str] = ("Cookie", "a=b")) -> bool:
    try:
        await POLICY.on_request(request_in(method=method, headers=[*headers, browser]))
    except CsrfError as error:
        return error.status != 400
    return True


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/graphql+json"],
)
async def test_content_types_that_need_a_preflight_pass(content_type: str) -> None:
    assert await passes("POST", [("Content-Type", content_type)])


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "TEXT/PLAIN",
        "text/plain; charset=utf-8",
        "text/plain;application/json",
        "text/plain; x=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json, text/plain",
        "text/plain, application/json",
        "json",
        "",
        "/",
    ],
)
async def test_content_types_that_a_page_can_send_do_not(content_type: str) -> None:
    assert not await passes("POST", [("content-type", content_type)])


async def test_two_content_types_are_not_believed() -> None:
    assert not await passes("POST", [("content-type", "application/json"), ("content-type", "text/plain")])


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_without_a_content_type_a_header_must_show_the_preflight(method: str) -> None:
    assert not await passes(method, [])
    assert not await passes(method, [("apollo-require-preflight", "")])
    assert await passes(method, [("Apollo-Require-Preflight", "true")])
    assert await passes(method, [("x-apollo-operation-name", "Me")])


@pytest.mark.parametrize(
    "mark",
    [
        ("origin", "https://elsewhere.example"),
        ("referer", "https://elsewhere.example/page"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "no-cors"),
        ("authorization", "Basic YTpi"),
        ("authorization", "Negotiate abc"),
    ],
)
async def test_any_mark_of_a_browser_or_of_its_own_credentials_counts(mark: tuple[str, str]) -> None:
    assert not await passes("GET", [], browser=mark)


@pytest.mark.parametrize("harmless", [("user-agent", "curl/8"), ("authorization", "Bearer abc"), ("accept", "*/*")])
async def test_a_plain_client_may_ask_with_a_plain_get(harmless: tuple[str, str]) -> None:
    assert await passes("GET", [], browser=harmless)


async def test_a_form_passes_with_the_header() -> None:
    assert await passes("POST", [("content-type", "multipart/form-data"), ("apollo-require-preflight", "1")])


async def test_a_get_with_the_content_type_of_json_passes() -> None:
    assert await passes("GET", [("content-type", "application/json")])


@pytest.mark.parametrize("content_type", ["message/x", "text/plain", "application/json2", "nonsense", "application/x"])
async def test_a_get_with_an_odd_content_type_is_refused_whatever_else_it_says(content_type: str) -> None:
    headers = [("content-type", content_type), ("apollo-require-preflight", "1")]
    with pytest.raises(UnsupportedMediaTypeError):
        await POLICY.on_request(request_in(method="GET", headers=headers))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_safe_methods_of_rest_routes_are_not_asked(method: str) -> None:
    request = request_in("rest", method=method, headers={"cookie": "a=b", "origin": "https://evil.example.com"})
    assert await POLICY.on_request(request) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("door", ["graphql", "rest"])
async def test_a_page_on_another_site_can_change_nothing_on_either_door(door: Door, method: str) -> None:
    headers = {"cookie": "a=b", "origin": "https://evil.example.com", "content-type": "text/plain"}
    with pytest.raises(CsrfError):
        await POLICY.on_request(request_in(door, method=method, headers=headers))


@pytest.mark.parametrize(
    ("site", "passes"), [("same-origin", True), ("none", True), ("same-site", False), ("cross-site", False)]
)
async def test_a_browser_can_say_that_the_page_is_our_own(site: str, *, passes: bool) -> None:
    request = request_in(method="POST", headers={"sec-fetch-site": site, "cookie": "a=b", "content-type": "text/plain"})
    if passes:
        assert await POLICY.on_request(request) is None
    else:
        with pytest.raises(CsrfError):
            await POLICY.on_request(request)


async def test_a_browser_that_says_two_things_is_not_believed() -> None:
    headers = [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site"), ("content-type", "text/plain")]
    with pytest.raises(CsrfError):
        await POLICY.on_request(request_in(method="POST", headers=headers))
